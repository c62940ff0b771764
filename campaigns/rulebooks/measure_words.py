"""What races rank by, in words: measures, and the time that their sums are taken over."""

from collections.abc import Mapping

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from campaigns.eligibility.sentences import localised
from campaigns.measures import BEFORE as BEFORE_FORM
from campaigns.measures import DAILY, HOURLY, METRIC, MILESTONE, RATIO, SUM
from sellers.metrics import registry
from sellers.metrics.statistics import SOURCES

# Texts by language, by code.
Titles = Mapping[str, dict]


def field_words(of: str, name: str) -> str:
    """A number of sellers' (``of`` "seller") or items' hours, in the active language; one that
    nobody knows as its code."""
    source = SOURCES.get(f"{of}_hours")
    field = source and source.fields.get(name)
    if not field:
        return name
    model = source.model(of)
    if not field.minus:
        return str(model._meta.get_field(field.path).verbose_name)
    what, less = (
        str(model._meta.get_field(path).verbose_name) for path in (field.path, field.minus)
    )
    return _("%(amount)s less %(other)s") % {"amount": what, "other": less}


def figure_words(part: dict, metrics: Titles | None = None) -> str:
    """What one figure of a measure is, without the time that it is of."""
    if METRIC in part:
        code = part[METRIC]
        texts = (metrics or {}).get(code)
        if texts is None:
            known = registry.all_metrics().get(code)
            texts = known.label if known else {}
        return localised(texts, get_language() or "en") or code
    words = {"figure": field_words(part.get("of", "seller"), part.get(SUM, ""))}
    if part.get("of") == "item":
        return _("%(figure)s of the items") % words
    return _("%(figure)s of the shop") % words


def facts_words(facts, milestones: Titles | None = None) -> str:
    """Which time sums are taken over."""
    if facts == HOURLY:
        return _("previous hour")
    if facts == DAILY:
        return _("previous day")
    if not isinstance(facts, dict) or len(facts) != 1:
        return _("none") if not facts else str(facts)
    ((form, code),) = facts.items()
    title = localised((milestones or {}).get(code) or {}, get_language() or "en") or code
    what = {"milestone": title}
    if form == MILESTONE:
        return _("during “%(milestone)s”") % what
    if form == BEFORE_FORM:
        return _("before “%(milestone)s”") % what
    return _("since “%(milestone)s” began") % what


def parts_words(
    measure: dict, metrics: Titles | None = None, milestones: Titles | None = None
) -> str:
    """The figure or the two figures of a measure, each with its own time where it has one."""
    words = []
    for part in measure.get(RATIO) or [measure]:
        text = figure_words(part, metrics)
        if "facts" in part:
            time = facts_words(part["facts"], milestones)
            text = _("%(figure)s, %(time)s") % {"figure": text, "time": time}
        words.append(text)
    return " ÷ ".join(words)


def measure_words(
    measure: dict | None, metrics: Titles | None = None, milestones: Titles | None = None
) -> str:
    """All that a rulebook says of a measure, on one line: “title”: figure (lowest first, …)."""
    if not measure:
        return _("none")
    text = parts_words(measure, metrics, milestones)
    title = localised(measure.get("title") or {}, get_language() or "en")
    if title:
        text = _("“%(title)s”: %(text)s") % {"title": title, "text": text}
    more = []
    if measure.get("order") == "asc":
        more.append(_("the lowest first"))
    if "weight" in measure:
        more.append(_("weight %(weight)s") % {"weight": measure["weight"]})
    if measure.get("percentile"):
        more.append(_("as a percentile"))
    if not more:
        return text
    return _("%(text)s (%(more)s)") % {"text": text, "more": ", ".join(more)}

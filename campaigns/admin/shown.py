"""How statuses, texts, findings and requirements look in the admin."""

from collections.abc import Iterable

from django.contrib.admin import display
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from campaigns.eligibility.sentences import comparator_text, localised, unit_text
from campaigns.models import Entry, Finding, Ground, SweepRun
from campaigns.overdue import terms_in_force
from sellers import clock

TONES = {
    Entry.Status.APPROVED: "good",
    Entry.Status.SUBMITTED: "wait",
    Entry.Status.IN_REVIEW: "wait",
    Entry.Status.AT_RISK: "warn",
    Entry.Status.ABNORMAL: "warn",
    Entry.Status.UNPUBLISHED: "warn",
    Entry.Status.REJECTED: "bad",
    Entry.Status.CLEARED_OUT: "bad",
    SweepRun.State.DONE: "good",
    SweepRun.State.TRIPPED: "bad",
    SweepRun.State.FAILED: "bad",
    SweepRun.State.APPLYING: "wait",
    SweepRun.State.EVALUATING: "wait",
    SweepRun.State.REFRESHING: "wait",
}


def badge(text, tone="plain") -> SafeString:
    """A small label in a tone: good, wait, warn, bad, plain. The text says it all; colour helps."""
    return format_html('<span class="paddock-badge {}">{}</span>', tone, text)


def status_badge(entry: Entry) -> SafeString:
    """An entry's status."""
    return badge(entry.get_status_display(), TONES.get(entry.status, "plain"))


def text(texts) -> str:
    """A rulebook's text in the language of the reader."""
    return localised(texts, get_language() or "en")


def venue_titles(venues: Iterable[int]) -> dict[int, str]:
    """What the rulebooks in force call these venues (ids), in the reader's language; one query."""
    terms = terms_in_force(clock.now()).filter(venue__in=list(venues))
    return {venue: text(title) for venue, title in terms.values_list("venue", "title")}


def link(obj, label=None) -> SafeString:
    """A link to an object's page in the admin."""
    meta = obj._meta
    address = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[obj.pk])
    return format_html('<a class="paddock-link" href="{}">{}</a>', address, label or obj)


def finding_title(finding: Finding) -> str:
    """The requirement's title, or what the process's reason means."""
    if finding.requirement:
        return text(finding.requirement.title) or finding.code
    return reason_text(finding.code)


def action_text(action: str) -> str:
    """What a stage does about a failure, in words."""
    return {
        "reject": _("refuse"),
        "hold": _("hold for manual review"),
        "clear_out": _("clear out"),
        "unpublish": _("unpublish"),
        "abnormal": _("make abnormal"),
        "at_risk": _("put at risk"),
        "flag": _("only flag"),
        "withhold": _("withhold"),
    }.get(action, action)


def reason_text(code: str) -> str:
    """A process reason in words; an unknown one as its code."""
    return {
        "window_closed": _("Registration is closed"),
        "registration_paused": _("Registration is paused"),
        "not_registered": _("The seller has not joined the campaign"),
        "not_selectable": _("The item cannot be picked"),
        "not_invited": _("Not invited"),
        "invitation_used": _("The invitation is used up"),
        "venue_closed": _("The venue takes no registrations"),
        "quota_full": _("No place is left"),
        "conflict": _("The item stands in another venue"),
        "bonus_condition": _("The condition is not met"),
        "bonus_not_enrolled": _("The seller has not enrolled"),
        "bonus_unconfirmed": _("Waits for an operator’s confirmation"),
        "bonus_refused": _("An operator refused it"),
        "bonus_window": _("Its places cannot be used now"),
        "unknown_source": _("From a source that is not known"),
        "already_claimed": _("Another entry holds the item"),
        "duplicate_row": _("The item stands twice in the filing"),
        "unknown_item": _("There is no such item"),
        "not_your_item": _("The item belongs to another seller"),
        "price_missing": _("The campaign price is missing"),
        "campaign_suspended": _("The campaign is suspended"),
        "rejected_by_reviewer": _("Rejected by a reviewer"),
        "superseded_by": _("Another entry of the item took its place"),
        "cleared_out_by_operator": _("Cleared out by an operator"),
        "permission_revoked": _("The seller’s permission is taken back"),
        "owner_only": _("Only the venue’s owner decides this now"),
    }.get(code, code)


def ground_row(ground: Ground, metrics: dict) -> dict:
    """A ground for a table, with the metric's name in the language of the reader."""
    metric = metrics.get(ground.metric)
    return {
        "ground": ground,
        "label": text(metric.label) if metric else ground.metric,
        "comparator": comparator_text(ground.comparator),
        "unit": unit_text(ground.unit),
    }


def ground_text(ground: Ground) -> str:
    """A ground in words: measured, comparator, threshold."""
    measured = _("not known") if ground.measured is None else ground.measured
    words = [f"{ground.metric}: {measured}", comparator_text(ground.comparator)]
    if ground.threshold is not None:
        words.append(ground.threshold)
    if ground.unit:
        words.append(unit_text(ground.unit))
    return " ".join(words)


def column(description, ordering=None):
    """A list column with a title of its own."""
    return display(description=description, ordering=ordering, empty_value="–")

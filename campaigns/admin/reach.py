"""On a requirement's page: how many live entries it would touch, counted by a worker."""

from django.contrib import messages
from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _

from campaigns import permissions, reach
from campaigns.admin import shown
from campaigns.eligibility.bound import stage_terms
from campaigns.eligibility.vocabulary import vocabulary_of
from campaigns.models import Entry, Ground, ReachCount, Requirement
from campaigns.tasks import enqueue_count
from campaigns.windows import words as window_words
from sellers import clock

State = ReachCount.State
FRAGMENT = "admin/campaigns/requirement/reach.html"
# What the page's script sends, which wants the section and not the page.
SCRIPT = "fetch"


class ReachSection:
    """A requirement's admin with the section below its form."""

    change_form_outer_after_template = "admin/campaigns/requirement/after.html"

    class Media:
        js = ["campaigns/reach.js"]

    def get_urls(self):
        """With the address of the section: GET shows it, POST asks for a count."""
        own = path(
            "<int:requirement>/reach/",
            self.admin_site.admin_view(self.reach_view),
            name="campaigns_requirement_reach",
        )
        return [own, *super().get_urls()]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """The page with the section, for those who may see what sweeps find."""
        requirement = Requirement.objects.filter(pk=object_id).select_related("version").first()
        context = dict(extra_context or {})
        if requirement is not None and permissions.may_audit(request.user):
            context["reach_section"] = section(requirement, request.user)
        return super().change_view(request, object_id, form_url, context)

    def reach_view(self, request, requirement):
        """The section alone; a POST first queues a count, unless one is under way."""
        row = get_object_or_404(Requirement.objects.select_related("version"), pk=requirement)
        if not (self.has_view_permission(request, row) and permissions.may_audit(request.user)):
            raise PermissionDenied
        by_script = request.headers.get("X-Requested-With") == SCRIPT
        if request.method == "POST":
            if not may_ask(request.user):
                raise PermissionDenied
            self._ask(request, row)
        if request.method == "POST" and not by_script:
            page = reverse("admin:campaigns_requirement_change", args=[row.pk])
            return HttpResponseRedirect(f"{page}#reach")
        context = {"reach_section": section(row, request.user)}
        return TemplateResponse(request, FRAGMENT, context)

    def _ask(self, request, requirement):
        try:
            count = reach.ask(requirement, at=clock.now(), actor=request.user)
        except reach.ReachRefused as error:
            self.message_user(request, str(error), messages.ERROR)
            return
        if count.state == State.QUEUED:
            enqueue_count(count.pk)


def may_ask(user) -> bool:
    """Whether a user may have a requirement counted: operators who may edit rulebooks."""
    return permissions.may_operate(user) and user.has_perm("campaigns.change_requirement")


def section(requirement: Requirement, user) -> dict:
    """What the section's template shows to a user."""
    now = clock.now()
    stage = reach.stage_of(requirement)
    found = reach.reach_of(requirement, now)
    is_done = found is not None and found.count.state == State.DONE
    return {
        "requirement": requirement,
        "stage": stage,
        "may_ask": stage is not None and may_ask(user),
        "reach": found,
        "what": None if stage is None else _what(requirement, stage),
        "said": _said(found.numbers) if is_done else None,
        "remarks": [_remark(code) for code in found.remarks] if is_done else [],
        "examples": _examples(found.count, requirement.version) if is_done else [],
        # A link to the page itself would only move within it.
        "refresh": f"?seen={now.timestamp():.0f}#reach",
    }


def _what(requirement, stage):
    """Which terms are counted, and what a failure does there."""
    action = shown.action_text(stage_terms(requirement, stage).get("action", ""))
    if stage == "recheck":
        return _("As the re-check asks it. What it does about a failure: %(action)s.") % {
            "action": action
        }
    return _(
        "As admission asks it, for it is not asked at the re-check: live entries would stay, and "
        "be refused if they were filed today."
    )


def _said(numbers):
    """The numbers in a sentence."""
    if not numbers.live:
        return _("The campaign has no live entries.")
    share = str(numbers.share)
    if numbers.failed and share == "0.0":
        share = "< 0.1"
    told = {
        "live": intcomma(numbers.live),
        "failed": intcomma(numbers.failed),
        "share": share,
        "held": intcomma(numbers.held),
    }
    if numbers.held:
        return (
            _(
                "Of %(live)s live entries it would fail %(failed)s (%(share)s %%) and could not "
                "answer for %(held)s."
            )
            % told
        )
    return _("Of %(live)s live entries it would fail %(failed)s (%(share)s %%).") % told


def _remark(code):
    return {
        "not_yet": _("The requirement is not in force yet; counted as if it were."),
        "over": _("The requirement is no longer in force; counted as if it were."),
        "replaced": _("Another requirement takes its place in every venue, so it asks nothing."),
    }[code]


def _examples(count, version):
    ids = [example["entry"] for example in count.examples]
    entries = Entry.objects.select_related("item", "seller", "venue").in_bulk(ids)
    metrics = vocabulary_of(version).metrics if ids else {}
    outcomes = {"fail": (_("would fail"), "bad"), "hold": (_("no answer"), "warn")}
    return [
        {
            "entry": shown.link(entries[example["entry"]], entries[example["entry"]].item),
            "seller": entries[example["entry"]].seller.code,
            "venue": entries[example["entry"]].venue.code,
            "outcome": shown.badge(*outcomes[example["outcome"]]),
            "grounds": _grounds(example["grounds"], metrics),
        }
        for example in count.examples
        if example["entry"] in entries
    ]


def _grounds(grounds, metrics):
    """Comparisons that did not hold; all of them where each one held by itself."""
    telling = [ground for ground in grounds if ground["result"] is not True] or grounds
    return [
        {**shown.ground_row(Ground(**ground), metrics), "window": window_words(ground["window"])}
        for ground in telling
    ]

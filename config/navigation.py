"""The admin's side bar: what staff do, in the order of a day's work, not of the alphabet."""

from django.contrib import admin
from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns import permissions

GROUPS = (
    (
        lambda: _("Every day"),
        ("entry", "cancellationrequest", "alert", "registration", "invitation", "delivery"),
    ),
    (
        lambda: _("Campaigns"),
        ("campaign", "rulebookversion", "venue", "venueassignment", "sweeprun", "release"),
    ),
    (
        lambda: _("Shops in campaigns"),
        (
            "allotment", "bonusgrant", "roundresult", "shoptool", "requirementwaiver",
            "revocation", "finding", "reasontemplate", "channel",
        ),
    ),
)  # fmt: skip


def navigation(request) -> list[dict]:
    """Unfold's groups of links: of the models that the reader may see, those of campaigns grouped
    by work, then every other app as it is."""
    apps = admin.site.get_app_list(request)
    campaigns = next((app for app in apps if app["app_label"] == "campaigns"), {"models": []})
    seen = {model["object_name"].lower(): model for model in campaigns["models"]}
    groups = []
    for title, names in GROUPS:
        found = [seen.pop(name) for name in names if name in seen]
        groups.append(_group(title(), found))
        if "campaign" in names:
            groups[-1]["items"] += _races(request.user)
    groups.append(_group(_("More"), list(seen.values())))
    groups += [_group(app["name"], app["models"]) for app in apps if app is not campaigns]
    return [group for group in groups if group["items"]]


def _races(user):
    """The way to the campaigns' races, which are below the campaigns."""
    if not permissions.may_read_everything(user):
        return []
    return [{"title": _("Races and boards"), "link": reverse("admin:campaigns_campaign_all_races")}]


def _group(title, models):
    return {
        "title": title,
        "items": [
            {
                "title": _("Review queue") if model["object_name"] == "Entry" else model["name"],
                "link": model["admin_url"] or reverse("admin:index"),
            }
            for model in models
        ],
    }

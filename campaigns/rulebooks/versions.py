"""Versions of a campaign's rulebook: which is in force, drafts, publication, differences."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils import translation
from django.utils.translation import gettext as _

from campaigns.models import Campaign, RulebookVersion, SweepRun
from campaigns.rulebooks import bindings, registry
from campaigns.rulebooks.problems import RulebookErrors
from campaigns.rulebooks.rulebook import Rulebook, read_version, with_rows
from campaigns.rulebooks.sections.heading import SETTINGS, current_settings, settings_of

_S = RulebookVersion.State
LANGUAGES = ("en", "zh-hans")


class VersionRefused(Exception):
    """What was asked of a version cannot be done; the message says why."""


def version_in_force(campaign: Campaign, at: datetime) -> RulebookVersion | None:
    """The published version that holds at the instant, None before the first (G520-054).

    A version holds from its ``effective_at`` on, until that of the next one.
    """
    return (
        campaign.versions.filter(state=_S.PUBLISHED, effective_at__lte=at)
        .order_by("-effective_at", "-number")
        .first()
    )


def latest_version(campaign: Campaign) -> RulebookVersion | None:
    """The version with the highest number, a draft or not."""
    return campaign.versions.order_by("-number").first()


def draft_of(campaign: Campaign) -> RulebookVersion | None:
    """The campaign's draft, if there is one."""
    return campaign.versions.filter(state=_S.DRAFT).first()


def require_draft(version: RulebookVersion) -> RulebookVersion:
    """The version, read again and locked; raises VersionRefused unless it is a draft.

    Whatever changes the rows of a version calls this first, in its transaction.
    """
    found = RulebookVersion.objects.select_for_update().get(pk=version.pk)
    if found.state != _S.DRAFT:
        raise VersionRefused(
            _("version %(number)d is published and does not change; make a draft")
            % {"number": found.number}
        )
    return found


@transaction.atomic
def new_draft(campaign: Campaign) -> RulebookVersion:
    """A draft with the rows of the latest version and the campaign's present settings.

    Raises VersionRefused if the campaign has a draft or no version at all.
    """
    campaign = _locked(campaign)
    latest = latest_version(campaign)
    if latest is None:
        raise VersionRefused(_("the campaign has no rulebook to start from; load one"))
    book = read_version(latest)
    heading = book.rows["campaign"][0]
    said, present = settings_of(heading), current_settings(campaign)
    for name in SETTINGS:
        if said[name] != getattr(campaign, name):
            heading[name] = present[name]
    heading["note"] = ""
    return add_draft(campaign, book, source=latest.source)


@transaction.atomic
def add_draft(campaign: Campaign, book: Rulebook, *, source: str = "") -> RulebookVersion:
    """The next version of a campaign, a draft with these rows. Raises VersionRefused if it has a
    draft, RulebookErrors if a fact cannot be declared so."""
    campaign = _locked(campaign)
    existing = draft_of(campaign)
    if existing is not None:
        raise VersionRefused(
            _("version %(number)d is a draft; publish or discard it first")
            % {"number": existing.number}
        )
    highest = campaign.versions.aggregate(highest=Max("number"))["highest"] or 0
    version = RulebookVersion.objects.create(
        campaign=campaign, number=highest + 1, source=source[:300]
    )
    book.save(version)
    bindings.bind(version)
    return version


@transaction.atomic
def discard(version: RulebookVersion) -> None:
    """Remove a draft and the previews that were made of it. Raises VersionRefused."""
    version = require_draft(version)
    SweepRun.objects.filter(version=version, mode=SweepRun.Mode.PREVIEW).delete()
    version.delete()


@transaction.atomic
def publish(
    version: RulebookVersion, *, at: datetime, actor=None, effective_at: datetime | None = None
) -> RulebookVersion:
    """Make a draft the rulebook from ``effective_at`` on, by default from ``at`` (G520-054).

    The campaign takes the version's settings at once, and is published if it was a draft. Raises
    RulebookErrors with all that is wrong in the rows, and VersionRefused if the version is no
    draft, or would take effect in the past or before one that is published already.
    """
    campaign = _locked(version.campaign)
    version = require_draft(version)
    effective_at = effective_at or at
    if effective_at < at:
        raise VersionRefused(_("a version cannot take effect before its publication"))
    published = campaign.versions.filter(state=_S.PUBLISHED)
    latest = published.aggregate(latest=Max("effective_at"))["latest"]
    if latest is not None and effective_at < latest:
        raise VersionRefused(_("another version takes effect later than this one would"))
    problems = bindings.problems_of(version)
    if problems:
        raise RulebookErrors(problems)
    bindings.bind(version)
    version.state = _S.PUBLISHED
    version.published_at, version.effective_at, version.published_by = at, effective_at, actor
    version.save(update_fields=["state", "published_at", "effective_at", "published_by"])
    heading = registry.section("campaign").read(version)[0]
    for name, value in settings_of(heading).items():
        setattr(campaign, name, value)
    if campaign.state == Campaign.State.DRAFT:
        campaign.state = Campaign.State.PUBLISHED
    campaign.save(update_fields=[*SETTINGS, "state"])
    version.campaign = campaign
    return version


def diff(old: RulebookVersion, new: RulebookVersion) -> list[dict[str, str]]:
    """What changes from one version to another, a sentence each: ``{"en": …, "zh-hans": …}``."""
    return differences(*map(read_version, with_rows(old, new)))


def differences(old: Rulebook, new: Rulebook) -> list[dict[str, str]]:
    """What changes from one rulebook to another, a sentence each in every language."""
    told = {}
    for language in LANGUAGES:
        with translation.override(language):
            told[language] = [
                sentence
                for section in registry.sections()
                for sentence in section.differences(old.rows[section.key], new.rows[section.key])
            ]
    return [dict(zip(LANGUAGES, pair, strict=True)) for pair in zip(*told.values(), strict=True)]


def _locked(campaign):
    return Campaign.objects.select_for_update().get(pk=campaign.pk)

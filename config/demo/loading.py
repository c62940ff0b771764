"""Loads a demonstration from nothing: rulebook, facts, logins, and the weeks of the campaign."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from tqdm import tqdm

from campaigns.models import Allotment, Campaign, Milestone, Quota, RulebookVersion, Venue
from campaigns.permissions import OPERATOR, REVIEWER
from campaigns.rulebooks import loading as rulebooks
from campaigns.rulebooks.versions import publish
from config.demo import logins, marker
from config.demo.double12.desk import Desk
from config.demo.double12.replay import Replay as Double12Replay
from config.demo.double12.reviewer import Reviewer as Double12Reviewer
from config.demo.double12.shops import Shops as Double12Shops
from config.demo.place import Demonstration
from config.demo.replay import Replay
from config.demo.reviewer import Reviewer
from config.demo.shops import Shops
from config.marketplaces.files import instant, read_plan
from sellers import rollups
from sellers.feeds.loading import load_file
from sellers.localtime import from_local, local_date
from sellers.models import Seller

Tell = Callable[[str], None]
# The rulebook is published before the first facts arrive.
PUBLISHED_BEFORE = timedelta(hours=8)


class LoadFailed(Exception):
    """The marketplace and the rulebook do not fit together; the message says how."""


def load(demonstration: Demonstration, folder: Path, *, tell: Tell, bar: bool = True) -> Campaign:
    """Load into an empty migrated database; returns the campaign.

    `folder` takes the marketplace's files. `tell` is given a line for each part, `bar` shows a
    progress bar.
    """
    tell("Writing the marketplace's files …")
    cover = demonstration.write(folder)
    tell("  " + ", ".join(f"{number:,} {what}" for what, number in cover.counts.items()))
    begins = instant(cover.feeds[0].at)
    mark = marker.begin(demonstration.name, from_local(begins))
    staff = logins.make_staff()
    campaign, version = _rulebook(demonstration, begins - PUBLISHED_BEFORE, staff[OPERATOR])
    logins.assign_venues(campaign)
    tell("Feeding what is known before the campaign …")
    for file in cover.feeds_between(None, begins):
        feed(file.kind, folder / file.path, from_local(begins))
    rollups.roll_up()
    _allot(campaign, version, folder, at=from_local(begins))
    users = logins.make_sellers(folder)
    replay = _LIVES[demonstration.campaign](
        demonstration,
        campaign,
        staff,
        users,
        {
            "folder": folder,
            "cover": cover,
            "feed": feed,
            "after": begins,
            "until": morning(demonstration, version),
        },
    )
    end = "the morning after the end" if demonstration.through else "the first live morning"
    tell(f"Living through {len(replay.steps):,} events up to {end} …")
    _live(replay, bar)
    marker.finish(mark, feeds=len(cover.feeds))
    return campaign


def feed(kind: str, file: Path, at: datetime) -> None:
    """Feed one file as it arrives `at`. Raises LoadFailed for a bad line: we wrote the file."""
    found = load_file(kind=kind, path=file, at=at, strict=True)
    if found.first_problems:
        bad = found.first_problems[0]
        raise LoadFailed(f"{file}, line {bad.line}, {bad.field}: “{bad.value}” {bad.reason}")


def morning(demonstration: Demonstration, version: RulebookVersion) -> datetime:
    """Return the local instant at which the replay ends and the clock starts to tick."""
    live = version.milestone_set.get(kind=Milestone.Kind.LIVE)
    expected = demonstration.starts + timedelta(days=demonstration.calendar.LIVE_DAY)
    if local_date(live.starts_at) != expected:
        raise LoadFailed(
            f"the rulebook goes live on {local_date(live.starts_at)}, "
            f"the marketplace expects {expected}"
        )
    return demonstration.morning


def _rulebook(
    demonstration: Demonstration, at: datetime, operator
) -> tuple[Campaign, RulebookVersion]:
    """Load the rulebook, its dates moved to the marketplace's, and publish it."""
    text, source = demonstration.rulebook()
    version = rulebooks.load(
        text, source=source, code=demonstration.campaign_code, starts=demonstration.starts
    ).version
    version = publish(version, at=from_local(at), actor=operator)
    return version.campaign, version


def _season_520(demonstration: Demonstration, campaign, staff, users, common: dict) -> Replay:
    return Replay(
        campaign=campaign,
        shops=Shops(campaign=campaign, venue=_venue(campaign), users=users),
        reviewer=Reviewer(
            campaign=campaign,
            user=staff[REVIEWER],
            seed=demonstration.seed,
            cases=[row["code"] for row in read_plan(common["folder"], "cases")],
        ),
        **common,
    )


def _double12(demonstration: Demonstration, campaign, staff, users, common: dict) -> Replay:
    # Who owns the campaign decides what is filed again after the deadline (D12-106).
    campaign.owner = staff[OPERATOR]
    campaign.save(update_fields=["owner"])
    chosen = {"campaign": campaign, "seed": demonstration.seed}
    folder = common["folder"]
    return Double12Replay(
        campaign=campaign,
        calendar=demonstration.calendar,
        shops=Double12Shops(campaign=campaign, folder=folder, users=users),
        reviewer=Double12Reviewer(user=staff[REVIEWER], **chosen),
        desk=Desk(user=staff[OPERATOR], folder=folder, spared=set(users), **chosen),
        **common,
    )


_LIVES = {"520": _season_520, "double12": _double12}


def _venue(campaign: Campaign) -> Venue:
    return Venue.objects.get(campaign=campaign)


def _allot(campaign: Campaign, version: RulebookVersion, folder: Path, at: datetime) -> None:
    """Allot the sellers' places as an operator would have (G520-026)."""
    places = {row["seller"]: int(row["places"]) for row in read_plan(folder, "allotments")}
    quotas = Quota.objects.filter(version=version, allotted=True)
    Allotment.objects.bulk_create(
        Allotment(
            campaign=campaign,
            quota_code=quota.code,
            seller=seller,
            places=places[seller.code],
            decided_at=at,
        )
        for quota in quotas
        for seller in Seller.objects.filter(code__in=places).order_by("code")
    )


def _live(replay: Replay, bar: bool) -> None:
    with tqdm(total=len(replay.steps), unit=" events", disable=not bar, leave=False) as progress:
        for step in replay.steps:
            progress.set_description(f"{local_date(step.at):%d %b} {step.label:<16}")
            step.do(step.at)
            progress.update()

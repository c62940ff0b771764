"""Lives through the weeks before the first live morning: feeds, sellers, reviewers, nights.

Everything goes the way it goes in an installation: files through the feeds, sellers through the
services that their pages call, nights through the sweep. Only the time is told instead of asked.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path

from campaigns import drafts, notices, sweeping, tallies
from campaigns.models import Campaign, SweepRun
from campaigns.racing import boards, periods
from campaigns.rulebooks.versions import version_in_force
from config.demo.reviewer import Reviewer
from config.demo.shops import Row, Shops
from config.marketplaces import races
from config.marketplaces.files import FeedFile, Marketplace, instant, read_cover, read_plan
from sellers import prices, rollups
from sellers.localtime import from_local

# What happens at the same instant happens in this order.
FEED, ROLLUP, CHANGE, ACT, FILE, REVIEW, NIGHT, BOARD = range(8)
# When the timetable's nightly sweep comes, and when the reviewer works.
NIGHT_AT = timedelta(hours=2)
REVIEWS_AT = (timedelta(hours=11), timedelta(hours=17))
# A targeted sweep follows a change within a minute.
SOON = timedelta(minutes=1)
# Boards are made so long after an hour or a day, when its orders have been fed.
BOARDS_AFTER = timedelta(minutes=15)

Feeder = Callable[[str, Path, datetime], None]


@dataclass(order=True)
class Step:
    """One thing that happens at an instant; what it is, and how to do it."""

    at: datetime
    order: int
    number: int
    label: str = field(compare=False)
    do: Callable[[datetime], None] = field(compare=False)


class Replay:
    """Everything of a marketplace's folder in the order in which it happens, up to an instant."""

    def __init__(
        self,
        *,
        campaign: Campaign,
        folder: Path,
        cover: Marketplace,
        shops: Shops,
        reviewer: Reviewer,
        feed: Feeder,
        after: datetime,
        until: datetime,
    ) -> None:
        """`after` and `until` are local and naive: what arrived by `after` has been fed."""
        self.campaign = campaign
        self.folder = folder
        self.shops = shops
        self.reviewer = reviewer
        self.feed = feed
        self.steps: list[Step] = []
        self._feeds(cover, after, until)
        self._plan(after, until)
        self._days(after, until)
        self._race_facts(after, until)
        self._races(after, until)
        self.steps.sort()

    def _add(self, at: datetime, order: int, label: str, do: Callable[[datetime], None]) -> None:
        self.steps.append(Step(from_local(at), order, len(self.steps), label, do))

    def _feeds(self, cover: Marketplace, after: datetime, until: datetime) -> None:
        changes = []
        for file in cover.feeds_between(after, until):
            at = instant(file.at)
            self._add(at, FEED, file.kind, self._feeding(file))
            if file.kind == "orders" and file.lines:
                self._add(at, ROLLUP, "rollup", lambda _at: rollups.roll_up())
            if file.lines and at not in changes:
                changes.append(at)
        for at in changes:
            self._add(at + SOON, CHANGE, "changes", self._sweep_changes)

    def _plan(self, after: datetime, until: datetime) -> None:
        for row in read_plan(self.folder, "acts"):
            at = instant(row["at"])
            if after < at <= until:
                self._add(at, ACT, row["what"], self._acting(row))
        rows = read_plan(self.folder, "filings")
        rows.sort(key=lambda row: (row["at"], row["seller"]))
        for (moment, _seller), group in groupby(rows, key=lambda row: (row["at"], row["seller"])):
            at = instant(moment)
            if after < at <= until:
                self._add(at, FILE, "filing", self._filing(list(group)))

    def _days(self, after: datetime, until: datetime) -> None:
        """The reviewer's hours and the nights, from the first day that registration is open."""
        version_opens = min(
            (step.at for step in self.steps if step.order in (ACT, FILE)), default=None
        )
        day = after.replace(hour=0, minute=0, second=0)
        while day <= until:
            for hours in REVIEWS_AT:
                if after < day + hours <= until:
                    self._add(day + hours, REVIEW, "review", self.reviewer.work)
            night = from_local(day + NIGHT_AT)
            if version_opens is not None and version_opens < night and day + NIGHT_AT <= until:
                self._add(day + NIGHT_AT, NIGHT, "night", self._night)
            day += timedelta(days=1)

    def _race_facts(self, after: datetime, until: datetime) -> None:
        """What races rank by beside orders; it is added up before boards are made of it."""
        folder = self.folder / races.FOLDER
        cover = read_cover(folder)
        for file in cover.feeds_between(after, until) if cover else ():
            self._add(instant(file.at), FEED, file.kind, self._feeding(file, folder))

    def _races(self, after: datetime, until: datetime) -> None:
        """The boards of the rulebook that is in force at the end, each when it is due."""
        version = version_in_force(self.campaign, from_local(until))
        if version is None:
            return
        spans = periods.spans_of(version)
        starts = {
            starts_at
            for _race, segments in periods.races_of(version)
            for segment in segments
            for starts_at, _ends_at in periods.periods(segment, spans[segment.during])
        }
        for at in sorted(starts):
            if from_local(after) < at + BOARDS_AFTER <= from_local(until):
                number = len(self.steps)
                self.steps.append(Step(at + BOARDS_AFTER, BOARD, number, "boards", self._boards))

    def _boards(self, at: datetime) -> None:
        rollups.roll_up()
        boards.make_due(self.campaign, at)

    def _feeding(self, file: FeedFile, folder: Path | None = None) -> Callable[[datetime], None]:
        path = (folder or self.folder) / file.path
        return lambda at: self.feed(file.kind, path, at)

    def _acting(self, row: Row) -> Callable[[datetime], None]:
        return lambda at: self.shops.act(row, at)

    def _filing(self, rows: list[Row]) -> Callable[[datetime], None]:
        return lambda at: self.shops.file(rows, at)

    def _sweep_changes(self, at: datetime) -> None:
        for run in sweeping.take_changes(at=at):
            sweeping.work(run)

    def _night(self, at: datetime) -> None:
        """What the timetable does at night."""
        prices.apply_due(at)
        self._sweep_changes(at)
        # One process works on it, so there is nothing to share out.
        run = sweeping.start(
            campaign=self.campaign, at=at, mode=SweepRun.Mode.ENFORCE, shard_count=1
        )
        sweeping.work(run)
        notices.send_ready(at=at)
        drafts.expire(at)
        tallies.fold()

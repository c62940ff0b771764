"""Lives through the weeks before a Double 12's sale day."""

from collections.abc import Callable
from datetime import datetime, time, timedelta

from campaigns import alerts, bonuses, releasing
from campaigns.racing import incentives
from campaigns.rulebooks.versions import version_in_force
from config.demo import replay
from config.demo.double12.desk import Desk
from config.marketplaces.double12.calendar import Double12
from config.marketplaces.files import instant, read_plan

# When the desk opens; releases come at midnight, before the night's feeds.
ANSWERS_AFTER = timedelta(minutes=10)
MORNING, AFTERNOON = time(9, 15), time(17, 30)


class Replay(replay.Replay):
    """Beside what every replay does: uploads and imports, rounds, the release, the desk."""

    def __init__(self, *, desk: Desk, calendar: Double12, **options) -> None:
        self.desk, self.calendar = desk, calendar
        super().__init__(**options)

    def _plan(self, after: datetime, until: datetime) -> None:
        pages: tuple[tuple[str, int, Callable, Callable], ...] = (
            ("acts", replay.ACT, self._acting, lambda row: row["what"]),
            ("imports", replay.ACT, self._importing, lambda row: row["what"]),
            ("uploads", replay.FILE, self._uploading, lambda _row: "upload"),
        )
        for page, order, doing, label in pages:
            for row in read_plan(self.folder, page):
                at = instant(row["at"])
                if after < at <= until:
                    self._add(at, order, label(row), doing(row))
        at = self.calendar.at
        for at_, label, do in (
            (at(self.calendar.PRESELECTION[1], 10), "round", self.desk.decide_round),
            (at(self.calendar.SUPPLEMENT[1], 10), "round", self.desk.decide_round),
            (at(-4, 10, 30), "revocation", self.desk.revoke),
            (at(-3, 11), "requests", self.desk.ask),
            (at(-3, 15), "requests", self.desk.answer),
            (at(4, 16), "restoring", self.desk.restore),
            *((at(day, 0, 5), "release", self._release) for day in range(-50, 6)),
            *(
                (datetime.combine(at(day).date(), MORNING), "desk", self.desk.confirm)
                for day in range(-48, 6)
            ),
            *(
                (datetime.combine(at(day).date(), AFTERNOON), "undo", self.desk.undo)
                for day in range(-12, 5)
            ),
        ):
            if after < at_ <= until:
                self._add(at_, replay.REVIEW, label, do)

    def _importing(self, row: dict[str, str]) -> Callable[[datetime], None]:
        return lambda at: self.desk.take_in(row, at)

    def _uploading(self, row: dict[str, str]) -> Callable[[datetime], None]:
        return lambda at: self.shops.upload(row, at)

    def _release(self, at: datetime) -> None:
        releasing.work_due(at)

    def _boards(self, at: datetime) -> None:
        super()._boards(at)
        # Every full hour that is over, with the sums until then.
        incentives.check_attainment(self.campaign, at)
        self.shops.answer(at + ANSWERS_AFTER)

    def _night(self, at: datetime) -> None:
        version = version_in_force(self.campaign, at)
        bonuses.grant_due(version, at)
        super()._night(at)
        alerts.raise_alerts(at=at + timedelta(minutes=1))

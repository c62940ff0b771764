"""The days that a marketplace's story hangs on, all counted from the first day of the preheat."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import ClassVar

# The 520 season of 2023, whose rulebook the demonstration loads, begins its preheat on this day.
PREHEAT_2023 = date(2023, 5, 15)


@dataclass(frozen=True)
class Calendar:
    """Local instants (naive, in the marketplace's zone) of one 520 season.

    `starts` is the first day of the preheat. A marketplace needs them to place its borderline cases
    on the rulebook's borders (G520-001, 003, 005, 028, 031); the campaign itself takes its dates
    from the rulebook. Another campaign's calendar says its own days (double12/calendar.py).
    """

    starts: date = PREHEAT_2023

    # Days counted from the first of the preheat: when levels are frozen, when it goes live, the
    # first day after it, and the first one whose trade is told.
    FROZEN: ClassVar[int] = -20
    LIVE_DAY: ClassVar[int] = 1
    LIVE_HOUR: ClassVar[int] = 20
    END: ClassVar[int] = 6
    TRADE: ClassVar[int] = -56
    # The days whose orders are told every hour, as races by the hour need them.
    HOURLY: ClassVar[frozenset[int]] = frozenset()

    def is_hourly(self, day: date) -> bool:
        """Whether what is sold on a day is told every hour."""
        return (day - self.starts).days in self.HOURLY

    def at(self, days: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
        """Return the instant `days` after the first day of the preheat, at that time of day."""
        return datetime.combine(self.starts + timedelta(days=days), time(hour, minute, second))

    @property
    def facts_known(self) -> datetime:
        """When the marketplace as it stood was fed: the evening before the levels were frozen."""
        return self.at(self.FROZEN - 1, 20)

    def nights(self) -> list[datetime]:
        """When a day's doings are fed: half an hour after each midnight, to the campaign's end."""
        return [self.at(day, 0, 30) for day in range(self.FROZEN, self.END + 1)]

    @property
    def levels_frozen(self) -> datetime:
        """When the growth levels were frozen (G520-028)."""
        return self.at(self.FROZEN)

    @property
    def registration_opens(self) -> datetime:
        """When sellers and items may first register (G520-001, 002)."""
        return self.at(self.FROZEN, 15)

    @property
    def window_opens(self) -> datetime:
        """When the reference window of the lowest list price begins (G520-031)."""
        return self.at(-6)

    @property
    def live_opens(self) -> datetime:
        """When the campaign goes live (G520-005)."""
        return self.at(self.LIVE_DAY, self.LIVE_HOUR)

    @property
    def ends(self) -> datetime:
        """The first instant after the campaign; its window and registration end there too."""
        return self.at(self.END)

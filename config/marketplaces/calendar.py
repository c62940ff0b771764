"""The days that a marketplace's story hangs on, all counted from the first day of the preheat."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

# The 520 season of 2023, whose rulebook the demonstration loads, begins its preheat on this day.
PREHEAT_2023 = date(2023, 5, 15)


@dataclass(frozen=True)
class Calendar:
    """Local instants (naive, in the marketplace's zone) of one 520 season.

    `starts` is the first day of the preheat. A marketplace needs them to place its borderline cases
    on the rulebook's borders (G520-001, 003, 005, 028, 031); the campaign itself takes its dates
    from the rulebook.
    """

    starts: date = PREHEAT_2023

    def at(self, days: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
        """Return the instant `days` after the first day of the preheat, at that time of day."""
        return datetime.combine(self.starts + timedelta(days=days), time(hour, minute, second))

    @property
    def facts_known(self) -> datetime:
        """When the marketplace as it stood was fed: the evening before the levels were frozen."""
        return self.at(-21, 20)

    def nights(self) -> list[datetime]:
        """When a day's doings are fed: half an hour after each midnight, to the campaign's end."""
        return [self.at(day, 0, 30) for day in range(-20, 7)]

    @property
    def levels_frozen(self) -> datetime:
        """When the growth levels were frozen (G520-028)."""
        return self.at(-20)

    @property
    def registration_opens(self) -> datetime:
        """When sellers and items may first register (G520-001, 002)."""
        return self.at(-20, 15)

    @property
    def window_opens(self) -> datetime:
        """When the reference window of the lowest list price begins (G520-031)."""
        return self.at(-6)

    @property
    def live_opens(self) -> datetime:
        """When the campaign goes live (G520-005)."""
        return self.at(1, 20)

    @property
    def ends(self) -> datetime:
        """The first instant after the campaign; its window and registration end there too."""
        return self.at(6)

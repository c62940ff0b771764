"""The days of a Double 12, counted from the first day of its preheat."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from config.marketplaces.calendar import Calendar

PREHEAT_2015 = date(2015, 12, 7)


@dataclass(frozen=True)
class Double12(Calendar):
    """Registration opens 49 days before the preheat (D12-029), the sale day is its sixth (D12-050).

    What the plan hangs on beside the general instants: days only, counted from the preheat.
    """

    starts: date = PREHEAT_2015

    FROZEN: ClassVar[int] = -50
    LIVE_DAY: ClassVar[int] = 5
    LIVE_HOUR: ClassVar[int] = 0
    END: ClassVar[int] = 6
    TRADE: ClassVar[int] = -95
    HOURLY: ClassVar[frozenset[int]] = frozenset({4, 5})

    JOINS: ClassVar[tuple[int, int]] = (-48, -32)
    PRESALE: ClassVar[tuple[int, int]] = (-46, -21)
    OUTER_EARLY: ClassVar[tuple[int, int]] = (-36, -25)
    BRANCH: ClassVar[tuple[int, int]] = (-23, -13)
    OUTER_LATE: ClassVar[tuple[int, int]] = (-5, 3)
    # Rounds: the days of applying, and of deciding (D12-046).
    PRESELECTION: ClassVar[tuple[tuple[int, int], int]] = ((-41, -32), -29)
    SUPPLEMENT: ClassVar[tuple[tuple[int, int], int]] = ((-25, -20), -17)
    EXAMS: ClassVar[tuple[int, ...]] = (-37, -34, -31, -27, -24, -12)
    INVITED: ClassVar[tuple[int, int]] = (-38, -6)
    # Results are due at this midnight (D12-048); carts count from the first of these (D12-117).
    RESULTS: ClassVar[int] = -6
    # The first night of three on which a feed stays away.
    OUTAGE: ClassVar[int] = -11
    CARTS: ClassVar[int] = -12

"""Draws from a seeded generator that come out the same on every machine and Python.

Only whole numbers are drawn: `lognormvariate` and its kind call the machine's own mathematics
library, whose last digit differs from one to another.
"""

import random
from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate

# Values of a distribution with a long upper tail at 0 %, 5 %, … 100 %, in thousandths of the
# median: roughly the quantiles of a log-normal with σ = 0.7, cut at both ends.
LONG_TAIL = (
    180, 316, 408, 484, 555, 624, 693, 763, 838, 916, 1000,
    1092, 1194, 1310, 1443, 1604, 1803, 2066, 2452, 3163, 5500,
)  # fmt: skip
STEPS = len(LONG_TAIL) - 1


class Draws:
    """A stream of draws of its own: what one stream draws moves no other stream.

    `names` say whose stream it is; the same names give the same draws.
    """

    def __init__(self, *names: object) -> None:
        # A text is hashed with SHA-512 by the generator itself, never with Python's salted hash.
        self._random = random.Random("|".join(str(name) for name in names))

    def below(self, bound: int) -> int:
        """Return a whole number in [0, bound)."""
        return self._random.randrange(bound)

    def between(self, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`, both included."""
        return low + self._random.randrange(high - low + 1)

    def percent(self, share: int) -> bool:
        """Return true in `share` of 100 draws."""
        return self._random.randrange(100) < share

    def permille(self, share: int) -> bool:
        """Return true in `share` of 1,000 draws."""
        return self._random.randrange(1000) < share

    def one(self, options: Sequence):
        """Return one of the options, each as likely as the others."""
        return options[self._random.randrange(len(options))]

    def some(self, options: Sequence, count: int) -> list:
        """Return `count` different options in the order of the options."""
        chosen = list(range(len(options)))
        for place in range(min(count, len(chosen))):
            other = place + self._random.randrange(len(chosen) - place)
            chosen[place], chosen[other] = chosen[other], chosen[place]
        return [options[index] for index in sorted(chosen[:count])]

    def spread(self, median: int) -> int:
        """Return a whole number around `median` with a long upper tail."""
        position = self._random.randrange(STEPS * 1000)
        step, part = divmod(position, 1000)
        thousandths = LONG_TAIL[step] * (1000 - part) + LONG_TAIL[step + 1] * part
        return median * thousandths // 1_000_000


class Wheel:
    """Options with whole-number weights, drawn as often as they weigh."""

    def __init__(self, weights: Sequence[tuple[object, int]]) -> None:
        self._options = [option for option, _weight in weights]
        self._ends = list(accumulate(weight for _option, weight in weights))

    def draw(self, draws: Draws):
        """Return one option."""
        return self._options[bisect(self._ends, draws.below(self._ends[-1]))]

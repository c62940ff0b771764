"""The one clock of the edges: views, tasks and commands ask it, domain code is told the time as
`at`.

With CLOCK_START set the clock reads that instant when the installation starts and ticks on from
there, so that a past campaign can be lived through. CLOCK_EPOCH is the real second of that start:
whoever starts several processes sets it for all of them, else each would start its own clock.
"""

import time
from datetime import UTC, datetime, timedelta

from django.conf import settings

_PROCESS_STARTED = time.time()


def now() -> datetime:
    """Return the installation's time, aware, in UTC."""
    real = time.time()
    if settings.CLOCK_START is None:
        return datetime.fromtimestamp(real, UTC)
    epoch = _PROCESS_STARTED if settings.CLOCK_EPOCH is None else settings.CLOCK_EPOCH
    return settings.CLOCK_START.astimezone(UTC) + timedelta(seconds=real - epoch)

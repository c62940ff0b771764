"""A whole re-check of the benchmark's campaign a day later, until it is done."""

from datetime import timedelta

import django

django.setup()

from benchmarks import marketplace  # noqa: E402
from campaigns import sweeping  # noqa: E402
from campaigns.models import Campaign, SweepRun  # noqa: E402

if __name__ == "__main__":
    sweeping.work(
        sweeping.start(
            campaign=Campaign.objects.get(code="bench"),
            at=marketplace.AT + timedelta(days=1),
            mode=SweepRun.Mode.ENFORCE,
        )
    )

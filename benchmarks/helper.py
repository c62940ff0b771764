"""A second worker: says that it is ready, is given a run's id, and works on the run with others."""

import sys

import django

django.setup()

from campaigns import sweeping  # noqa: E402
from campaigns.models import SweepRun  # noqa: E402

if __name__ == "__main__":
    SweepRun.objects.exists()
    print("ready", flush=True)
    sweeping.work(SweepRun.objects.get(pk=int(sys.stdin.readline())))

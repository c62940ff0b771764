"""Says in the database whether the demonstration was loaded to its end."""

from datetime import datetime

from django.db import DatabaseError

from sellers.models import FeedRun

KIND = "demonstration"


def is_finished(name: str) -> bool:
    """Whether this database holds the demonstration `name` in full."""
    try:
        return FeedRun.objects.filter(kind=KIND, file_name=name, state=FeedRun.State.DONE).exists()
    except DatabaseError:  # there are no tables, or the file is no database
        return False


def begin(name: str, at: datetime) -> FeedRun:
    """Note that the load has begun."""
    return FeedRun.objects.create(kind=KIND, file_name=name, at=at)


def finish(run: FeedRun, *, feeds: int) -> None:
    """Note that the load has ended; the last write of all."""
    run.state = FeedRun.State.DONE
    run.read = feeds
    run.save(update_fields=["state", "read"])

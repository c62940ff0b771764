"""Notices that are due, and what came of delivering them."""

from datetime import timedelta

from campaigns import notices
from campaigns.lifecycle import transition
from campaigns.models import (
    Channel,
    Delivery,
    Move,
)
from tests.factories import (
    CampaignFactory,
    EntryFactory,
    ItemFactory,
)
from tests.times import local

AT = local("2023-05-17 02:00")
MINUTE = timedelta(minutes=1)


def channel(seller, name="messenger", **more):
    more = {"url": f"wecombot://{name}-{seller.pk}", "language": "en", **more}
    return Channel.objects.create(seller=seller, name=name, **more)


def cleared(seller, entries=1, titles=None, run=None, **more):
    """Clear entries of the seller out and close the notice; the entries."""
    campaign = more.pop("campaign", None) or (run.campaign if run else CampaignFactory())
    titles = titles or [f"Tea {number}" for number in range(entries)]
    rows = [
        EntryFactory(item=ItemFactory(seller=seller, title=title), campaign=campaign)
        for title in titles
    ]
    transition(
        entries={row.pk: row.revision for row in rows},
        from_status="approved",
        to_status="cleared_out",
        cause=Move.Cause.SWEEP if run else Move.Cause.OPERATOR,
        at=AT,
        run=run,
        **more,
    )
    if run:
        notices.close(key=f"run:{run.pk}")
    return rows


def ready(*sellers, **more):
    """One delivery for each channel of the sellers, due at AT."""
    for seller in sellers:
        cleared(seller, **more)
    notices.send_ready(at=AT)


def states():
    rows = Delivery.objects.order_by("id")
    return list(rows.values_list("state", "attempts", "due_at", "error"))

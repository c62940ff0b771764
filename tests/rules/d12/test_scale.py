"""Section 3.1: millions may become campaign items, so the night works in batches and resumes."""

from datetime import timedelta

import pytest

from campaigns import sweeping
from campaigns.models import Entry, EntryHistory, SweepRun
from campaigns.sweeping import applying, evaluating, planning
from sellers import clock
from tests.rules.d12.network import invite
from tests.times import local

SHOPS, EACH = 6, 20
LOOKED_AT, MOVED = 10, 6
BREACHED = "2015-11-21 12:00:00"
NIGHT = local("2015-11-22 02:00")
# Fewer than the fifth at which a night stops and asks.
FAILING = 20


class Killed(BaseException):
    """The end of a worker: not an Exception, so that nothing mends it."""


@pytest.fixture
def batches(world, monkeypatch):
    """Small batches; sizes of those that were looked at and moved, as they come."""
    monkeypatch.setattr(evaluating, "CHUNK", LOOKED_AT)
    monkeypatch.setattr(applying, "CHUNK", MOVED)
    sizes = {"looked at": [], "moved": []}
    read, move = evaluating.batches, applying.transition

    def reading(*arguments):
        for batch in read(*arguments):
            sizes["looked at"].append(len(batch))
            yield batch

    def moving(**given):
        sizes["moved"].append(len(given["entries"]))
        return move(**given)

    monkeypatch.setattr(planning, "batches", reading)
    monkeypatch.setattr(applying, "transition", moving)
    return sizes


def outer_items(world):
    """Shops with items that were all approved in outer; the codes."""
    shops = [f"shop{number}" for number in range(SHOPS)]
    world.sellers(*({"code": shop} for shop in shops))
    codes = {shop: [f"{shop}-{number:02}" for number in range(EACH)] for shop in shops}
    world.items(*({"code": code, "seller": shop} for shop in shops for code in codes[shop]))
    for shop in shops:
        world.ready(shop)
        invite(world, "", seller=shop)
        assert {row.status for row in world.file(*codes[shop], venue="outer", seller=shop)} == {
            "approved"
        }
    return [code for shop in shops for code in codes[shop]]


def standing(status):
    return sorted(Entry.objects.filter(status=status).values_list("item__code", flat=True))


@pytest.mark.rule("D12-071")
def test_a_night_works_in_bounded_batches_and_goes_on_where_it_was_killed(
    world, batches, monkeypatch
):
    codes = outer_items(world)
    # Every sixth, so that each shop and each part of the night has some.
    bad = sorted(codes[::SHOPS])
    breaches = (
        {"code": f"v-{code}", "seller": code.partition("-")[0], "item": code, "points": "2",
         "category": "not_as_described", "severity": "general",
         "occurred_at": BREACHED, "penalised_at": BREACHED}
        for code in bad
    )  # fmt: skip
    world.feed("violations", *breaches, at=BREACHED)
    run = sweeping.start(
        campaign=world.campaign, at=NIGHT, mode=SweepRun.Mode.ENFORCE, shard_count=1
    )
    move = applying.transition

    def dying(**given):
        if len(batches["moved"]) == 2:
            raise Killed
        return move(**given)

    with monkeypatch.context() as patch:
        patch.setattr(applying, "transition", dying)
        with pytest.raises(Killed):
            sweeping.work(run)
    halfway = standing("cleared_out")
    # Another takes over when the dead one's lease has run out.
    run = sweeping.work(run, clock=lambda: clock.now() + timedelta(hours=1))

    assert run.state == SweepRun.State.DONE
    assert len(bad) == FAILING
    assert halfway == bad[: 2 * MOVED]
    assert standing("cleared_out") == bad
    assert standing("approved") == sorted(set(codes) - set(bad))
    assert EntryHistory.objects.filter(move__run=run).count() == FAILING
    assert batches["moved"] == [MOVED, MOVED, MOVED, FAILING - 3 * MOVED]
    assert batches["looked at"] == [LOOKED_AT, FAILING - LOOKED_AT]

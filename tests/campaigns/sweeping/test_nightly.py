"""``manage.py nightly``."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from campaigns.models import EntryHistory, SweepRun
from tests.campaigns.sweeping.worlds import NIGHT, World, change_item, status_of

pytestmark = pytest.mark.django_db

AT = "2023-05-17T02:00"


@pytest.fixture
def world():
    world = World()
    world.requires(
        "SHIP",
        ["item.ship_time_hours", "<=", 48],
        "abnormal",
        title={"en": "Shipping time", "zh-hans": "发货时间"},
    )
    return world


def nightly(*args):
    out = StringIO()
    call_command("nightly", *args, stdout=out)
    return out.getvalue()


def test_the_table_says_what_happened(world):
    world.entry(ship_time_hours=72)
    world.entry("abnormal")
    world.entry()
    told = nightly("--campaign", world.campaign.code, "--at", AT)
    lines = {line.rpartition(" ")[0].strip(): line.rpartition(" ")[2] for line in told.split("\n")}
    assert lines["live entries"] == "3"
    assert lines["SHIP Shipping time"] == "1"
    assert lines["abnormal"] == "1"
    assert lines["recovered"] == "1"
    assert "seconds" in lines
    run = SweepRun.objects.get()
    assert (run.at, run.mode) == (NIGHT, "enforce")


def test_the_table_speaks_chinese(world):
    world.entry(ship_time_hours=72)
    with translation.override("zh-hans"):
        told = nightly("--campaign", world.campaign.code, "--at", AT)
    assert "SHIP 发货时间" in told


def test_as_json(world):
    entry = world.entry(ship_time_hours=72)
    told = json.loads(
        nightly("--campaign", world.campaign.code, "--at", AT, "--json", "--mode", "preview")
    )
    assert told["campaign"] == world.campaign.code
    assert told["at"] == "2023-05-16T18:00:00+00:00"
    assert (told["live"], told["failed"]) == (1, {"SHIP": 1})
    assert (told["planned"], told["mode"], told["state"]) == ({"abnormal": 1}, "preview", "done")
    assert status_of(entry) == "approved"


def test_a_stopped_run_ends_with_3_and_is_confirmed_and_undone_by_its_number():
    world = World(breaker_share="0.1000", breaker_minimum=0)
    world.requires("SHIP", ["item.ship_time_hours", "<=", 48], "clear_out")
    entry = world.entry(ship_time_hours=72)
    with pytest.raises(CommandError) as stopped:
        nightly("--campaign", world.campaign.code, "--at", AT)
    run = SweepRun.objects.get()
    assert stopped.value.returncode == 3
    assert f"--confirm {run.pk}" in str(stopped.value)
    assert not EntryHistory.objects.exists()
    nightly("--confirm", str(run.pk))
    assert status_of(entry) == "cleared_out"
    confirming = SweepRun.objects.get(confirms=run)
    told = nightly("--undo", str(confirming.pk), "--dry-run", "--at", "2023-05-17T09:00")
    assert told.strip() == "Restored: 1"
    assert status_of(entry) == "cleared_out"
    change_item(entry, ship_time_hours=48)
    told = json.loads(nightly("--undo", str(confirming.pk), "--json", "--at", "2023-05-17T09:00"))
    assert told == {"restored": 1, "left": []}
    assert status_of(entry) == "approved"


@pytest.mark.parametrize(
    "args",
    [
        (),
        ("--campaign", "unknown"),
        ("--confirm", "9"),
        ("--undo", "9"),
        ("--campaign", "x", "--mode", "sometimes"),
        ("--campaign", "x", "--at", "yesterday"),
        ("--campaign", "x", "--workers", "0"),
    ],
)
def test_what_cannot_be_done_is_said(args):
    with pytest.raises(CommandError):
        nightly(*args)


def test_the_command_again_for_the_same_night_changes_nothing_and_says_the_same():
    world = World(code="again")
    world.requires("SHIP", ["item.ship_time_hours", "<=", 48], "abnormal")
    entry = world.entry(ship_time_hours=72)
    said = []
    for _time in range(2):
        out = StringIO()
        call_command("nightly", "--campaign", "again", "--at", "2023-05-17 02:00", "--json",
                     stdout=out)  # fmt: skip
        said.append(out.getvalue())

    assert said[0] == said[1]
    assert (status_of(entry), SweepRun.objects.count()) == ("abnormal", 1)

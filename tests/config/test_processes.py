"""A family of processes: restarted when they die, stopped together."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from config.processes import Family

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "print('deaf', flush=True); time.sleep(60)",
]
DIES = [sys.executable, "-c", "raise SystemExit(3)"]


def wait_for(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and was not yet waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def family(told):
    """Make a family that is stopped when the test ends."""
    made = []

    def make(**children: list[str]) -> Family:
        family = Family(children, environment=os.environ, tell=told.append, first_pause=0.05)
        made.append(family)
        family.start()
        return family

    yield make
    for family in made:
        family.stop(patience=1)


def pids(family: Family) -> list[int]:
    return [child.process.pid for child in family.children if child.process is not None]


def test_a_child_that_dies_is_started_again(family, told):
    kin = family(one=SLEEP, two=SLEEP)
    first, second = pids(kin)
    os.kill(first, signal.SIGKILL)

    def restarted() -> bool:
        kin.tend()
        return kin.children[0].restarts == 1

    wait_for(restarted)
    assert pids(kin)[0] != first
    assert pids(kin)[1] == second
    assert told == ["one ended (SIGKILL), starting it again in 0.1 s"]


def test_a_child_that_keeps_dying_is_started_ever_more_slowly(family, told):
    kin = family(one=DIES)

    def restarted() -> bool:
        kin.tend()
        return kin.children[0].restarts == 4

    wait_for(restarted)
    assert told[:4] == [
        f"one ended (exit code 3), starting it again in {pause} s"
        for pause in ("0.1", "0.1", "0.2", "0.4")
    ]


def test_stopping_stops_all(family):
    kin = family(one=SLEEP, two=SLEEP)
    running = pids(kin)
    kin.stop()
    assert not any(alive(pid) for pid in running)
    kin.stop()


def test_who_does_not_listen_is_killed(family, told):
    kin = family(one=SLEEP, two=STUBBORN)
    running = pids(kin)
    time.sleep(0.5)
    kin.stop(patience=0.3)
    assert not any(alive(pid) for pid in running)
    assert "two did not end in 0 s and is killed" in told


def test_children_do_not_outlive_a_parent_that_was_killed(tmp_path):
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import os, sys, time\n"
            "from config.processes import Family\n"
            f"family = Family({{'one': {SLEEP!r}}}, environment=os.environ, tell=print)\n"
            "family.start()\n"
            "print(family.children[0].process.pid, flush=True)\n"
            "time.sleep(60)\n",
        ],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.getcwd()},
    )
    child = int(parent.stdout.readline())
    assert alive(child)
    parent.kill()
    parent.communicate()
    wait_for(lambda: not alive(child))

"""Whether the process that holds a shard still runs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from campaigns.sweeping import workers


@pytest.fixture
def process():
    """Another process, and its identity as it says it itself."""
    path = str(Path(workers.__file__).parent)
    source = "import sys, workers; print(workers.identity(), flush=True); sys.stdin.read()"
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", source]
    with subprocess.Popen(command, stdout=pipe, stdin=pipe, cwd=path) as process:
        yield process, process.stdout.readline().decode().strip()
        process.kill()


def test_a_running_process_is_not_gone_and_a_killed_one_is(process):
    process, identity = process
    assert not workers.is_gone(identity)
    process.kill()
    # Killed and not yet waited for: the system still lists it.
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert workers.is_gone(identity)
    process.wait()
    assert workers.is_gone(identity)


def test_a_process_id_that_was_given_again_is_another_process():
    place, pid, started = workers.identity().split("/")
    assert not workers.is_gone(f"{place}/{pid}/{started}")
    assert workers.is_gone(f"{place}/{pid}/{int(started) - 1}")


def test_nothing_is_known_of_other_machines():
    _place, pid, _started = workers.identity().split("/")
    assert not workers.is_gone(f"elsewhere/{pid}/1")
    assert not workers.is_gone("")


def test_an_identity_fits_its_column():
    assert 0 < len(workers.identity()) <= 120

"""SIGKILL of a real process in the middle of a board, and another one once the lease is over."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from tests.campaigns.sweeping.test_killed_processes import Files, Installation, Server

pytestmark = pytest.mark.heavy

MODULE = "tests.campaigns.racing.other_process"


@pytest.fixture(scope="module")
def installations(tmp_path_factory):
    """Make installations by name: copies of one that was seeded."""
    folder = Path(tmp_path_factory.mktemp("installations"))
    on_server = settings.DATABASES["default"]["ENGINE"].endswith("postgresql")
    databases = Server() if on_server else Files(folder)
    databases.create("races")
    Installation(databases, folder, "races").run("-m", MODULE, "seed")
    made = ["races"]

    def make(name):
        databases.copy("races", name)
        made.append(name)
        return Installation(databases, folder, name)

    yield make
    for name in made:
        databases.drop(name)


@pytest.fixture(scope="module")
def undisturbed(installations):
    """What boards leave behind where nothing disturbs them."""
    installation = installations("races_undisturbed")
    installation.run("-m", MODULE, "make")
    return json.loads(installation.run("-m", MODULE, "finish"))


@pytest.mark.parametrize("moment", ["taken", "rows", "placed"])
def test_after_a_killed_process_another_makes_the_same_board(installations, undisturbed, moment):
    installation = installations(f"races_{moment}")
    killed = subprocess.run(
        [sys.executable, "-m", MODULE, "make"],
        cwd=settings.BASE_DIR,
        env={**installation.environment, "DIES_AT": moment},
        capture_output=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    assert json.loads(installation.run("-m", MODULE, "finish")) == undisturbed
    assert len(undisturbed["rows"]) == 75

"""The whole installation in one command, as it is really run."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from django.conf import settings

from tests.config.test_processes import alive, wait_for


def family_of(pid: int) -> dict[str, int]:
    """The runner's children by name: web, sweeps worker, worker, timetable."""
    found = {}
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for child in children:
        command = Path(f"/proc/{child}/cmdline").read_bytes().decode().split("\0")
        if "gunicorn" in command:
            found["web"] = int(child)
        elif "beat" in command:
            found["timetable"] = int(child)
        elif "worker" in command:
            found["sweeps" if "sweeps" in command else "worker"] = int(child)
    return found


class Installation:
    """A runner in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        kept = {"PATH": os.environ["PATH"], "HOME": str(folder)}
        self.environment = {
            **kept,
            "VAR_DIR": str(folder),
            "CLOCK_START": "2023-05-15T09:00",
        }
        self.process = self.run()
        self.address = ""

    def run(self) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--port", "0"],
            cwd=settings.BASE_DIR,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def wait_until_up(self) -> None:
        for line in self.process.stdout:
            if found := re.match(r"Paddock is at (\S+)", line):
                self.address = found[1]
                return
        raise AssertionError("ended before it was up")

    def ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}readyz", timeout=5) as answer:
                return json.load(answer)["status"] == "ready"
        except OSError:
            return False


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    found = Installation(tmp_path_factory.mktemp("var"))
    found.wait_until_up()
    yield found
    found.process.kill()
    found.process.communicate()


def test_four_children_serve(installation):
    assert installation.ready()
    assert set(family_of(installation.process.pid)) == {"web", "worker", "sweeps", "timetable"}


def test_the_children_share_one_clock(installation):
    epochs = set()
    for pid in family_of(installation.process.pid).values():
        variables = Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
        epochs |= {line for line in variables if line.startswith("CLOCK_EPOCH=")}
    assert len(epochs) == 1


@pytest.mark.parametrize("name", ["web", "worker", "sweeps", "timetable"])
def test_a_killed_child_comes_back(installation, name):
    runner = installation.process.pid
    before = family_of(runner)
    os.kill(before[name], signal.SIGKILL)
    wait_for(lambda: family_of(runner).get(name, before[name]) != before[name])
    after = family_of(runner)
    assert {key for key in before if before[key] == after[key]} == set(before) - {name}
    wait_for(installation.ready)


def test_a_second_family_is_refused(installation):
    second = installation.run()
    output, _ = second.communicate(timeout=60)
    assert second.returncode != 0
    assert "already running" in output


def test_a_port_that_is_taken_is_refused(installation):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "manage.py", "serve", "--port", str(port)],
            cwd=settings.BASE_DIR,
            env=installation.environment,
            capture_output=True,
            text=True,
        )
    assert done.returncode != 0
    assert f"port {port} is not free" in done.stderr


def test_a_message_reaches_a_worker(installation):
    send = (
        "from config.celery import app; import django; django.setup();"
        "from config.tasks import clear_expired; clear_expired.delay()"
    )
    subprocess.run(
        [sys.executable, "-c", send],
        cwd=settings.BASE_DIR,
        env=installation.environment,
        check=True,
    )
    queue = installation.folder / "queue"
    wait_for(lambda: not any((queue / "messages").iterdir()))
    wait_for(lambda: not any((queue / "taken").iterdir()))


# The last test of the module: it ends the installation.
def test_sigterm_stops_them_all(installation):
    children = family_of(installation.process.pid)
    installation.process.send_signal(signal.SIGTERM)
    output, _ = installation.process.communicate(timeout=40)
    assert installation.process.returncode == 0
    assert output.rstrip().endswith("Stopped.")
    assert not any(alive(pid) for pid in children.values())

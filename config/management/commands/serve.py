"""The whole installation in one command: web, two workers and the timetable."""

import fcntl
import importlib.util
import io
import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from config.processes import Family
from config.schedule import QUEUES

HOST = "127.0.0.1"
SWEEP_QUEUE = "sweeps"


class Command(BaseCommand):
    """Run an embedded installation until it is told to stop."""

    help = (
        "Applies migrations, then runs the web server, a worker for sweeps, a worker for "
        "everything else and the timetable. SIGTERM and Ctrl-C stop them all."
    )

    def add_arguments(self, parser) -> None:
        """Declare the options."""
        parser.add_argument("--port", type=int, default=8000, help="0 takes any free one")
        parser.add_argument("--threads", type=int, default=8, help="requests answered at once")

    def handle(self, *args, **options) -> None:
        """Start the family, tend it, and stop it with us."""
        if settings.PRODUCTION:
            raise CommandError("serve is for MODE=embedded; docs/deploying.md has production")
        port = _free_port(options["port"])
        lock = _family_lock()
        call_command("migrate", interactive=False, verbosity=0)
        call_command("sync_schedule", stdout=io.StringIO())
        stop = _stop_on_signals()
        family = Family(
            _commands(port, options["threads"]),
            environment=_environment(),
            tell=lambda line: self.stderr.write(line),
            keep_open=[lock],
        )
        family.start()
        try:
            address = f"http://{HOST}:{port}/"
            told = False
            while not stop:
                if not told and _answers(address + "healthz"):
                    self.stdout.write(f"Paddock is at {address}")
                    self.stdout.flush()
                    told = True
                time.sleep(0.2)
                family.tend()
        finally:
            family.stop()
        self.stdout.write("Stopped.")


def _commands(port: int, threads: int) -> dict[str, list[str]]:
    python = [sys.executable]
    celery = [*python, "-W", "ignore:You're running the worker"]
    celery += ["-m", "celery", "--quiet", "-A", "config"]
    worker = [*celery, "worker", "--pool", "solo", "--loglevel", "warning"]
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    others = ",".join(queue for queue in QUEUES if queue != SWEEP_QUEUE)
    if importlib.util.find_spec("gunicorn") and hasattr(os, "fork"):
        # One process, so that its memory will do as a cache and SQLite has one crowd of readers.
        web = [*python, "-m", "gunicorn", "config.wsgi", "--bind", f"{HOST}:{port}"]
        web += ["--worker-class", "gthread", "--threads", str(threads), "--log-level", "warning"]
        web += ["--timeout", "120", "--no-control-socket"]
    else:
        web = [*python, "manage.py", "runserver", f"{HOST}:{port}", "--noreload"]
    return {
        "web": web,
        "sweeps worker": [*worker, "-n", "sweeps@%h", "-Q", SWEEP_QUEUE, *quiet],
        "worker": [*worker, "-n", "others@%h", "-Q", others, *quiet],
        "timetable": [*celery, "beat", "--loglevel", "warning", "--pidfile="],
    }


def _environment() -> dict[str, str]:
    """Return the children's environment: ours, with one epoch of the clock for all of them."""
    environment = dict(os.environ)
    environment.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    path = [str(settings.BASE_DIR), environment.get("PYTHONPATH", "")]
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, path))
    if settings.CLOCK_START is not None and settings.CLOCK_EPOCH is None:
        environment["CLOCK_EPOCH"] = repr(time.time())
    return environment


def _free_port(wanted: int) -> int:
    """Return `wanted`, or any free port for 0; refuse one that is taken."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, wanted))
        except (OSError, OverflowError) as error:
            raise CommandError(
                f"port {wanted} is not free: choose another with --port ({error})"
            ) from error
        return probe.getsockname()[1]


def _family_lock() -> int:
    """Return the descriptor of a lock on this installation's queue; refuse a second family.

    Two timetables would do everything twice.
    """
    folder = Path(getattr(settings, "QUEUE_DIR", settings.VAR_DIR))
    descriptor = os.open(folder / "serve.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise CommandError(f"already running (or still stopping) on {folder}") from error
    os.set_inheritable(descriptor, True)
    return descriptor


def _stop_on_signals() -> list[int]:
    """Return a list that stays empty until SIGTERM or SIGINT arrives."""
    received: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda caught, _frame: received.append(caught))
    return received


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2):
            return True
    except (urllib.error.URLError, OSError):
        return False

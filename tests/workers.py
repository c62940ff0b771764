"""A real worker process on the test's own database, for tests marked `worker`."""

import os
import signal
import subprocess
import sys
import threading
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from config.schedule import QUEUES


def database_url() -> str:
    """Return the address of the database that this test uses, for another process."""
    found = connection.settings_dict
    user = quote(found["USER"], safe="")
    password = f":{quote(found['PASSWORD'], safe='')}" if found["PASSWORD"] else ""
    host = f"{found['HOST']}:{found['PORT'] or 5432}"
    return f"postgres://{user}{password}@{host}/{found['NAME']}"


class Worker:
    """One worker of one process, listening to `queues`, with the test's database and queue."""

    def __init__(self, *queues: str) -> None:
        self._queues = queues or QUEUES
        self._ready = threading.Event()
        self._log: list[str] = []
        self.process: subprocess.Popen | None = None

    def start(self, **environment: str) -> None:
        """Start it and wait until it listens; `environment` is added to ours."""
        self._ready.clear()
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "celery", "--quiet", "-A", "config", "worker"),
                *("--pool", "solo", "--loglevel", "info", "-Q", ",".join(self._queues)),
                *("-n", f"test-{os.getpid()}@%h", "--without-gossip", "--without-mingle"),
            ],
            cwd=settings.BASE_DIR,
            env={
                **os.environ,
                "DATABASE_URL": database_url(),
                "LOG_LEVEL": "INFO",
                **environment,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._read, args=(self.process,), daemon=True).start()
        while not self._ready.wait(0.2):
            assert self.process.poll() is None, "the worker ended:\n" + "".join(self._log)

    def kill(self) -> None:
        """End it at once, as a crash of the machine would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to finish what it holds and end."""
        self._end(signal.SIGTERM)

    def _end(self, number: int) -> None:
        if self.process is None:
            return
        self.process.send_signal(number)
        self.process.wait(60)
        self.process = None

    def _read(self, process: subprocess.Popen) -> None:
        for line in process.stdout:
            self._log.append(line)
            if "ready." in line:
                self._ready.set()
        process.stdout.close()

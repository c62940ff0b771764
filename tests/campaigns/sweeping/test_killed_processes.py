"""SIGKILL of a real worker process after, and in, every shard; then a restart.

The database, the queue and the processes are those of an installation of its own: a file of SQLite
and a queue of files, or a PostgreSQL database and Redis.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from tests.campaigns.sweeping.worlds import NIGHT

pytestmark = pytest.mark.heavy

MODULE = "tests.campaigns.sweeping.other_process"
# Two of each of: statistics, sellers, entries; and one that applies so few moves.
SHARDS = 7


class Files:
    """Databases that are files of a folder."""

    def __init__(self, folder):
        self.folder = folder

    def url(self, name):
        return f"sqlite:///{self.folder / name}.sqlite3"

    def create(self, name):
        pass

    def copy(self, name, to):
        shutil.copy(self.folder / f"{name}.sqlite3", self.folder / f"{to}.sqlite3")

    def drop(self, name):
        (self.folder / f"{name}.sqlite3").unlink(missing_ok=True)


class Server:
    """Databases of the server that the tests run on, with names of their own."""

    def __init__(self):
        found = settings.DATABASES["default"]
        self.prefix = f"{found['NAME'].removeprefix('test_')}_killed_"
        self.options = {
            "host": found["HOST"],
            "port": found["PORT"] or 5432,
            "user": found["USER"],
            "password": found["PASSWORD"],
        }

    def url(self, name):
        given = self.options
        password = f":{given['password']}" if given["password"] else ""
        return (
            f"postgres://{given['user']}{password}@{given['host']}:{given['port']}"
            f"/{self.prefix}{name}"
        )

    def create(self, name):
        self.drop(name)
        self._execute(f'CREATE DATABASE "{self.prefix}{name}"')

    def copy(self, name, to):
        self.drop(to)
        self._execute(f'CREATE DATABASE "{self.prefix}{to}" TEMPLATE "{self.prefix}{name}"')

    def drop(self, name):
        self._execute(f'DROP DATABASE IF EXISTS "{self.prefix}{name}" WITH (FORCE)')

    def _execute(self, sql):
        options = {**self.options, "dbname": "postgres", "autocommit": True}
        with psycopg.connect(**{k: v for k, v in options.items() if v}) as connection:
            connection.execute(sql)


class Installation:
    """A copy of the seeded database with a queue of its own."""

    def __init__(self, databases, folder, name):
        self.databases, self.name = databases, name
        folder = folder / name
        folder.mkdir()
        self.environment = {
            **os.environ,
            "DATABASE_URL": databases.url(name),
            "VAR_DIR": str(folder),
            "LOG_LEVEL": "WARNING",
            "PYTHONWARNINGS": "ignore",
        }

    def do(self, what):
        """Let another process do it; returns what it prints."""
        return self.run("-m", MODULE, what)

    def run(self, *arguments):
        """Run Python with these arguments; returns what it prints."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=settings.BASE_DIR,
            env=self.environment,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    @contextmanager
    def worker(self, **environment):
        """A worker for sweeps; it is killed at the end if it still runs."""
        command = [sys.executable, "-m", "celery", "--quiet", "-A", MODULE, "worker"]
        options = ["--pool", "solo", "--loglevel", "warning", "-Q", "sweeps", "--without-gossip"]
        with subprocess.Popen(
            [*command, *options, "--without-mingle"],
            cwd=settings.BASE_DIR,
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def end(self):
        """Let a worker finish what there is, and return the checksums of the end."""
        with self.worker():
            return json.loads(self.do("finish"))


@pytest.fixture(scope="module")
def installations(tmp_path_factory):
    """Make installations by name: copies of one that was seeded."""
    folder = Path(tmp_path_factory.mktemp("installations"))
    on_server = settings.DATABASES["default"]["ENGINE"].endswith("postgresql")
    databases = Server() if on_server else Files(folder)
    databases.create("base")
    Installation(databases, folder, "base").do("seed")
    made = ["base"]

    def make(name):
        databases.copy("base", name)
        made.append(name)
        return Installation(databases, folder, name)

    yield make
    for name in made:
        databases.drop(name)


@pytest.fixture(scope="module")
def undisturbed(installations):
    """The checksums of a run that nothing disturbs."""
    return installations("undisturbed").end()


@pytest.mark.parametrize("shard", range(1, SHARDS + 1))
@pytest.mark.parametrize("moment", ["DIES_AFTER_SHARD", "DIES_IN_SHARD"])
def test_a_killed_and_restarted_worker_comes_to_the_same_end(
    installations, undisturbed, moment, shard
):
    installation = installations(f"{moment}_{shard}".lower())
    with installation.worker(**{moment: str(shard)}) as worker:
        assert worker.wait(timeout=120) == -signal.SIGKILL
    assert installation.end() == undisturbed


def test_there_is_no_further_shard(installations, undisturbed):
    """Every shard was the one that a worker died in: one that is to die in the next lives on."""
    installation = installations("no_further_shard")
    with installation.worker(DIES_IN_SHARD=str(SHARDS + 1)) as worker:
        assert json.loads(installation.do("finish")) == undisturbed
        assert worker.poll() is None


def test_several_processes_at_once_come_to_the_same_end(installations, undisturbed):
    installation = installations("several")
    told = installation.run(
        *("manage.py", "nightly", "--campaign", "varied", "--at", NIGHT.isoformat()),
        *("--workers", "3", "--json"),
    )
    assert json.loads(told)["state"] == "done"
    assert json.loads(installation.do("finish")) == undisturbed

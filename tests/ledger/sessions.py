"""Processes that run single tests again and again, each time under another rulebook."""

import multiprocessing
import os
import queue
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol

from tests.ledger.marks import QUIET, collect

SPAWN = multiprocessing.get_context("spawn")


@dataclass(frozen=True)
class Job:
    """Tests to run, in this order until one fails, under the rulebook of a file.

    ``variable`` is the environment's variable that names the file to the tests. ``control`` is the
    file of the rulebook as it is: under it the test that failed must pass.
    """

    number: int
    tests: tuple[str, ...]
    variable: str
    rulebook: str
    control: str = ""


@dataclass
class Answer:
    """What became of a job: the test that failed with the first line of its error ("" if all
    passed), whether that test passes under the control, and the seconds that each test took."""

    number: int
    failed: str = ""
    error: str = ""
    passes_unmoved: bool = True
    seconds: dict[str, float] = field(default_factory=dict)


class Runner:
    """A plugin of pytest: instead of running the collected tests once, do jobs until None."""

    def __init__(self, jobs, answers):
        self.jobs = jobs
        self.answers = answers

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Do jobs; the database made for the first test serves all."""
        items = {item.nodeid: item for item in session.items}
        while (job := self.jobs.get()) is not None:
            self.answers.put(self._answer(session, items, job))
        return True

    def _answer(self, session, items, job: Job) -> Answer:
        answer = Answer(job.number)
        # Some tests this run leaves out, such as those that need PostgreSQL.
        for test in (test for test in job.tests if test in items):
            began = time.monotonic()
            error = self._error(session, items[test], job.variable, job.rulebook)
            answer.seconds[test] = time.monotonic() - began
            if error is None:
                continue
            answer.failed, answer.error = test, error
            if job.control:
                again = self._error(session, items[test], job.variable, job.control)
                answer.passes_unmoved = again is None
            break
        return answer

    def _error(self, session, item, variable: str, rulebook: str) -> str | None:
        os.environ[variable] = rulebook
        # What is next is not known: all is torn down but what belongs to the session.
        for report in runtestprotocol(item, log=False, nextitem=session):
            if report.failed:
                crash = getattr(report.longrepr, "reprcrash", None)
                return (crash.message if crash else str(report.longrepr)).partition("\n")[0]
        return None


class Sessions:
    """So many processes, each with the given test files collected and a database of its own.

    Use as a context manager; they end with it.
    """

    def __init__(self, *, count: int, files: list[str], folder: Path):
        self._jobs, self._answers = SPAWN.Queue(), SPAWN.Queue()
        self._logs = [folder / f"session{number}.log" for number in range(count)]
        self._processes = [
            SPAWN.Process(target=_serve, args=(self._jobs, self._answers, files, str(log)))
            for log in self._logs
        ]

    def __enter__(self) -> "Sessions":
        for process in self._processes:
            process.start()
        return self

    def __exit__(self, kind, error, trace) -> None:
        for process in self._processes:
            if kind is None:
                self._jobs.put(None)
            else:
                process.terminate()
        for process in self._processes:
            process.join()

    def do(self, jobs: list[Job]) -> Iterator[Answer]:
        """The answers to the jobs, as they come in. Raises RuntimeError if a process has died."""
        for job in jobs:
            self._jobs.put(job)
        for _count in jobs:
            yield _next(self._answers, self._processes, self._logs)


def _next(answers, processes, logs: list[Path]):
    """The next answer. Raises RuntimeError, with what its log says, if a process ended without."""
    while True:
        try:
            return answers.get(timeout=0.5)
        except queue.Empty:
            ended = [log for process, log in zip(processes, logs, strict=True) if process.exitcode]
        if ended:
            raise RuntimeError(f"a session of tests ended:\n{ended[0].read_text('utf-8')[-4000:]}")


def _alone(log: str) -> None:
    """Say nothing on the terminal, and run on SQLite in memory whatever the environment names."""
    for name in ("DATABASE_URL", "REDIS_URL", "MODE"):
        os.environ.pop(name, None)
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
        os.dup2(file, stream.fileno())


def _serve(jobs, answers, files: list[str], log: str) -> None:
    _alone(log)
    sys.exit(pytest.main([*QUIET, *files], plugins=[Runner(jobs, answers)]))


def _collect(answers, arguments: list[str], log: str) -> None:
    _alone(log)
    answers.put(collect(arguments))


def collect_apart(arguments: list[str], folder: Path) -> dict[str, list[str]]:
    """As ``marks.collect``, in a process of its own."""
    answers = SPAWN.Queue()
    log = folder / "collecting.log"
    process = SPAWN.Process(target=_collect, args=(answers, arguments, str(log)))
    process.start()
    tests = _next(answers, [process], [log])
    process.join()
    return tests

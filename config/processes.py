"""A family of child processes: restarted when they die, stopped together."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

# A child that lived this long was well: the next restart is quick again.
STEADY_SECONDS = 30.0
LONGEST_PAUSE_SECONDS = 30.0


@dataclass
class Child:
    """One process that is to be running, and how its restarts went."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen | None = None
    started: float = 0.0
    restarts: int = 0
    # Seconds to wait before the next start; doubled while the child dies young.
    pause: float = field(default=0.0)
    due: float = 0.0


class Family:
    """Keeps its children running until `stop` is called.

    `tell` is given one line for every event. `environment` is that of every child. `keep_open` are
    file descriptors that every child inherits: a lock held through them is held until the last
    child is gone, even when this process was killed.
    """

    def __init__(
        self,
        children: Mapping[str, Sequence[str]],
        *,
        environment: Mapping[str, str],
        tell: Callable[[str], None],
        keep_open: Sequence[int] = (),
        first_pause: float = 0.5,
    ) -> None:
        self.children = [Child(name, command) for name, command in children.items()]
        self._environment = dict(environment)
        self._tell = tell
        self._keep_open = tuple(keep_open)
        self._first_pause = first_pause

    def start(self) -> None:
        """Start every child."""
        for child in self.children:
            self._launch(child)

    def tend(self) -> None:
        """Look at every child once: note who died, start who is due."""
        now = time.monotonic()
        for child in self.children:
            if child.process is not None and child.process.poll() is not None:
                self._note_death(child, now)
            if child.process is None and now >= child.due:
                child.restarts += 1
                self._launch(child)

    def stop(self, patience: float = 20.0) -> None:
        """Ask every child to end; after `patience` seconds end who has not."""
        living = [child for child in self.children if child.process is not None]
        for child in living:
            child.process.terminate()
        deadline = time.monotonic() + patience
        for child in living:
            try:
                child.process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self._tell(f"{child.name} did not end in {patience:.0f} s and is killed")
                child.process.kill()
                child.process.wait()
            child.process = None

    def _launch(self, child: Child) -> None:
        child.process = subprocess.Popen(
            child.command,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            # A Ctrl-C in the terminal reaches this process alone, which then stops them in order.
            start_new_session=True,
            pass_fds=self._keep_open,
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,
        )
        child.started = time.monotonic()

    def _note_death(self, child: Child, now: float) -> None:
        steady = now - child.started >= STEADY_SECONDS
        child.pause = (
            self._first_pause
            if steady or not child.pause
            else min(child.pause * 2, LONGEST_PAUSE_SECONDS)
        )
        child.due = now + child.pause
        self._tell(
            f"{child.name} ended ({_how(child.process.returncode)}), "
            f"starting it again in {child.pause:.1f} s"
        )
        child.process = None


def _how(code: int) -> str:
    """Return how a process ended, for a reader."""
    if code < 0:
        return signal.Signals(-code).name
    return f"exit code {code}"


def _die_with_parent() -> None:
    """Ask Linux to end this process when its parent is gone, however that came about.

    Without it a runner killed outright would leave its timetable running, and after the next start
    there would be two.
    """
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)
    if os.getppid() == 1:
        os._exit(1)

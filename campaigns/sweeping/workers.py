"""Which process works on a shard, and whether it still runs.

A lease must outlast the longest statement, so it is long. Where the dead process was one of this
machine's, that can be seen at once, and a restarted worker need not wait for the lease to end.
"""

import hashlib
import os
import socket
from pathlib import Path

_PROCESSES = Path("/proc")
# Field 22 of /proc/<pid>/stat, counted from the state (field 3), which follows the name in
# brackets: the start of the process, so that a process id given again is not taken for the old one.
_STARTED = 19
_GONE = {"Z", "X"}


def identity() -> str:
    """This process as text, at most 120 characters; empty where the system cannot tell."""
    place, started = _place(), _started(os.getpid())
    return f"{place}/{os.getpid()}/{started}" if place and started else ""


def is_gone(worker: str) -> bool:
    """Whether a process named by `identity` has certainly ended. False where nothing is known."""
    place, _slash, process = worker.partition("/")
    if not place or place != _place():
        return False
    pid, _slash, started = process.partition("/")
    return _started(int(pid)) != started


def _place():
    """A digest of the machine, its boot and its space of process ids; empty if not readable."""
    try:
        boot = (_PROCESSES / "sys/kernel/random/boot_id").read_text()
        space = os.readlink(_PROCESSES / "self/ns/pid")
    except OSError:
        return ""
    name = f"{socket.gethostname()} {boot} {space}"
    return hashlib.sha256(name.encode()).hexdigest()[:16]


def _started(pid):
    """When the process started, in the system's ticks, as text; empty if it does not run."""
    try:
        line = (_PROCESSES / str(pid) / "stat").read_text()
    except OSError:
        return ""
    fields = line.rpartition(")")[2].split()
    return "" if fields[0] in _GONE else fields[_STARTED]

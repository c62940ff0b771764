"""Several callers behind a barrier."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connections


def at_once(*calls):
    """Call all at the same time, each in a thread with a connection of its own; the results."""
    barrier = Barrier(len(calls), timeout=60)

    def one(call):
        try:
            barrier.wait()
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))

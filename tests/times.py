"""Instants for tests, written as clocks of the installation's zone show them."""

from datetime import datetime

from sellers.localtime import from_local


def local(text: str) -> datetime:
    """The aware instant of a local "2023-05-16 20:00:00" (seconds and time may be left out)."""
    return from_local(datetime.fromisoformat(text))

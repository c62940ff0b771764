"""Reads the environment strictly: what is not understood stops the start, by its name."""

import zoneinfo
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"0", "false", "no", "off", ""})


class Environment(environ.Env):
    """django-environ, with readers that refuse instead of guessing.

    Every reader raises ImproperlyConfigured, and its message begins with the variable's name. An
    empty value counts as not set, so that `NAME=` in an environment file means the default.
    """

    def _text(self, name: str) -> str | None:
        value = self.ENVIRON.get(name, "").strip()
        return value or None

    def _refuse(self, name: str, value: Any, expected: str) -> ImproperlyConfigured:
        return ImproperlyConfigured(f"{name}: expected {expected}, found {value!r}")

    def required(self, name: str, why: str) -> str:
        """Return the text of a variable that must be set; `why` ends the message when it is not."""
        value = self._text(name)
        if value is None:
            raise ImproperlyConfigured(f"{name}: must be set {why}")
        return value

    def text(self, name: str, default: str = "") -> str:
        """Return the text of a variable."""
        return self._text(name) or default

    def choice(self, name: str, choices: Sequence[str], default: str) -> str:
        """Return one of `choices`."""
        value = self._text(name) or default
        if value not in choices:
            raise self._refuse(name, value, "one of " + ", ".join(choices))
        return value

    def switch(self, name: str, default: bool) -> bool:
        """Return a truth value: 1, true, yes, on or 0, false, no, off in any case."""
        value = self._text(name)
        if value is None:
            return default
        if value.lower() in TRUE_WORDS:
            return True
        if value.lower() in FALSE_WORDS:
            return False
        raise self._refuse(name, value, "true or false")

    def number(self, name: str, default: int, *, least: int, most: int) -> int:
        """Return a whole number between `least` and `most`, both included."""
        value = self._text(name)
        if value is None:
            return default
        expected = f"a whole number from {least} to {most}"
        if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
            raise self._refuse(name, value, expected)
        return int(value)

    def words(self, name: str, default: Sequence[str] = ()) -> list[str]:
        """Return a comma-separated list; blanks around each word are dropped."""
        value = self._text(name)
        if value is None:
            return list(default)
        found = [word.strip() for word in value.split(",")]
        if not all(found):
            raise self._refuse(name, value, "words separated by single commas")
        return found

    def choices(self, name: str, choices: Sequence[str], default: Sequence[str]) -> list[str]:
        """Return a comma-separated list of some of `choices`, each once."""
        found = self.words(name, default)
        wrong = [word for word in found if word not in choices]
        if wrong or len(set(found)) < len(found):
            expected = "some of " + ", ".join(choices) + ", each once, separated by commas"
            raise self._refuse(name, ",".join(wrong or found), expected)
        return found

    def zone(self, name: str, default: str) -> str:
        """Return the name of a time zone that this machine knows."""
        value = self._text(name) or default
        try:
            zoneinfo.ZoneInfo(value)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise self._refuse(name, value, "a time zone such as Asia/Shanghai") from error
        return value

    def instant(self, name: str, zone: str) -> datetime | None:
        """Return an aware datetime from ISO 8601; without an offset it is local to `zone`."""
        value = self._text(name)
        if value is None:
            return None
        try:
            found = datetime.fromisoformat(value)
        except ValueError as error:
            raise self._refuse(name, value, "a date and time such as 2023-05-15T09:00") from error
        return found if found.tzinfo else found.replace(tzinfo=zoneinfo.ZoneInfo(zone))

    def epoch(self, name: str) -> float | None:
        """Return seconds since 1970."""
        value = self._text(name)
        if value is None:
            return None
        try:
            found = float(value)
        except ValueError as error:
            raise self._refuse(name, value, "seconds since 1970") from error
        if not 0 <= found < 1e11:
            raise self._refuse(name, value, "seconds since 1970")
        return found

    def folder(self, name: str, default: Path) -> Path:
        """Return an absolute folder, made when it is missing."""
        found = Path(self._text(name) or default)
        if not found.is_absolute():
            raise self._refuse(name, str(found), "an absolute path")
        try:
            found.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._refuse(name, str(found), "a folder that can be made") from error
        return found

    def address(self, name: str, schemes: Sequence[str], default: str | None = None) -> str | None:
        """Return a URL whose scheme is one of `schemes`."""
        value = self._text(name) or default
        if value is None:
            return None
        try:
            parts = urlsplit(value)
            readable = parts.scheme in schemes and parts.port != 0  # .port may raise
        except ValueError:
            readable = False
        if not readable:
            expected = "a URL that begins with " + " or ".join(f"{one}://" for one in schemes)
            raise self._refuse(name, _without_password(value), expected)
        return value

    def parsed(self, name: str, parse: Callable[[str], Any], value: str, expected: str) -> Any:
        """Return `parse(value)`; whatever `parse` raises is told in the variable's name."""
        try:
            return parse(value)
        except Exception as error:
            raise self._refuse(name, _without_password(value), expected) from error


def _without_password(url: str) -> str:
    """Return the URL fit for a log: what stands between the scheme and the @ is left out."""
    scheme, separator, rest = url.partition("://")
    return f"{scheme}{separator}…@{rest.rpartition('@')[2]}" if "@" in rest else url

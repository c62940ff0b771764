"""Which demonstration this is, where it lives, and the environment that it runs in."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from campaigns.rulebooks import loading as rulebooks
from config.demo.double12.values import with_own
from config.demo.seasons import SEASONS, Season
from config.marketplaces import olist, races, synthetic
from config.marketplaces.calendar import Calendar
from config.marketplaces.files import Marketplace

# Says to the command that it runs in the demonstration's own environment.
MARK = "PADDOCK_DEMO"
# What would send a demonstration elsewhere than into its own folder.
DROPPED = (
    "DATABASE_URL", "REDIS_URL", "QUEUE_DIR", "STATIC_ROOT", "CLOCK_EPOCH", "CLOCK_START",
    "SECRET_KEY", "ALLOWED_HOSTS", "PROXY_COUNT",
)  # fmt: skip


@dataclass(frozen=True)
class Demonstration:
    """A marketplace, a seed, a size and a campaign; `source` is the folder of Olist's files, or
    None."""

    seed: int
    size: str
    source: Path | None = None
    campaign: str = "520"

    @property
    def name(self) -> str:
        """A name of its own: the same campaign, files, seed and size share one, others do not."""
        if self.source is None:
            return f"{self.season.file}synthetic-{self.size}-{self.seed}"
        return f"{self.season.file}olist-{_digest(self.source)[:8]}-{self.seed}"

    @property
    def season(self) -> Season:
        """The campaign that is demonstrated."""
        return SEASONS[self.campaign]

    @property
    def calendar(self) -> Calendar:
        """The campaign's days on this marketplace."""
        return self.season.calendar(self.starts)

    @property
    def zone(self) -> str:
        """The time zone that the marketplace's times are local to."""
        return synthetic.ZONE if self.source is None else olist.ZONE

    @property
    def starts(self) -> date:
        """The first day of the preheat."""
        return self.season.of(self.source)[0]

    @property
    def morning(self) -> datetime:
        """The local instant at which the replay ends: the morning of the first live day.

        The 520 season goes live in the evening of its preheat's second day (G520-005), Double 12
        at the beginning of its sixth (D12-050).
        """
        return datetime.combine(self.starts + timedelta(days=self.calendar.LIVE_DAY), time(8))

    @property
    def campaign_code(self) -> str:
        """The code under which the rulebook is loaded."""
        return f"{self.season.code}-{self.starts.year}"

    def rulebook(self) -> tuple[str, str]:
        """The rulebook's text, with the marketplace's own values, and its name."""
        text, name = rulebooks.open_rulebook(self.season.rulebook)
        own = self.season.of(self.source)[2]
        return (text if own is None else with_own(text, own)), name

    def write(self, folder: Path) -> Marketplace:
        """Write the marketplace's files into a folder, and those of its races beside them."""
        starts, write, _own = self.season.of(self.source)
        if self.source is None:
            marketplace = write(folder, seed=self.seed, size=self.size, starts=starts)
        else:
            marketplace = write(self.source, folder, seed=self.seed, starts=starts)
        races.write(folder)
        return marketplace

    def folder(self, var: Path) -> Path:
        """Return the folder that holds everything of it: database, queue, key, files."""
        return var / "demo" / self.name

    def environment(
        self, given: Mapping[str, str], folder: Path, *, clock: datetime | None = None
    ) -> dict[str, str]:
        """Return the environment of the demonstration's processes.

        `clock` is the local instant at which their clock starts; None leaves the real one.
        """
        kept = {name: value for name, value in given.items() if name not in DROPPED}
        own = self.variables(folder, clock=clock)
        return {**kept, **own, MARK: str(folder)}

    def variables(self, folder: Path, *, clock: datetime | None = None) -> dict[str, str]:
        """Return the settings that make a process one of the demonstration's."""
        own = {"MODE": "embedded", "VAR_DIR": str(folder), "TIME_ZONE": self.zone}
        if clock is not None:
            own["CLOCK_START"] = clock.isoformat(timespec="seconds")
        return own


def _digest(folder: Path) -> str:
    """Names and bytes of the files of a folder as one SHA-256; files below it do not count."""
    found = hashlib.sha256()
    for file in sorted(folder.glob("*.csv*")):
        found.update(file.name.encode() + b"\0")
        with file.open("rb") as stream:
            found.update(hashlib.file_digest(stream, "sha256").digest())
    return found.hexdigest()

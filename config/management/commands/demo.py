"""The main job in one command: a campaign lived through on a marketplace, then served."""

import fcntl
import os
import shutil
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from campaigns.models import Campaign
from config.demo import loading, logins, marker, quotas, races, report, venues
from config.demo.clock import resumes_at
from config.demo.place import MARK, Demonstration
from config.demo.seasons import SEASONS
from config.marketplaces import olist
from config.marketplaces.files import read_cover
from config.marketplaces.olist.source import Unreadable
from config.marketplaces.synthetic.world import SIZES
from sellers.localtime import from_local

CAMPAIGN, SIZE, PORT = "520", "M", 8000
MARKETPLACE = "marketplace"


class Command(BaseCommand):
    """Load a demonstration where there is none yet, tell what happened, and serve it."""

    help = (
        "Makes a marketplace (or takes Olist's files from a folder), runs a campaign on it (the "
        "520 season of 2023 or the Double 12 of 2015) up to the morning of the first live day, "
        "prints what happened, and serves on. Each campaign, marketplace, seed and size has a "
        "database of its own; one that is there is not loaded again."
    )
    requires_system_checks = ()
    requires_migrations_checks = False

    def add_arguments(self, parser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--campaign", choices=sorted(SEASONS), default=CAMPAIGN, help=f"default: {CAMPAIGN}"
        )
        seeds = ", ".join(f"{season.seed} for {name}" for name, season in sorted(SEASONS.items()))
        parser.add_argument("--seed", type=int, help=f"default: {seeds}")
        parser.add_argument(
            "--size", type=str.upper, choices=sorted(SIZES), default=SIZE,
            help="of a made-up marketplace: S 60, M 300, L 3,000 sellers; default: M",
        )  # fmt: skip
        parser.add_argument(
            "--marketplace", metavar="FOLDER", help=f"Olist's files. {olist.WHERE_TO_GET_IT}"
        )
        parser.add_argument(
            "--through", action="store_true", help="live through to the morning after the end"
        )
        parser.add_argument("--port", type=int, default=PORT, help=f"default: {PORT}; 0 takes any")
        serving = parser.add_mutually_exclusive_group()
        serving.add_argument("--serve", action="store_true", default=True, help="the default")
        serving.add_argument(
            "--no-serve", action="store_false", dest="serve", help="end with the table"
        )

    def handle(self, *args, **options) -> None:
        """Go into the demonstration's own environment, load if need be, tell, serve."""
        demonstration = self._demonstration(options)
        if Path(os.environ.get(MARK, os.devnull)) != settings.VAR_DIR:
            _again(demonstration, options)
        folder = Path(settings.VAR_DIR)
        began = time.monotonic()
        with _only_one(folder):
            loaded = marker.is_finished(demonstration.name)
            if not loaded:
                self._load(demonstration, folder)
            call_command("migrate", interactive=False, verbosity=0)
        campaign = Campaign.objects.get(code=demonstration.campaign_code)
        self._tell(demonstration, campaign, folder)
        if loaded:
            self._line("Loaded before, so nothing was loaded now.")
        else:
            self._line(f"Took {time.monotonic() - began:,.0f} seconds.")
        if options["serve"]:
            self._serve(demonstration, campaign, folder, options["port"] or _free_port())

    def _demonstration(self, options) -> Demonstration:
        source, campaign = options["marketplace"], options["campaign"]
        seed = SEASONS[campaign].seed if options["seed"] is None else options["seed"]
        if source is None:
            return Demonstration(
                seed, options["size"], campaign=campaign, through=options["through"]
            )
        path = Path(source).resolve()
        if not path.is_dir():
            raise CommandError(f"{source}: there is no such folder. {olist.WHERE_TO_GET_IT}.")
        return Demonstration(seed, "", path, campaign, options["through"])

    def _load(self, demonstration: Demonstration, folder: Path) -> None:
        """Load from nothing: what a load that was cut off left behind is removed first."""
        season = demonstration.season
        connection.close()
        _clear(folder)
        self._line(f"{demonstration.name}: {season.title} ({season.rulebook})")
        call_command("migrate", interactive=False, verbosity=0)
        try:
            loading.load(
                demonstration,
                folder / MARKETPLACE,
                tell=self._line,
                bar=self.stderr.isatty(),
            )
        except Unreadable as error:
            raise CommandError(f"{error}. {olist.WHERE_TO_GET_IT}.") from error

    def _tell(self, demonstration: Demonstration, campaign: Campaign, folder: Path) -> None:
        cover = read_cover(folder / MARKETPLACE)
        at = from_local(demonstration.morning)
        self._line(
            f"\n{campaign.title['en']} on {cover.title['en']}, up to {_shown(demonstration)}"
        )
        self._line("=" * (report.WIDTH + 8))
        self._line(report.table(report.outcome(campaign, at)))
        if len(kinds := venues.kinds_of(campaign, at)) > 1:
            self._line("-" * (report.WIDTH + 8))
            self._line(venues.table(campaign, at, kinds))
        if found := races.told(campaign, at):
            self._line("-" * (report.WIDTH + 8))
            self._line(races.table(found))
        self._line("=" * (report.WIDTH + 8))
        if found:
            self._line(races.line(races.check(campaign)))
        if demonstration.campaign == "double12":
            self._line(quotas.line(quotas.compare(campaign, at)))
        if cover.generated:
            self._line("\nNot in the files, made up from the seed:")
            for fact, how in cover.generated.items():
                self._line(f"  {fact}: {how}")
        self._line(
            f"\nThe nights up to {_shown(demonstration)} were lived through. The clock goes\n"
            "on from there, and the timetable runs the nights that follow."
        )

    def _serve(
        self, demonstration: Demonstration, campaign: Campaign, folder: Path, port: int
    ) -> None:
        clock = resumes_at(campaign, demonstration.morning)
        self._line(f"\nThe clock starts at {clock:%Y-%m-%d %H:%M:%S} ({demonstration.zone}).")
        own = demonstration.variables(folder, clock=clock)
        self._line("Other commands on this installation: env \\")
        self._line("  " + " \\\n  ".join(f"{name}={value}" for name, value in own.items()) + " \\")
        self._line("  .venv/bin/python manage.py …\n")
        self._line(f"{'login':<12}{'password':<20}at")
        address = f"http://127.0.0.1:{port}"
        for login in logins.logins(folder / MARKETPLACE):
            self._line(f"{login.name:<12}{login.password:<20}{address}{login.where}  {login.note}")
        self._line("")
        sys.stdout.flush()
        connection.close()
        environment = demonstration.environment(os.environ, folder, clock=clock)
        command = [sys.executable, _manage(), "serve", "--port", str(port)]
        os.execve(sys.executable, command, environment)

    def _line(self, text: str) -> None:
        self.stdout.write(text)


def _again(demonstration: Demonstration, options) -> None:
    """Start this command again in the demonstration's environment; does not return."""
    folder = demonstration.folder(Path(settings.VAR_DIR))
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, _manage(), "demo", "--seed", str(demonstration.seed)]
    command += ["--port", str(options["port"]), "--campaign", demonstration.campaign]
    if demonstration.source is None:
        command += ["--size", demonstration.size]
    else:
        command += ["--marketplace", str(demonstration.source)]
    if demonstration.through:
        command.append("--through")
    if not options["serve"]:
        command.append("--no-serve")
    sys.stdout.flush()
    # While it loads, what asks the clock is told the morning on which the replay ends.
    environment = demonstration.environment(os.environ, folder, clock=demonstration.morning)
    os.execve(sys.executable, command, environment)


def _free_port() -> int:
    """Return a port that nobody listens on; the address is printed before the server starts."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _manage() -> str:
    return str(settings.BASE_DIR / "manage.py")


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """Hold the demonstration's folder against a second load."""
    with (folder / "load.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CommandError(f"another load is at work in {folder}") from error
        yield


def _clear(folder: Path) -> None:
    """Remove the database, the queue and the marketplace's files; the lock and the key stay."""
    database = Path(settings.DATABASES["default"]["NAME"])
    for suffix in ("", "-wal", "-shm"):
        database.with_name(database.name + suffix).unlink(missing_ok=True)
    for name in (MARKETPLACE, "queue"):
        shutil.rmtree(folder / name, ignore_errors=True)


def _shown(demonstration: Demonstration) -> str:
    return f"{demonstration.morning:%d %B %Y, %H:%M}"

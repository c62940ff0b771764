"""Collect the texts to translate, and compile what is translated."""

from django.core.management.base import BaseCommand, CommandError

from config import catalogues

# As many findings as fit a screen.
SHOWN = 30


class Command(BaseCommand):
    """Bring the catalogues up to date, or check that they are."""

    help = "Collects texts from the sources into the catalogues, and compiles these."

    def add_arguments(self, parser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--check",
            action="store_true",
            help="change nothing; fail if a text is missing, not translated or not compiled",
        )
        parser.add_argument("--compile-only", action="store_true", help="do not collect")

    def handle(self, *args, **options) -> None:
        """Check, or collect and compile."""
        if options["check"]:
            self._check()
            return
        if not options["compile_only"]:
            if not catalogues.can_collect():
                raise CommandError("collecting needs gettext: apt-get install gettext")
            catalogues.collect()
        catalogues.compile_all()
        left = list(catalogues.incomplete())
        self.stdout.write(_listed(left) or "Every text is translated.")

    def _check(self) -> None:
        found = [*catalogues.incomplete(), *catalogues.stale()]
        if catalogues.can_collect():
            found += catalogues.uncollected()
        else:
            self.stdout.write("Without gettext it is not checked that every text was collected.")
        if found:
            raise CommandError(f"{_listed(found)}\nRun make messages and translate what is new.")
        self.stdout.write("Every text is collected, translated and compiled.")


def _listed(lines: list[str]) -> str:
    """Return the first lines, and how many there are in all."""
    more = [f"… {len(lines)} in all"] if len(lines) > SHOWN else []
    return "\n".join(lines[:SHOWN] + more)

"""Takes rulebooks in: from a file, from the library, from another campaign. All or nothing."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path as FilePath

from django.db import transaction
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from campaigns.models import Campaign, RulebookVersion
from campaigns.rulebooks import bindings, registry, yaml_text
from campaigns.rulebooks.problems import Problem, RulebookErrors, with_lines
from campaigns.rulebooks.reading import parse
from campaigns.rulebooks.rulebook import Rulebook, read_version
from campaigns.rulebooks.sections.heading import settings_of
from campaigns.rulebooks.versions import add_draft, discard, draft_of, latest_version

LIBRARY = FilePath(__file__).parent / "library"


@dataclass(frozen=True)
class Loaded:
    """What a load came to: the version that now says what the file says, and whether it is new."""

    version: RulebookVersion
    is_new: bool


def library() -> dict[str, FilePath]:
    """The rulebooks that come with Paddock, by name."""
    return {path.stem.replace("_", "-"): path for path in sorted(LIBRARY.glob("*.yaml"))}


def open_rulebook(name_or_file: str) -> tuple[str, str]:
    """The text of a library rulebook or of a file, and the name to remember it by.

    Raises RulebookErrors.
    """
    path = library().get(name_or_file) or FilePath(name_or_file)
    try:
        return path.read_text(encoding="utf-8"), path.name
    except (OSError, UnicodeDecodeError) as error:
        known = ", ".join(library())
        text = _("“%(name)s” cannot be read (%(error)s); the library has %(known)s")
        values = {"name": name_or_file, "error": error, "known": known}
        raise RulebookErrors([Problem((), text % values)]) from None


def read_rulebook(text: str) -> Rulebook:
    """The rulebook of a file's text. Raises RulebookErrors with every problem and its line."""
    document = yaml_text.read(text)
    book, problems = parse(document.data, bindings.metrics())
    problems += problems_of_meaning(book, problems)
    if problems:
        raise RulebookErrors(with_lines(problems, document.lines))
    return book


def check(text: str) -> list[Problem]:
    """Every problem of a file's text, in the order of its lines; nothing is stored."""
    try:
        read_rulebook(text)
    except RulebookErrors as errors:
        return errors.problems
    return []


def normalise(text: str) -> str:
    """A file's text as ``dump`` would write it: one order of keys, defaults left out."""
    return yaml_text.write(read_rulebook(text).render())


def dump(version: RulebookVersion) -> str:
    """A stored version as the text of a file."""
    return yaml_text.write(read_version(version).render())


@transaction.atomic
def load(
    text: str,
    *,
    source: str = "",
    code: str | None = None,
    starts: date | None = None,
    replace: bool = False,
) -> Loaded:
    """Take a file's text in as the next draft of its campaign, which is made if there is none.

    ``code`` loads it under another campaign code, ``starts`` moves its dates so that the preheat
    (or live) starts that day. A file that says what the campaign's latest version says changes
    nothing. Raises RulebookErrors; VersionRefused if the campaign has another draft, which
    ``replace`` discards.
    """
    book = read_rulebook(text)
    if starts is not None:
        book = book.starting(starts)
    if code is not None:
        book = book.under(code)
    return take_in(book, source=source, replace=replace)


@transaction.atomic
def clone(version: RulebookVersion, *, code: str, starts: date | None = None) -> RulebookVersion:
    """A new campaign with a draft of this version's rulebook, its dates moved if ``starts`` is
    given. Raises RulebookErrors, among others if a campaign has the code already."""
    if Campaign.objects.filter(code=code).exists():
        text = _("there is a campaign “%(code)s” already") % {"code": code}
        raise RulebookErrors([Problem(("campaign", "code"), text)])
    book = read_version(version).under(code)
    if starts is not None:
        book = book.starting(starts)
    return take_in(book, source=f"{version.campaign.code} v{version.number}").version


def take_in(book: Rulebook, *, source: str = "", replace: bool = False) -> Loaded:
    """Store a rulebook as the next draft of the campaign that it names."""
    heading = book.rows["campaign"][0]
    campaign, made = Campaign.objects.get_or_create(
        code=heading["code"], defaults=settings_of(heading)
    )
    if not made:
        latest = latest_version(campaign)
        if latest is not None and read_version(latest).render() == book.render():
            return Loaded(latest, is_new=False)
        draft = draft_of(campaign)
        if replace and draft is not None:
            discard(draft)
    return Loaded(add_draft(campaign, book, source=source), is_new=True)


def problems_of_meaning(book: Rulebook, problems: list[Problem]) -> list[Problem]:
    """What the engine says of the rows without a problem of their own.

    They are stored under a code that nobody has, asked, and rolled back. Figures, lists and tables
    are what conditions speak of: with a problem among those nothing can be said.
    """
    speaks_of = {"campaign", "facts", "lists", "tables", "statistics", "snapshots", "venues"}
    if any(not problem.path or problem.path[0] in speaks_of for problem in problems):
        return []
    indices, rows = {}, {}
    for section in registry.sections():
        placed = [(i, row) for i, row in enumerate(book.rows[section.key]) if row is not None]
        indices[section.key] = [i for i, _row in placed]
        rows[section.key] = [row for _i, row in placed]
    with transaction.atomic():
        campaign = Campaign.objects.create(code=f"check-{get_random_string(20).lower()}")
        version = RulebookVersion.objects.create(campaign=campaign, number=1)
        Rulebook(rows).save(version)
        found = [
            *bindings.declare_facts(version),
            *bindings.problems_of_meaning(version, indices),
        ]
        transaction.set_rollback(True)
    return found

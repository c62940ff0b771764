"""A rulebook as rows by section: between the file and the database, and independent of both."""

from copy import copy
from dataclasses import dataclass
from datetime import date

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from campaigns.models import Milestone, RulebookVersion
from campaigns.rulebooks import registry
from campaigns.rulebooks.problems import Problem, RulebookErrors
from campaigns.rulebooks.schema import VERSION
from campaigns.rulebooks.values import Shift


@dataclass
class Rulebook:
    """``rows`` by section key: dicts of the models' attributes, defaults filled in."""

    rows: dict[str, list[dict]]

    @property
    def code(self) -> str:
        """The campaign's code."""
        return self.rows["campaign"][0]["code"]

    def render(self) -> dict:
        """The document that a file holds: every default and every empty section left out."""
        document = {"schema": VERSION}
        for section in registry.sections():
            if self.rows[section.key]:
                document[section.key] = section.render(self.rows[section.key])
        return document

    def save(self, version: RulebookVersion) -> None:
        """Store every row as the version's, a few inserts a section. The version has none yet."""
        for section in registry.sections():
            section.save(version, self.rows[section.key])

    def under(self, code: str) -> "Rulebook":
        """The same rulebook for a campaign of another code."""
        heading = [{**self.rows["campaign"][0], "code": code}]
        return Rulebook({**self.rows, "campaign": heading})

    def starting(self, day: date) -> "Rulebook":
        """The same rulebook with its dates moved by whole days, so that its first preheat
        milestone (without one, its first live one) starts on ``day``. Raises RulebookErrors."""
        kinds = (Milestone.Kind.PREHEAT, Milestone.Kind.LIVE)
        for kind in kinds:
            starts = [row["starts_at"] for row in self.rows["milestones"] if row["kind"] == kind]
            if starts:
                move = Shift.between(min(starts), day)
                break
        else:
            text = _("expected a milestone of kind preheat or live to move the dates by")
            raise RulebookErrors([Problem(("milestones",), text)])
        moved = {
            section.key: section.shift(self.rows[section.key], move)
            for section in registry.sections()
        }
        return Rulebook(moved)


def with_rows(*versions: RulebookVersion) -> list[RulebookVersion]:
    """The versions, each a copy that holds the rows of all sections: a query or two a section, for
    all versions together. The copies are for reading; what is saved later, they do not see."""
    copies = [copy(version) for version in versions]
    for found in copies:
        # Else the copy's rows would be the version's too, and what that holds may be old.
        found.__dict__.pop("_prefetched_objects_cache", None)
    names = [name for section in registry.sections() for name in section.related]
    prefetch_related_objects(copies, *names)
    return copies


def read_version(version: RulebookVersion) -> Rulebook:
    """The rulebook of a stored version: a query or two a section, none of one `with_rows`."""
    return Rulebook({section.key: section.read(version) for section in registry.sections()})

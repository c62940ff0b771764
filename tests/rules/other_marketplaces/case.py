"""A requirement's bound, on both sides: what is fed, and what must come of it.

Each case has subjects of its own, all of which meet everything else. At filing, one just inside the
bound is admitted and one just outside refused. Where the requirement is asked by night too, two
were admitted, and a later feed leaves one of them just inside and takes the other just outside.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Violation:
    """A penalty that a seller gets."""

    time: str
    points: int = 0
    category: str = "prohibited"


@dataclass(frozen=True)
class Orders:
    """So many orders of one unit of an item, the first of them refunded."""

    number: int = 1
    refunded: int = 0
    price: str = "80.00"
    paid_at: str = "2023-05-05 12:00:00"
    abnormal: bool = False


@dataclass(frozen=True)
class ListPrice:
    """A list price from its start to its end."""

    price: str
    starts_at: str = "2023-05-03 00:00:00"
    ends_at: str = ""


@dataclass(frozen=True)
class Known:
    """What is fed of a subject beside what is good: columns, declared facts, events."""

    facts: dict = field(default_factory=dict)
    events: tuple = ()


@dataclass(frozen=True)
class Night:
    """What changes after approval for the one that is kept and the one that is lost, and what the
    re-check does to the latter: the action, the entry's status, the grounds."""

    kept: Known
    lost: Known
    action: str = ""
    status: str = "approved"
    grounds: tuple = ()


@dataclass(frozen=True)
class Case:
    """One bound. ``grounds`` are those of the refusal: metric, measured, comparator, threshold."""

    name: str
    code: str
    admitted: Known
    refused: Known
    grounds: tuple
    night: Night | None = None
    # What the one that will be lost is admitted with, where it is not the same.
    admitted_too: Known | None = None

    def subjects(self):
        """Code of each subject that is admitted, and what is known of it at filing."""
        if self.night is None:
            return {f"{self.name}-admitted": self.admitted}
        too = self.admitted_too or self.admitted
        return {f"{self.name}-kept": self.admitted, f"{self.name}-lost": too}

    def changes(self):
        """Code of each subject that changes after approval, and what is known of it then."""
        if self.night is None:
            return {}
        return {f"{self.name}-kept": self.night.kept, f"{self.name}-lost": self.night.lost}

    def __str__(self):
        return self.name

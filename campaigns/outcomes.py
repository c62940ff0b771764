"""What came of a filing, read back from what is stored: one result for each of its rows."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from django.db.models import Q

from campaigns.models import Entry, Filing, Finding


@dataclass(frozen=True)
class RowResult:
    """What became of one row. ``entry`` is None where the seller has no item of that code."""

    line: int
    item: str
    entry: Entry | None
    status: str
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True)
class FilingResult:
    """What became of a filing, in file order.

    ``repeated`` says that the key had been used before, and that this is what came of it then.
    """

    filing: Filing
    rows: list[RowResult]
    repeated: bool = False

    @property
    def counts(self) -> dict[str, int]:
        """Rows by the status that they have now."""
        return dict(Counter(row.status for row in self.rows))


def result_of(filing: Filing, *, repeated: bool = False) -> FilingResult:
    """One result for each row of a filing, with findings and their grounds; a few queries."""
    entries = list(Entry.objects.filter(filing=filing).select_related("item"))
    findings = (
        Finding.objects.filter(
            Q(entry__in=[entry.pk for entry in entries])
            | Q(registration=filing.registration_id, entry=None),
            filing=filing,
        )
        .select_related("requirement")
        .prefetch_related("grounds")
        .order_by("id")
    )
    by_entry, rows = defaultdict(list), []
    for finding in findings:
        if finding.entry_id:
            by_entry[finding.entry_id].append(finding)
        else:
            line, item = finding.params["line"], finding.params["item"]
            rows.append(RowResult(line, item, None, Entry.Status.REJECTED, [finding]))
    rows += [
        RowResult(entry.line, entry.item.code, entry, entry.status, by_entry[entry.pk])
        for entry in entries
    ]
    return FilingResult(filing, sorted(rows, key=lambda row: row.line), repeated)

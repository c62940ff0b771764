"""A Double 12 in one command, on the made-up marketplace and on a small sample of Olist."""

import re

import pytest

from tests.config.marketplaces.double12 import lay_out
from tests.journeys.demonstrations import query, run

pytestmark = pytest.mark.heavy


@pytest.fixture(scope="module", params=["synthetic", "olist"])
def lived(request, tmp_path_factory):
    """(folder, output) of a Double 12 that was lived through."""
    base = tmp_path_factory.mktemp(request.param)
    options = ["--campaign", "double12"]
    if request.param == "synthetic":
        options += ["--size", "S"]
    else:
        options += ["--marketplace", str(lay_out(base / "source"))]
    return base / "var", run(base / "var", *options)


KINDS = "t.kind FROM campaigns_entry e JOIN campaigns_venueterms t ON t.venue_id = e.venue_id"


def test_every_kind_of_venue_has_entries_of_every_fate(lived):
    folder, _output = lived
    found = set(query(folder, f"SELECT DISTINCT e.status, {KINDS}"))
    for kind in ("presale", "branch", "outer"):
        assert {("approved", kind), ("rejected", kind)} <= found, kind
    assert ("superseded", "outer") in found


def test_the_quotas_use_is_what_the_history_says(lived):
    folder, output = lived
    (line,) = [row for row in output.splitlines() if row.startswith("Quotas against the history")]
    found = re.search(r"([\d,]+) registrations × 3 quotas, ([\d,]+) places used, all equal", line)
    ((registrations,),) = query(folder, "SELECT COUNT(*) FROM campaigns_registration")
    used = query(
        folder,
        """SELECT COUNT(*) FROM campaigns_entry
        WHERE slot_source NOT IN ('', 'reverse_invitation')
        AND status IN ('approved', 'in_review', 'submitted', 'at_risk', 'abnormal', 'unpublished')
        """,
    )
    assert int(found[1].replace(",", "")) == registrations
    assert [(int(found[2].replace(",", "")),)] == used
    assert used[0][0] > 0


def test_results_of_the_branches_came_out_together(lived):
    folder, _output = lived
    moments = query(
        folder,
        """SELECT h.at, h.at >= t.results_due, COUNT(*) FROM campaigns_entryhistory h
        JOIN campaigns_move m ON m.id = h.move_id
        JOIN campaigns_entry e ON e.id = h.entry_id
        JOIN campaigns_venueterms t ON t.venue_id = e.venue_id
        WHERE t.kind = 'branch' AND m.cause = 'review' GROUP BY 1, 2 ORDER BY 1""",
    )
    # Nobody saw a result before they were due; what was decided later was told at once.
    assert all(due for _at, due, _number in moments)
    ((released,),) = query(folder, "SELECT MIN(at) FROM campaigns_release")
    together = {at: number for at, _due, number in moments}
    assert min(together) == released
    assert together.pop(released) > sum(together.values())
    assert query(folder, "SELECT COUNT(*) FROM campaigns_decision") == [(0,)]


def test_the_nights_end_on_the_morning_of_the_sale_day(lived):
    folder, output = lived
    nights = query(
        folder,
        """SELECT COUNT(*), MAX(at) FROM campaigns_sweeprun
        WHERE is_targeted = 0 AND confirms_id IS NULL""",
    )
    ((number, last),) = nights
    assert number >= 20
    assert last[:10] in {"2015-12-11", "2017-11-24"}
    assert "08:00" in output
    for table in ("campaigns_revocation", "campaigns_cancellationrequest"):
        assert query(folder, f"SELECT COUNT(*) > 0 FROM {table}") == [(1,)], table

"""A draft's venues taken in as one table: looked at first, whole or not at all."""

import csv
import io

import pytest

from campaigns import venue_sheets
from campaigns.models import Venue, VenueTerms
from campaigns.rulebooks.loading import dump
from campaigns.rulebooks.versions import VersionRefused, new_draft
from campaigns.spreadsheets import harmless
from campaigns.venue_sheets import SheetRefused
from tests.factories import UserFactory
from tests.large_campaign import large_campaign, version_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft():
    return new_draft(large_campaign())


def as_csv(rows):
    stream = io.StringIO()
    writer = csv.writer(stream)
    for row in rows:
        writer.writerow([harmless(cell) for cell in row])
    return stream.getvalue()


def changed(version, **cells):
    """The version's table with cells of one line set: ``branch_01={"capacity": "5"}``."""
    header, *lines = venue_sheets.table(version)
    for line in lines:
        for name, value in cells.get(line[0].replace("-", "_"), {}).items():
            line[header.index(name)] = value
    return as_csv([header, *lines])


def take_in(version, text):
    seen = venue_sheets.preview(version, text).seen
    return venue_sheets.take_in(version, text, seen=seen)


def test_a_table_taken_back_unchanged_changes_nothing(draft):
    before = dump(draft)

    preview = venue_sheets.preview(draft, as_csv(venue_sheets.table(draft)))

    assert preview.number == 85
    assert preview.is_sound
    assert not preview.changes_anything
    take_in(draft, as_csv(venue_sheets.table(draft)))
    assert dump(draft) == before


def test_differences_are_told_in_words_before_anything_changes(draft):
    header, *lines = venue_sheets.table(draft)
    lines = [line for line in lines if line[0] != "affiliate-27"]
    lines.append(["new", *[""] * (len(header) - 1)])
    lines[1][header.index("capacity")] = "40"
    text = as_csv([header, *lines])

    preview = venue_sheets.preview(draft, text)

    assert (preview.added, preview.removed) == (["new"], ["affiliate-27"])
    assert preview.changed == ["Venue presale-01, display places: none → 40"]
    assert draft.venueterms_set.get(code="presale-01").capacity is None

    venue_sheets.take_in(draft, text, seen=preview.seen)

    assert draft.venueterms_set.get(code="presale-01").capacity == 40
    assert draft.venueterms_set.get(code="new").kind == "main"
    assert not draft.venueterms_set.filter(code="affiliate-27").exists()
    assert draft.venueterms_set.count() == 85


def test_what_is_in_force_stays(draft):
    before = dump(version_of_published(draft))

    take_in(draft, changed(draft, outer={"kind": "outside"}))

    assert dump(version_of_published(draft)) == before


def version_of_published(draft):
    return draft.campaign.versions.get(state="published")


@pytest.mark.parametrize(
    ("cells", "line", "column", "message"),
    [
        ({"windows": "nowhere"}, 24, "windows", "unknown milestone “nowhere”"),
        ({"review_mode": "sytem"}, 24, "review_mode", "did you mean “system”?"),
        ({"capacity": "-1"}, 24, "capacity", "expected at least 0"),
        ({"capacity": "many"}, 24, "capacity", "expected a whole number"),
        ({"results_due": "soon"}, 24, "results_due", "a local time such as"),
        ({"feeds_from": "branch-99"}, 24, "feeds_from", "unknown venue “branch-99”"),
        ({"title_zh-hans": ""}, 24, "title_en, title_zh-hans", "“zh-hans” is missing"),
        ({"code": "presale-01"}, 24, "code", "“presale-01” is here twice"),
        ({"code": ""}, 24, "", "“code” is missing"),
        ({"review_mode": "system", "release": "together"}, 24, "release", "released at once"),
    ],
)
def test_a_problem_is_told_by_line_and_column_and_nothing_is_written(
    draft, cells, line, column, message
):
    before = dump(draft)
    text = changed(draft, main={**cells}, presale_01={"capacity": "7"})

    preview = venue_sheets.preview(draft, text)

    found = [problem for problem in preview.problems if problem.line == line]
    assert [(problem.line, problem.column) for problem in found] == [(line, column)]
    assert message in found[0].message
    with pytest.raises(SheetRefused):
        venue_sheets.take_in(draft, text, seen=preview.seen)
    assert dump(draft) == before


def test_what_other_sections_name_is_not_taken_away():
    floors = [{"code": "sea_view", "venue": "main", "capacity": 5}]
    draft = new_draft(large_campaign(floors=floors))
    table = [line for line in venue_sheets.table(draft) if line[0] != "main"]

    preview = venue_sheets.preview(draft, as_csv(table))

    assert not preview.is_sound
    assert [problem.place for problem in preview.elsewhere] == ["floors[0].venue"]


def test_owners_change_at_once_and_are_no_part_of_the_rulebook(draft):
    before = dump(draft)
    UserFactory(username="wang", is_staff=True)
    text = changed(draft, main={"owner": "wang"})

    preview = venue_sheets.preview(draft, text)

    assert preview.owners == ["Venue main, owner: none → wang"]
    assert preview.changed == []
    take_in(draft, text)
    assert Venue.objects.get(code="main").owner.username == "wang"
    assert dump(draft) == before

    take_in(draft, changed(draft, main={"owner": ""}))
    assert Venue.objects.get(code="main").owner is None


def test_without_the_column_owners_stay(draft):
    owner = UserFactory(username="wang", is_staff=True)
    Venue.objects.filter(code="main").update(owner=owner)
    table = [line[:-1] for line in venue_sheets.table(draft)]

    take_in(draft, as_csv(table))

    assert Venue.objects.get(code="main").owner == owner


@pytest.mark.parametrize("fields", [{}, {"is_staff": True, "is_active": False}])
def test_an_owner_is_an_active_member_of_staff(draft, fields):
    UserFactory(username="li", **fields)

    preview = venue_sheets.preview(draft, changed(draft, main={"owner": "li"}))

    assert [(found.line, found.column) for found in preview.problems] == [(24, "owner")]


def test_venues_changed_meanwhile_are_looked_at_again(draft):
    text = changed(draft, main={"capacity": "12"})
    seen = venue_sheets.preview(draft, text).seen
    VenueTerms.objects.filter(version=draft, code="outer").update(capacity=3)

    with pytest.raises(SheetRefused, match="meanwhile"):
        venue_sheets.take_in(draft, text, seen=seen)

    assert draft.venueterms_set.get(code="main").capacity == 10
    assert draft.venueterms_set.get(code="outer").capacity == 3


def test_a_published_version_takes_nothing_in():
    version = version_of(large_campaign())
    text = changed(version, main={"capacity": "12"})

    with pytest.raises(VersionRefused):
        take_in(version, text)

    assert version.venueterms_set.get(code="main").capacity == 10


def test_the_order_of_the_lines_is_the_order_of_the_venues(draft):
    header, *lines = venue_sheets.table(draft)
    text = as_csv([header, *reversed(lines)])

    assert venue_sheets.preview(draft, text).changed == ["The venues come in another order"]
    take_in(draft, text)

    assert draft.venueterms_set.first().code == "outer"

"""The admin of a campaign of 85 venues: its page, its venues as a table, its positions by day."""

import csv
import io
import re

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.models import Entry, SlotAllotment, Venue
from campaigns.permissions import AUDITOR, FINANCE, OPERATOR
from campaigns.rulebooks.loading import dump
from campaigns.rulebooks.versions import new_draft
from config.roles import sync_roles
from sellers import clock
from tests.factories import EntryFactory, UserFactory
from tests.large_campaign import filled, large_campaign, version_of
from tests.times import local

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: local("2015-12-01 09:00"))
    sync_roles()
    return large_campaign()


@pytest.fixture
def login(client):
    def as_role(role):
        user = UserFactory(is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        client.force_login(user)
        return client

    return as_role


def page(campaign):
    return reverse("admin:campaigns_campaign_change", args=[campaign.pk])


def slots(campaign):
    return reverse("admin:campaigns_campaign_slots", args=[campaign.pk])


def sheet(version):
    return reverse("admin:campaigns_rulebookversion_venues_in", args=[version.pk])


def columns(client, campaign, **asked):
    """The funnel's rows: venue code to its cells by step."""
    found = client.get(page(campaign), asked).context
    steps = [step["name"] for step in found["steps"]]
    return {
        venue["code"]: dict(zip(steps, venue["cells"], strict=True))
        for kind in found["kinds"]
        for venue in kind["venues"]
    }


def test_every_page_keeps_to_thirty_queries(login, campaign, django_assert_max_num_queries):
    filled(campaign)
    draft = new_draft(campaign)
    client = login(OPERATOR)
    for address in (
        page(campaign),
        reverse("admin:campaigns_rulebookversion_change", args=[draft.pk]),
        slots(campaign),
        sheet(draft),
    ):
        client.get(address)
        with django_assert_max_num_queries(30):
            assert client.get(address).status_code == 200, address


def test_the_page_costs_the_same_with_one_venue(login, campaign):
    filled(campaign)
    client = login(OPERATOR)
    client.get(page(campaign))

    def queries():
        with CaptureQueriesContext(connection) as found:
            client.get(page(campaign))
        return len(found)

    many = queries()
    version_of(campaign).venueterms_set.exclude(code="outer").delete()
    assert queries() == many


def test_the_timeline_marks_the_instant_and_what_is_open(login, campaign):
    drawn = login(AUDITOR).get(page(campaign)).context["timeline"]

    kinds = [(group.tone, len(group.bars)) for group in drawn.groups]
    assert kinds == [
        ("seller_registration", 1), ("item_registration", 3), ("preheat", 2), ("live", 1),
        ("reference", 1), ("other", 17), ("pause", 1),
    ]  # fmt: skip
    # 19 October to 12 December are 55 days; 1 December 09:00 is 43.375 days on.
    assert drawn.now == f"{100 * 43.375 / 55:.3f}%"
    bars = {bar.title: bar for group in drawn.groups for bar in group.bars}
    assert (bars["Branch registration"].state, bars["Preheat"].state) == ("past", "ahead")
    assert bars["Outer registration"].state == "open"
    assert bars["Sale day"].x == f"{100 * 54 / 55:.3f}%"
    assert [tick.label for tick in drawn.ticks][:2] == ["19 Oct", "26 Oct"]


def test_outside_the_campaign_no_instant_is_marked(login, campaign, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: local("2015-12-13"))

    assert login(AUDITOR).get(page(campaign)).context["timeline"].now is None


def test_the_venues_are_drawn_by_kind_and_told_in_a_table(login, campaign):
    found = login(AUDITOR).get(page(campaign))

    feedings = {line.name: (line.venues, line.fed_from, line.feeds)
                for line in found.context["feedings"]}  # fmt: skip
    assert feedings == {
        "Outer venue": (1, "", "branch"),
        "branch": (34, "Outer venue", "Main venue"),
        "Main venue": (1, "branch", ""),
        "presale": (21, "", "Presale main venue"),
        "Presale main venue": (1, "presale", ""),
        "affiliate": (27, "", ""),
    }
    assert [len(drawn.wide.arrows) for drawn in found.context["networks"]] == [2, 1, 0]


def test_the_funnel_leads_to_the_entries_that_it_counts(login, campaign):
    client = login(OPERATOR)
    venue = campaign.venues.get(code="branch-01")
    other = campaign.venues.get(code="branch-02")
    wanted = {
        "Waiting": ["submitted", "in_review"], "Approved": ["approved"], "At risk": ["at_risk"],
        "Abnormal": ["abnormal", "unpublished"], "Cleared out": ["cleared_out"],
        "Ended otherwise": ["withdrawn", "superseded", "void"],
    }  # fmt: skip
    filled(campaign)
    entries = {
        status: EntryFactory(campaign=campaign, venue=venue, status=status)
        for status in Entry.Status.values
        if status != "draft"
    }
    EntryFactory(campaign=campaign, venue=other)
    cells = columns(client, campaign)["branch-01"]

    for step, statuses in wanted.items():
        if cells[step]["address"]:
            listed = client.get(cells[step]["address"]).context["cl"].result_list
            assert {row.pk for row in listed} == {entries[status].pk for status in statuses}, step
    kind = next(kind for kind in client.get(page(campaign)).context["kinds"]
                if kind["name"] == "branch")  # fmt: skip
    listed = client.get(kind["cells"][4]["address"]).context["cl"].result_list
    assert {row.venue_id for row in listed} == {venue.pk, other.pk}


def test_the_funnel_marks_overdue_results_from_their_instant_on(login, campaign, monkeypatch):
    filled(campaign)
    client = login(OPERATOR)

    def overdue():
        facts = client.get(page(campaign)).context["facts"]
        numbers = {str(name): number for name, number, _tone, _address in facts}
        return numbers["Venues with overdue results"]

    monkeypatch.setattr(clock, "now", lambda: local("2015-11-30 23:59:59"))
    assert overdue() == 0
    monkeypatch.setattr(clock, "now", lambda: local("2015-12-01 00:00:00"))
    assert overdue() == 34


def test_the_funnel_is_sorted_by_a_press_on_its_head(login, campaign):
    filled(campaign)
    client = login(OPERATOR)

    found = client.get(page(campaign), {"order": "-pending"}).context
    assert [kind["name"] for kind in found["kinds"]][:3] == ["branch", "outer", "presale"]
    codes = [venue["code"] for venue in found["kinds"][0]["venues"]]
    assert codes[:2] == ["branch-34", "branch-33"]
    (pressed,) = [step for step in found["steps"] if step["sorted"]]
    assert (pressed["sorted"], pressed["order"]) == ("descending", "pending")
    assert client.get(page(campaign), {"order": "no;such"}).status_code == 200


def test_a_campaign_without_a_rulebook_has_a_page(login, campaign):
    campaign.versions.all().delete()

    assert login(AUDITOR).get(page(campaign)).status_code == 200


def test_a_drafts_page_lists_its_rows_folded_with_anchors(login, campaign):
    draft = new_draft(campaign)
    address = reverse("admin:campaigns_rulebookversion_change", args=[draft.pk])

    answer = login(OPERATOR).get(address)

    found = {section["anchor"]: section for section in answer.context["sections"]}
    assert (len(found["venueterms"]["rows"]), found["venueterms"]["is_open"]) == (85, False)
    assert (len(found["resourceslot"]["rows"]), found["resourceslot"]["is_open"]) == (5, True)
    assert [row["code"] for row in found["milestone"]["rows"]][:2] == ["sellers", "presale_filing"]
    assert found["venueterms"]["rows"][1]["heading"] == "presale"
    text = answer.content.decode()
    assert 'href="#venueterms"' in text
    assert 'id="venueterms"' in text


def test_a_drafts_problems_are_fetched_by_its_page(login, campaign):
    draft = new_draft(campaign)
    draft.milestone_set.filter(code="presale_online").delete()
    client = login(AUDITOR)
    address = reverse("admin:campaigns_rulebookversion_problems", args=[draft.pk])

    text = client.get(address).content.decode()

    assert "22 problems are in the way of publishing" in text
    assert "unknown milestone “presale_online”" in text


def out(client, version):
    """The downloaded table."""
    address = reverse("admin:campaigns_rulebookversion_venues_out", args=[version.pk])
    text = client.get(address).content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def file_of(rows):
    stream = io.StringIO()
    csv.writer(stream).writerows(rows)
    found = io.BytesIO(stream.getvalue().encode("utf-8-sig"))
    found.name = "venues.csv"
    return found


def test_venues_go_out_and_come_in(login, campaign):
    client = login(OPERATOR)
    draft = new_draft(campaign)
    UserFactory(username="wang", is_staff=True)
    header, *lines = out(client, draft)
    assert (len(lines), header[-1]) == (85, "owner")
    lines[0][header.index("capacity")] = "61"
    lines[0][header.index("owner")] = "wang"

    looked = client.post(sheet(draft), {"file": file_of([header, *lines])})

    preview = looked.context["preview"]
    assert preview.changed == ["Venue presale_main, display places: 60 → 61"]
    assert "change at once, before the draft is published" in looked.content.decode()
    assert draft.venueterms_set.get(code="presale_main").capacity == 60
    seen = re.search(r'name="seen" value="([^"]+)"', looked.content.decode())[1]
    done = client.post(sheet(draft), {"text": looked.context["text"], "seen": seen})
    assert done.status_code == 302
    assert draft.venueterms_set.get(code="presale_main").capacity == 61
    assert Venue.objects.get(code="presale_main").owner.username == "wang"
    assert out(client, version_of_published(campaign))[1][header.index("capacity")] == "60"


def version_of_published(campaign):
    return campaign.versions.get(state="published")


def test_problems_of_a_table_are_listed_and_nothing_changes(login, campaign):
    client = login(OPERATOR)
    draft = new_draft(campaign)
    before = dump(draft)

    text = client.post(sheet(draft), {"text": "code,kind,sise\nmain,main,1\n"}).content.decode()

    assert "unknown column “sise”" in text
    assert dump(draft) == before


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "Choose a file, or paste its lines."),
        ({"text": "kind\nmain\n"}, "must name the columns"),
        ({"text": 'code\n"main\n'}, "cannot be read"),
    ],
)
def test_what_is_no_table_is_told(login, campaign, data, message):
    answer = login(OPERATOR).post(sheet(new_draft(campaign)), data)

    assert message in answer.content.decode()
    assert answer.context["preview"] is None


def test_a_confirmation_of_an_older_look_is_refused(login, campaign):
    client = login(OPERATOR)
    draft = new_draft(campaign)
    codes = draft.venueterms_set.values_list("code", flat=True)
    text = "\n".join(["code,capacity", *(f"{code},5" for code in codes)])

    answer = client.post(sheet(draft), {"text": text, "seen": "old"}, follow=True)

    assert "changed by somebody else meanwhile" in answer.content.decode()
    assert set(draft.venueterms_set.values_list("capacity", flat=True)) == {None, 10, 60}


@pytest.mark.parametrize("role", [AUDITOR, FINANCE])
def test_only_operators_take_venues_in(login, campaign, role):
    draft = new_draft(campaign)

    assert login(role).get(sheet(draft)).status_code == 403


def test_a_published_version_only_gives_its_venues_out(login, campaign):
    client = login(OPERATOR)
    version = version_of(campaign)

    assert client.get(sheet(version)).status_code == 403
    assert len(out(client, version)) == 86


def give(client, campaign, **more):
    data = {"act": "allot", "slot": "belt", "first": "2015-11-25", "last": "", "venue": "",
            "note": "", **more}  # fmt: skip
    return client.post(slots(campaign), data)


def test_positions_are_given_taken_back_and_downloaded(login, campaign):
    client = login(OPERATOR)
    venue = campaign.venues.get(code="presale-01")

    assert give(client, campaign, last="2015-11-26", venue=venue.pk, note="=big").status_code == 302

    address = reverse("admin:campaigns_campaign_slots_table", args=[campaign.pk])
    text = client.get(address).content.decode("utf-8-sig")
    assert text.splitlines() == [
        "day,slot,title,channel,place,venue,note",
        "2015-11-25,belt,Belt,web,3,presale-01,'=big",
        "2015-11-26,belt,Belt,web,3,presale-01,'=big",
    ]
    first = SlotAllotment.objects.get(day="2015-11-25")
    client.post(slots(campaign), {"act": "take_back", "allotted": [first.pk]})
    assert [str(row.day) for row in SlotAllotment.objects.all()] == ["2015-11-26"]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"slot": "roof"}, "Select a valid choice"),
        ({"first": "soon"}, "Enter a valid date"),
        ({"last": "2015-11-24"}, "The last day comes before the first."),
        ({"last": "2015-11-27"}, "Given already: belt on 2015-11-27."),
    ],
)
def test_what_cannot_be_given_is_told_and_nothing_is(login, campaign, more, message):
    client = login(OPERATOR)
    give(client, campaign, first="2015-11-27")

    answer = give(client, campaign, **more)

    assert message in answer.content.decode()
    assert SlotAllotment.objects.count() == 1


def test_an_auditor_sees_the_plan_and_gives_nothing(login, campaign):
    client = login(AUDITOR)

    assert client.get(slots(campaign)).status_code == 200
    assert give(client, campaign).status_code == 403
    assert SlotAllotment.objects.count() == 0

"""Races, segments and incentives in drafts: measures in plain fields, refused as a load does."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import translation

from campaigns.admin.measures import FactsField, MeasuresField
from campaigns.models import Incentive, Race, RaceSegment, RulebookVersion
from campaigns.permissions import OPERATOR
from campaigns.rulebooks.loading import check, dump, load
from campaigns.rulebooks.sections.races import SEGMENTS
from campaigns.rulebooks.versions import publish
from config.roles import sync_roles
from tests.campaigns.admin.forms import form_of
from tests.factories import UserFactory
from tests.times import local

pytestmark = pytest.mark.django_db

RULEBOOK = """
schema: 1
campaign: {code: raced, title: {en: Raced, zh-hans: 赛马}}
milestones:
  - {code: items, kind: item_registration, starts: 2023-05-01, ends: 2023-05-15}
  - {code: preheat, kind: preheat, title: {en: Preheat, zh-hans: 预热}, starts: 2023-05-15, ends: 2023-05-16 20:00:00}
  - {code: live, kind: live, title: {en: Sale, zh-hans: 正式}, starts: 2023-05-16 20:00:00, ends: 2023-05-21}
venues:
  - {code: main, capacity: 10}
slots: [{code: banner}]
races:
  - {code: best, title: {en: Best, zh-hans: 最佳}, venues: [main], places: 10, group_by: seller.shop_type}
race_segments:
  - code: hours
    race: best
    during: live
    every: hour
    facts: previous_hour
    score: weights
    measures:
      - {sum: clean_amount, of: seller, weight: 0.7, percentile: true, ref: D12-052}
      - {metric: seller.growth_level, weight: 0.3, order: asc}
  - code: days
    race: best
    during: preheat
    every: day
    facts: {since: items}
    measures:
      - {ratio: [{sum: quantity, of: item, facts: {before: live}}, {sum: buyers, of: item}], title: {en: Units a buyer, zh-hans: 人均件数}}
incentives:
  - {code: up, measure: cart_amount, reaches: seller.growth_level, during: live, shown: live, slots: [banner]}
"""  # noqa: E501


@pytest.fixture
def draft():
    return load(RULEBOOK).version


@pytest.fixture
def client():
    sync_roles()
    user = UserFactory(is_staff=True)
    user.groups.add(Group.objects.get(name=OPERATOR))
    client = Client()
    client.force_login(user)
    return client


def send(client, row, **changes):
    address, data = form_of(client, row)
    return client.post(address, {**data, **changes})


def errors(answer):
    found = answer.context["adminform"].form.errors
    return {name: list(texts) for name, texts in found.items()}


@pytest.mark.parametrize(
    ("model", "code"),
    [(Race, "best"), (RaceSegment, "hours"), (RaceSegment, "days"), (Incentive, "up")],
)
def test_a_form_sent_back_unchanged_changes_nothing(client, draft, model, code):
    before = dump(draft)

    answer = send(client, model.objects.get(code=code))

    assert answer.status_code == 302, errors(answer)
    assert dump(draft) == before


def test_no_input_holds_json(client, draft):
    for row in (*Race.objects.all(), *RaceSegment.objects.all(), *Incentive.objects.all()):
        _address, data = form_of(client, row)
        assert not [name for name, value in data.items() if str(value)[:1] in ("{", "[")]


@pytest.mark.parametrize(
    ("changes", "measures"),
    [
        (
            {"measures_1_weight": "0.25"},
            [
                {"sum": "clean_amount", "of": "seller", "weight": "0.25", "percentile": True,
                 "ref": "D12-052"},
                {"metric": "seller.growth_level", "weight": "0.3", "order": "asc"},
            ],
        ),
        (
            {"measures_1_figure": "", "measures_2_order": "", "measures_2_weight": "1"},
            [{"metric": "seller.growth_level", "weight": 1}],
        ),
        (
            {"measures_1_figure": "sum:item:cart_amount", "measures_1_facts": "since:preheat",
             "measures_1_by": "metric:seller.growth_level", "measures_2_figure": "",
             "measures_1_title_en": "Per level", "measures_1_title_zh-hans": "每级"},
            [
                {
                    "ratio": [
                        {"sum": "cart_amount", "of": "item", "facts": {"since": "preheat"}},
                        {"metric": "seller.growth_level"},
                    ],
                    "weight": "0.7", "percentile": True,
                    "title": {"en": "Per level", "zh-hans": "每级"},
                }
            ],
        ),
    ],
)  # fmt: skip
def test_measures_are_chosen(client, draft, changes, measures):
    row = RaceSegment.objects.get(code="hours")

    answer = send(client, row, **changes)

    assert answer.status_code == 302, errors(answer)
    row.refresh_from_db()
    assert row.measures == measures


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"measures_1_weight": ""}, "measures[0]: “weight” is missing"),
        ({"measures_1_weight": "much"}, "measures[0].weight: expected a number; found “much”"),
        ({"measures_1_weight": "-1"}, "measures[0].weight: expected at least 0; found -1"),
        ({"measures_1_weight": "0.12345"}, "measures[0].weight: expected at most 4 decimal places"),
        (
            {"measures_2_figure": "metric:seller.nothing"},
            "measures[1].metric: unknown metric “seller.nothing”",
        ),
        (
            {"measures_1_figure": "sum:seller:love"},
            "measures[0].sum: unknown field “love”",
        ),
        (
            {"measures_1_facts": "since:never"},
            "measures[0].facts.since: unknown milestone “never”",
        ),
        ({"measures_1_figure": "", "measures_2_figure": ""}, "This field is required."),
    ],
)
def test_measures_are_refused_as_a_load_refuses_them(client, draft, changes, message):
    row = RaceSegment.objects.get(code="hours")
    before = row.measures

    answer = send(client, row, **changes)

    ((name, (text,)),) = errors(answer).items()
    assert (name, text.partition("; did you mean")[0]) == ("measures", message)
    row.refresh_from_db()
    assert row.measures == before


@pytest.mark.parametrize(
    ("time", "facts"),
    [
        ("previous_day", "previous_day"),
        ("milestone:live", {"milestone": "live"}),
        ("before:live", {"before": "live"}),
        ("since:items", {"since": "items"}),
    ],
)
def test_the_time_of_sums_is_one_choice(client, draft, time, facts):
    row = RaceSegment.objects.get(code="hours")

    answer = send(client, row, facts_time=time)

    assert answer.status_code == 302, errors(answer)
    row.refresh_from_db()
    assert row.facts == facts


def test_fields_take_apart_what_they_put_together():
    field = MeasuresField()
    measures = [
        {"sum": "cart_amount", "of": "seller", "facts": {"milestone": "live"}},
        {"ratio": [{"metric": "a.b"}, {"sum": "orders", "of": "item", "facts": "previous_day"}]},
        {"metric": "a.c", "order": "asc", "weight": "0.5", "percentile": True},
        {"sum": "buyers", "of": "seller", "title": {"en": "B", "zh-hans": "买"}},
    ]
    assert field.put_together(field.take_apart(measures)) == measures
    assert FactsField().put_together({"time": ""}) == ""


def test_published_rows_are_only_read(client, draft):
    publish(draft, at=local("2023-04-24"))
    draft.refresh_from_db()
    assert draft.state == RulebookVersion.State.PUBLISHED
    for row in (*Race.objects.all(), *RaceSegment.objects.all(), *Incentive.objects.all()):
        address = reverse(f"admin:campaigns_{row._meta.model_name}_change", args=[row.pk])
        page = client.get(address)
        assert page.status_code == 200
        assert not page.context["has_change_permission"]
        assert client.post(address, {"code": "x"}).status_code == 403
    page = client.get(reverse("admin:campaigns_rulebookversion_change", args=[draft.pk]))
    found = {section["anchor"]: len(section["rows"]) for section in page.context["sections"]}
    assert (found["race"], found["racesegment"], found["incentive"]) == (1, 2, 1)


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        (
            "en",
            [
                "Race segment hours, figures of: previous hour → since “items” began",
                "Race segment hours, measures, 1: paid amount less abnormal amount of the shop "
                "(weight 0.7, as a percentile) → add-to-cart amount of the shop, previous day "
                "(weight 0.6)",
                "Race segment hours, measures, 2: Growth level (the lowest first, weight 0.3) → "
                "none",
            ],
        ),
    ],
)
def test_differences_speak_of_measures(draft, language, sentences):
    (old,) = [row for row in SEGMENTS.read(draft) if row["code"] == "hours"]
    new = {
        **old,
        "facts": {"since": "items"},
        "measures": [
            {"sum": "cart_amount", "of": "seller", "facts": "previous_day", "weight": "0.6"}
        ],
    }
    with translation.override(language):
        assert list(SEGMENTS.differences([old], [new])) == sentences


def test_a_measure_whose_source_alone_changes_reads_so(draft):
    (old,) = [row for row in SEGMENTS.read(draft) if row["code"] == "hours"]
    changed = [{**old["measures"][0], "ref": "D12-053"}, old["measures"][1]]
    assert list(SEGMENTS.differences([old], [{**old, "measures": changed}])) == [
        "Race segment hours, measures, 1 ref: D12-052 → D12-053"
    ]


def test_a_segment_of_a_race_with_a_problem_waits_for_that(draft):
    wrong = RULEBOOK.replace("group_by: seller.shop_type", "group_by: seller.nothing")
    (problem,) = check(wrong)
    assert "races[0].group_by: unknown metric “seller.nothing”" in str(problem)
    wrong = RULEBOOK.replace("ends: 2023-05-21}", "ends: 2023-05-01}")
    (problem,) = check(wrong)
    assert "milestones[2].ends: expected an end after the start" in str(problem)

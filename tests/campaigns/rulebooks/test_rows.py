"""One row judged among the others of its version, in the words of a load."""

import pytest

from campaigns.models import Campaign, Quota, Requirement, Statistic
from campaigns.rulebooks.loading import dump, load
from campaigns.rulebooks.rows import attribute_of, judge_row, section_of

pytestmark = pytest.mark.django_db
BOOK = """
schema: 1
campaign: {code: small, title: {en: Small, zh-hans: 小}}
milestones:
  - {code: live, kind: live, starts: 2023-05-16 20:00:00, ends: 2023-05-21}
venues: [{code: main}]
statistics:
  - {code: item.low, level: item, function: min, source: list_prices, field: price}
  - {code: item.top, level: item, function: max, source: list_prices, field: price}
requirements:
  - code: R
    subject: item
    require: [item.stock, ">=", 1]
    stages: {admission: reject}
"""


@pytest.fixture
def version():
    return load(BOOK).version


def told(row):
    """What is said of a row."""
    return [str(problem) for problem in judge_row(row)[1]]


def test_a_sound_row_is_kept_as_a_load_keeps_it(version):
    row = version.statistic_set.get(code="item.top")
    row.window = {"since": "2023-05-01"}

    kept, problems = judge_row(row)

    assert problems == []
    assert kept["window"] == {"since": "2023-05-01 00:00:00"}
    assert kept["code"] == "item.top"


def test_a_new_row_comes_last_and_nothing_is_stored(version):
    before = dump(version)
    row = Statistic(
        version=version, code="item.new", level="item", function="min", source="list_prices",
        field="price", window={"milestone": "live"},
    )  # fmt: skip

    assert told(row) == []
    row.window = {"milestone": "alive"}
    assert told(row) == ["window.milestone: unknown milestone “alive”; did you mean “live”?"]

    assert dump(version) == before
    assert Campaign.objects.count() == 1


def test_shape_names_and_meaning_are_judged(version):
    row = Quota(version=version, code="Q", ceiling="many", floor=None)
    assert told(row) == [
        "ceiling: expected a whole number, {table: code} or {metric: code}; found “many”"
    ]
    row.ceiling = {"table": "gone"}
    assert told(row) == ["ceiling.table: unknown table “gone”"]
    row.ceiling = {"metric": "item.stock"}
    assert told(row) == ["ceiling.metric: item.stock cannot be asked of a registration"]


def test_what_is_wrong_elsewhere_is_not_said_here(version):
    version.statistic_set.filter(code="item.low").update(window={"milestone": "gone"})
    other = version.requirement_set.get()
    other.stages = {}
    other.save()

    row = version.statistic_set.get(code="item.top")
    assert told(row) == []
    row.window = {"trailing_days": 0}
    assert told(row) == ["window.trailing_days: expected at least 1; found 0"]


def test_a_problem_leads_to_the_attribute_that_keeps_it(version):
    row = Requirement(
        version=version, code="S", subject="item", require=["item.stock", ">=", 1],
        stages={"admission": "reject"}, venue_code="gone",
    )  # fmt: skip

    (problem,) = judge_row(row)[1]

    assert str(problem) == "venue: unknown venue “gone”"
    assert attribute_of(section_of(row), problem) == "venue_code"

"""The rows of a draft: small structures in plain fields, refused in the words of a load."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from campaigns.admin.structures import (
    CeilingField,
    PairsField,
    SampleField,
    TermsField,
    WindowField,
)
from campaigns.models import ReasonTemplate
from campaigns.permissions import OPERATOR
from campaigns.rulebooks.loading import check, dump, load, open_rulebook
from config.roles import sync_roles
from tests.campaigns.admin.forms import form_of
from tests.factories import (
    ClaimScopeFactory,
    PromotionFactory,
    QuotaFactory,
    RequirementFactory,
    StatisticFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
PRICE = {"code": "item.top", "function": "max", "source": "list_prices", "field": "price"}


SMALL = """
schema: 1
campaign: {code: small, title: {en: Small, zh-hans: 小}}
milestones:
  - {code: items, kind: item_registration, starts: 2023-05-01, ends: 2023-05-15}
  - {code: live, kind: live, starts: 2023-05-16 20:00:00, ends: 2023-05-21}
venues:
  - {code: main}
  - {code: top, kind: invited, invitation_only: true}
tables:
  - code: places
    title: {en: Places, zh-hans: 名额}
    keys: [seller.growth_level]
    type: integer
    default: 3
    rows: [{keys: [5], value: 8}]
"""


@pytest.fixture
def draft():
    return load(SMALL).version


@pytest.fixture
def library_draft():
    """A draft of the 520 rulebook."""
    text, source = open_rulebook("g520-2023")
    return load(text, source=source).version


@pytest.fixture
def client():
    sync_roles()
    user = UserFactory(is_staff=True)
    user.groups.add(Group.objects.get(name=OPERATOR))
    client = Client()
    client.force_login(user)
    return client


def send(client, row, **changes):
    """Send a row's form with some inputs changed; the answer."""
    address, data = form_of(client, row)
    return client.post(address, {**data, **changes})


def errors(answer):
    """What the form says, by field."""
    found = answer.context["adminform"].form.errors
    return {name: list(texts) for name, texts in found.items()}


WINDOWS = [
    {},
    {"trailing_days": 30},
    {"trailing_days": 30, "offset_days": 1},
    {"trailing_days": 30, "offset_days": 0},
    {"trailing_days": 7, "include_today": True},
    {"trailing_days": 7, "include_today": False},
    {"from": "2023-05-01 00:00:00", "to": "2023-05-09 12:30:00"},
    {"from": "2023-01-01 00:00:00", "to": "2023-02-01 00:00:00", "anchored": "year"},
    {"since": "2023-01-01 00:00:00", "anchored": "year"},
    {"since": "2023-01-01 00:00:00"},
    {"milestone": "live"},
]
OF_ENTRIES = [
    {"since_filing": True},
    {"since_filing": True, "until": "2023-05-09 12:30:00"},
    {"since_filing": True, "until": {"milestone": "live"}},
]
EARLY = {
    "code": "entry.sold_early",
    "level": "entry",
    "function": "min",
    "source": "order_lines",
    "field": "unit_price",
}


@pytest.mark.parametrize(
    ("make", "name", "value"),
    [
        *((StatisticFactory, "window", window) for window in WINDOWS),
        (QuotaFactory, "ceiling", 0),
        (QuotaFactory, "ceiling", {"table": "places"}),
        (QuotaFactory, "ceiling", {"metric": "seller.growth_level"}),
        (RequirementFactory, "sample", None),
        (RequirementFactory, "sample", {"metric": "item.stock", "at_least": 5}),
        (RequirementFactory, "sample", {"metric": "item.stock", "at_least": "5.50", "ref": "X"}),
        (PromotionFactory, "terms", {}),
        (
            PromotionFactory,
            "terms",
            {
                "open_to": ["submitted", "approved"],
                "conditions": {"en": "Wrap it: free.", "zh-hans": "免费"},
                "threshold": 200,
                "share": "0.90",
                "repeats": True,
                "note": "as is",
                "digits": "200",
                "word": "true",
                "quoted": '"so"',
                "empty": "",
                "steps": [{"from": 200, "off": 20}],
                "nested": {"a": 1},
                "a:b": 1,
            },
        ),
        (ClaimScopeFactory, "takeovers", [["invited", "main"]]),
        (ClaimScopeFactory, "takeovers", []),
    ],
)
def test_a_form_sent_back_unchanged_changes_nothing(client, draft, make, name, value):
    if make is StatisticFactory:
        row = make(version=draft, **PRICE, **{name: value})
    else:
        row = make(version=draft, code="MINE", **{name: value})
    before = dump(draft)

    answer = send(client, row)

    assert answer.status_code == 302, errors(answer)
    row.refresh_from_db()
    assert getattr(row, name) == value
    assert dump(draft) == before


@pytest.mark.parametrize(
    ("changes", "window"),
    [
        ({"window_kind": ""}, {}),
        (
            {"window_kind": "trailing", "window_trailing_days": " 14 ", "window_offset_days": "2"},
            {"trailing_days": 14, "offset_days": 2},
        ),
        (
            {"window_kind": "trailing", "window_trailing_days": "1", "window_include_today": "on"},
            {"trailing_days": 1, "include_today": True},
        ),
        (
            {"window_kind": "fixed", "window_from": "2023-05-01", "window_to": "2023-05-02 20:00"},
            {"from": "2023-05-01 00:00:00", "to": "2023-05-02 20:00:00"},
        ),
        (
            {"window_kind": "since", "window_since": "2023-01-01", "window_anchored": "on"},
            {"since": "2023-01-01 00:00:00", "anchored": "year"},
        ),
        ({"window_kind": "milestone", "window_milestone": "live"}, {"milestone": "live"}),
    ],
)
def test_a_window_is_set_by_its_kind_and_what_goes_with_it(client, draft, changes, window):
    row = StatisticFactory(version=draft, **PRICE, window={"trailing_days": 30})

    answer = send(client, row, **changes)

    assert answer.status_code == 302, errors(answer)
    row.refresh_from_db()
    assert row.window == window


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"window_kind": "trailing", "window_trailing_days": "0"},
            "window.trailing_days: expected at least 1; found 0",
        ),
        (
            {"window_kind": "trailing", "window_trailing_days": "a month"},
            "window.trailing_days: expected a whole number; found “a month”",
        ),
        (
            {"window_kind": "since", "window_since": "1 May"},
            "window.since: expected a local time such as 2023-05-16 20:00:00; a date alone is its "
            "00:00; found “1 May”",
        ),
        (
            {"window_kind": "since", "window_since": "2023-02-30"},
            "window: “2023-02-30” is no date of the calendar",
        ),
        (
            {"window_kind": "fixed", "window_from": "2023-05-02", "window_to": "2023-05-01"},
            "window.to: expected an end after the start",
        ),
        (
            {"window_kind": "milestone", "window_milestone": "alive"},
            "window.milestone: unknown milestone “alive”; did you mean “live”?",
        ),
    ],
)
def test_a_window_is_refused_as_a_load_refuses_it(client, draft, changes, message):
    row = StatisticFactory(version=draft, **PRICE, window={"trailing_days": 30})

    answer = send(client, row, **changes)

    assert errors(answer) == {"window": [message]}
    row.refresh_from_db()
    assert row.window == {"trailing_days": 30}
    field = WindowField()
    row.window = field.put_together(
        {name: changes.get(f"window_{name}", "") for name in field.widget.parts}
    )
    row.save()
    assert any(str(problem).endswith(message) for problem in check(dump(draft)))


def test_a_ceiling_by_a_table_or_a_figure_and_a_floor(client, draft):
    row = QuotaFactory(version=draft, code="MINE", ceiling=5, allotted=True)

    send(client, row, ceiling_kind="table", ceiling_table="places", floor_kind="number",
         floor_number="2")  # fmt: skip
    row.refresh_from_db()
    assert (row.ceiling, row.floor) == ({"table": "places"}, 2)

    send(client, row, ceiling_kind="metric", ceiling_metric="seller.growth_level", floor_kind="")
    row.refresh_from_db()
    assert (row.ceiling, row.floor) == ({"metric": "seller.growth_level"}, None)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"ceiling_kind": ""}, {"ceiling": ["This field is required."]}),
        (
            {"ceiling_number": "-1"},
            {"ceiling": ["ceiling: expected at least 0; found -1"]},
        ),
        (
            {"ceiling_number": "2.5"},
            {
                "ceiling": [
                    "ceiling: expected a whole number, {table: code} or {metric: code}; found 2.5"
                ]
            },
        ),
        (
            {"ceiling_kind": "metric", "ceiling_metric": "item.stock"},
            {"ceiling": ["ceiling.metric: item.stock cannot be asked of a registration"]},
        ),
        (
            {"floor_kind": "number", "floor_number": "2"},
            {"floor": ["floor: a floor means nothing without “allotted: true”"]},
        ),
    ],
)
def test_a_ceiling_is_refused_as_a_load_refuses_it(client, draft, changes, found):
    row = QuotaFactory(version=draft, code="MINE", ceiling=5)

    assert errors(send(client, row, **changes)) == found


def test_a_smallest_sample_is_a_figure_and_a_number(client, draft):
    row = RequirementFactory(version=draft, code="MINE")

    send(client, row, sample_metric="item.stock", sample_at_least="5.50")
    row.refresh_from_db()
    assert row.sample == {"metric": "item.stock", "at_least": "5.50"}

    send(client, row, sample_metric="", sample_at_least="")
    row.refresh_from_db()
    assert row.sample is None

    answer = send(client, row, sample_metric="item.stock", sample_at_least="")
    assert errors(answer) == {"sample": ["sample: “at_least” is missing"]}
    answer = send(client, row, sample_metric="item.stock", sample_at_least="some")
    assert errors(answer) == {
        "sample": ["sample.at_least: expected a whole number or a number; found “some”"]
    }


def test_a_samples_source_stays_when_its_number_changes(client, draft):
    row = RequirementFactory(
        version=draft, code="MINE",
        sample={"metric": "item.stock", "at_least": 5, "example": True},
    )  # fmt: skip

    send(client, row, sample_at_least="6")

    row.refresh_from_db()
    assert row.sample == {"metric": "item.stock", "at_least": 6, "example": True}


def test_terms_of_a_promotion_in_plain_fields(client, draft):
    row = PromotionFactory(
        version=draft, code="MINE", terms={"steps": [{"from": 200, "off": 20}], "old": 1}
    )

    send(
        client, row, terms_open_to=["approved", "at_risk"], terms_conditions_en="Wrapped.",
        **{"terms_conditions_zh-hans": "包装"},
        terms_more="threshold: 200\r\nreduction: 20.50\r\nrepeats: true\r\n\r\nnote: a: b",
    )  # fmt: skip

    row.refresh_from_db()
    assert row.terms == {
        "steps": [{"from": 200, "off": 20}],
        "open_to": ["approved", "at_risk"],
        "conditions": {"en": "Wrapped.", "zh-hans": "包装"},
        "threshold": 200,
        "reduction": "20.50",
        "repeats": True,
        "note": "a: b",
    }


def test_a_line_that_is_no_term_is_named(client, draft):
    row = PromotionFactory(version=draft, code="MINE")

    answer = send(client, row, terms_more="threshold 200")

    assert errors(answer) == {
        "terms": ["“threshold 200” is no term; expected a name, a colon and a value"]
    }


def test_takeovers_are_pairs_of_kinds(client, draft):
    row = ClaimScopeFactory(version=draft, code="MINE")

    send(client, row, takeovers="invited > main\r\n")
    row.refresh_from_db()
    assert row.takeovers == [["invited", "main"]]

    answer = send(client, row, takeovers="invited")
    assert errors(answer) == {
        "takeovers": ["takeovers[0]: expected at least 2 in the list; found a list of 1"]
    }


@pytest.mark.parametrize(
    "kind",
    ["milestone", "pause", "venueterms", "claimscope", "valuelist", "statistic", "snapshot",
     "quota", "lock", "promotion"],
)  # fmt: skip
def test_every_row_of_the_library_survives_its_form(client, library_draft, kind):
    before = dump(library_draft)
    rows = list(getattr(library_draft, f"{kind}_set").all())
    for row in rows:
        answer = send(client, row)
        assert answer.status_code == 302, (row, errors(answer))
    assert dump(library_draft) == before


def test_no_page_shows_json_to_be_typed(client, draft):
    rows = [
        StatisticFactory(version=draft, **PRICE, window={"trailing_days": 30}),
        QuotaFactory(version=draft, code="MINE", ceiling={"table": "t"}),
        RequirementFactory(version=draft, code="MINE", sample={"metric": "m", "at_least": 1}),
        PromotionFactory(version=draft, code="MINE", terms={"threshold": 200}),
        ClaimScopeFactory(version=draft, code="MINE", takeovers=[["a", "b"]]),
    ]
    for row in rows:
        _address, data = form_of(client, row)
        typed = [
            name
            for name, value in data.items()
            if isinstance(value, str)
            and value.startswith(("{", "["))
            and name.partition("_")[0] not in ("require", "where")
        ]
        assert typed == [], row


def test_choices_are_those_of_the_version(client, draft):
    row = StatisticFactory(version=draft, **PRICE)
    address = reverse("admin:campaigns_statistic_change", args=[row.pk])

    page = client.get(address).content.decode()

    for milestone in draft.milestone_set.all():
        assert f'<option value="{milestone.code}"' in page
    assert 'data-kinds="milestone"' in page


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (WindowField(), {"milestone": "gone"}),
        (CeilingField(), {"table": "gone"}),
        (CeilingField(), {"metric": "seller.gone"}),
        (SampleField(), {"metric": "item.gone", "at_least": 1}),
        (TermsField(), {"open_to": ["gone"]}),
    ],
)
def test_what_is_there_and_unknown_is_shown_as_it_is(field, value):
    taken = field.take_apart(value)

    assert field.put_together({name: taken.get(name, "") for name in field.widget.parts}) == value


def test_pairs_are_read_as_they_are_shown():
    field = PairsField()
    pairs = [["a", "b"], ["c", "d"]]

    assert field.prepare_value(pairs) == "a > b\nc > d"
    assert field.to_python("a > b\r\n\r\n c>d ") == pairs


def test_a_statistics_filter_is_built_of_its_sources_fields(client, draft):
    row = StatisticFactory(
        version=draft, code="seller.points", level="seller", source="violations", field="points",
        where=["severity", "==", "serious"],
    )  # fmt: skip
    address = reverse("admin:campaigns_statistic_change", args=[row.pk])

    widget = client.get(address).context["adminform"].form.fields["where"].widget

    offered = {metric["code"]: metric["operators"] for metric in widget.vocabulary["metrics"]}
    assert set(offered) >= {"severity", "category", "verified", "points"}
    assert "item.stock" not in offered
    assert "==" in offered["severity"]
    answer = send(client, row, where='["verified", "==", true]')
    assert answer.status_code == 302, errors(answer)
    row.refresh_from_db()
    assert row.where == ["verified", "==", True]
    answer = send(client, row, where='["item.stock", ">", 1]')
    assert list(errors(answer)) == ["where"]


def test_a_reasons_text_is_written_by_language(client):
    address = reverse("admin:campaigns_reasontemplate_add")

    client.post(
        address,
        {"code": "late", "use": "rejection", "text_en": "Too late.", "text_zh-hans": "已逾期。"},
    )

    assert ReasonTemplate.objects.get().text == {"en": "Too late.", "zh-hans": "已逾期。"}


@pytest.mark.parametrize("window", OF_ENTRIES)
def test_a_window_since_the_filing_is_shown_and_kept(client, draft, window):
    row = StatisticFactory(version=draft, **EARLY, window=window)
    before = dump(draft)
    answer = send(client, row)
    assert answer.status_code == 302, errors(answer)
    row.refresh_from_db()
    assert row.window == window
    assert dump(draft) == before


@pytest.mark.parametrize(
    ("changes", "window"),
    [
        ({}, {"since_filing": True}),
        ({"window_until": "2023-05-09"}, {"since_filing": True, "until": "2023-05-09 00:00:00"}),
        (
            {"window_until_milestone": "live"},
            {"since_filing": True, "until": {"milestone": "live"}},
        ),
    ],
)
def test_a_window_since_the_filing_is_set(client, draft, changes, window):
    before = {"since_filing": True, "until": "2023-01-01 00:00:00"}
    row = StatisticFactory(version=draft, **EARLY, window=before)
    cleared = {"window_until": "", "window_until_milestone": ""}
    answer = send(client, row, **{**cleared, **changes})
    assert answer.status_code == 302, errors(answer)
    row.refresh_from_db()
    assert row.window == window


def test_a_statistic_of_each_item_cannot_begin_with_a_filing(client, draft):
    row = StatisticFactory(version=draft, **EARLY, window={"since_filing": True})
    answer = send(client, row, code="item.sold_early", level="item")
    assert errors(answer) == {
        "window": [
            "window: a statistic of each entry, and no other, looks at the time since_filing"
        ]
    }

"""Rounds: applying, deciding, and results that are brought in."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from campaigns import rounds
from campaigns.models import Notice, RoundResult
from campaigns.notice_texts import sentences
from sellers.feeds.problems import FeedError
from tests.factories import (
    FILED,
    MilestoneFactory,
    RegistrationFactory,
    RoundFactory,
    RoundResultFactory,
    SellerFactory,
    UserFactory,
    open_campaign,
)
from tests.times import local

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
FIRST = (local("2023-05-02"), local("2023-05-04"))
SECOND_ROUND = (local("2023-05-09"), local("2023-05-12"))


@pytest.fixture
def opened():
    """A pre-selection "pick" with two windows, and an exam."""
    opened = open_campaign()
    for code, (starts_at, ends_at) in (("first", FIRST), ("second", SECOND_ROUND)):
        MilestoneFactory(version=opened.version, code=code, starts_at=starts_at, ends_at=ends_at)
    RoundFactory(version=opened.version, code="pick", windows=["first", "second"], position=1)
    RoundFactory(version=opened.version, code="exam", kind="exam", position=2)
    return opened


@pytest.fixture
def registration(opened):
    return RegistrationFactory(campaign=opened.campaign, version=opened.version)


def apply(opened, registration, at=FILED, code="pick"):
    found = rounds.apply(registration=registration, code=code, version=opened.version, at=at)
    return found and found.code


def passed(opened, registration, at):
    return [
        row.round.code
        for row in rounds.standings(registration, version=opened.version, at=at)
        if row.passed(at)
    ]


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (FIRST[0] - SECOND, "round_closed"),
        (FIRST[0], None),
        (FIRST[1] - SECOND, None),
        (FIRST[1], "round_closed"),
        (SECOND_ROUND[0], None),
        (SECOND_ROUND[1] - SECOND, None),
        (SECOND_ROUND[1], "round_closed"),
    ],
)
def test_sellers_apply_in_its_windows(opened, registration, at, code):
    assert apply(opened, registration, at) == code
    expected = [] if code else [("applied", at)]
    assert list(RoundResult.objects.values_list("state", "applied_at")) == expected


def test_applying_twice_keeps_the_first(opened, registration):
    assert [apply(opened, registration, FILED + n * SECOND) for n in (0, 1)] == [None, None]
    assert RoundResult.objects.get().applied_at == FILED


@pytest.mark.parametrize("code", ["exam", "nothing"])
def test_nobody_applies_for_an_exam(opened, registration, code):
    assert apply(opened, registration, code=code) == "unknown_round"
    assert not RoundResult.objects.exists()


def test_who_takes_no_part_does_not_apply(opened):
    registration = RegistrationFactory(
        campaign=opened.campaign, version=opened.version, status="withdrawn"
    )
    assert apply(opened, registration) == "not_registered"


def test_a_suspended_campaign_takes_no_application(opened, registration):
    opened.campaign.state = "suspended"
    opened.campaign.save()
    assert apply(opened, registration) == "campaign_suspended"


@pytest.mark.parametrize(
    ("decided_at", "code"), [(SECOND_ROUND[0] - SECOND, None), (SECOND_ROUND[0], "round_decided")]
)
def test_who_failed_may_apply_in_a_later_window(opened, registration, decided_at, code):
    RoundResultFactory(
        registration=registration, code="pick", state="failed", decided_at=decided_at
    )
    assert apply(opened, registration) == code
    assert RoundResult.objects.get().state == ("failed" if code else "applied")


def test_who_passed_does_not_apply_again(opened, registration):
    RoundResultFactory(
        registration=registration, code="pick", state="passed", passed_at=FILED, decided_at=FILED
    )
    assert apply(opened, registration, FILED + SECOND) == "round_decided"


def test_an_operator_passes_fails_and_ends(opened, registration):
    apply(opened, registration)
    operator, results = UserFactory(), RoundResult.objects.all()
    later = FILED + SECOND
    assert rounds.decide(results=results, passed=False, at=FILED, actor=operator, note="no") == 1
    assert passed(opened, registration, later) == []
    assert rounds.decide(results=results, passed=True, at=later, actor=operator) == 1
    assert passed(opened, registration, FILED) == []
    assert passed(opened, registration, later) == ["pick"]
    assert rounds.decide(results=results, passed=True, at=later, actor=None) == 0
    assert rounds.decide(results=results, passed=False, at=later, actor=None) == 0
    assert results.get().decided_by == operator
    ended = later + SECOND
    assert [rounds.end(results=results, at=ended, actor=operator) for _ in "12"] == [1, 0]
    assert passed(opened, registration, ended - SECOND) == ["pick"]
    assert passed(opened, registration, ended) == []


def brought(opened, rows, at=FILED):
    done = rounds.record(campaign=opened.campaign, code="exam", rows=rows, at=at)
    return done.changed, done.same, [tuple(problem) for problem in done.problems]


def test_results_are_brought_in_and_again_change_nothing(opened, registration):
    other = RegistrationFactory(campaign=opened.campaign, version=opened.version)
    rows = [(2, registration.seller.code, True, ""), (3, other.seller.code, False, "40 points")]
    assert brought(opened, rows) == (2, 0, [])
    assert brought(opened, rows, FILED + SECOND) == (0, 2, [])
    assert list(
        RoundResult.objects.order_by("registration").values_list("state", "passed_at", "note")
    ) == [("passed", FILED, ""), ("failed", None, "40 points")]
    assert passed(opened, registration, FILED) == ["exam"]


def test_a_later_result_takes_the_place_of_an_earlier(opened, registration):
    code = registration.seller.code
    for at, outcome in ((0, False), (1, True), (2, False), (3, False), (4, True)):
        brought(opened, [(2, code, outcome, "")], FILED + at * SECOND)
        assert passed(opened, registration, FILED + at * SECOND) == (["exam"] if outcome else [])


def test_who_has_not_joined_is_told(opened, registration):
    gone = RegistrationFactory(campaign=opened.campaign, version=opened.version, status="withdrawn")
    rows = [
        (2, gone.seller.code, True, ""),
        (3, registration.seller.code, True, ""),
        (4, registration.seller.code, False, ""),
        (5, registration.seller.code, True, ""),
    ]
    assert brought(opened, rows) == (
        1,
        1,
        [
            (2, "seller", gone.seller.code, "no such seller has joined"),
            (4, "seller", registration.seller.code, "another line says otherwise"),
        ],
    )


def test_a_table_of_results(opened, registration, tmp_path):
    path = tmp_path / "exam.csv"
    path.write_text(f"seller,result\n{registration.seller.code},Passed\nnobody,passed\nx,maybe\n")
    done = rounds.record_from(path, campaign=opened.campaign, code="exam", at=FILED)
    assert (done.changed, done.same) == (1, 0)
    assert [tuple(problem) for problem in done.problems] == [
        (3, "seller", "nobody", "no such seller has joined"),
        (4, "result", "maybe", "is not passed or failed"),
    ]
    path.write_text("seller\nx\n")
    with pytest.raises(FeedError, match="“result” is missing"):
        rounds.record_from(path, campaign=opened.campaign, code="exam", at=FILED)


def test_the_number_of_queries_is_that_of_one(opened):
    counts = {}
    for number in (1, 3, 600):
        registrations = RegistrationFactory.create_batch(
            number, campaign=opened.campaign, version=opened.version
        )
        rows = [(line, r.seller.code, True, "") for line, r in enumerate(registrations, 2)]
        with CaptureQueriesContext(connection) as captured:
            assert brought(opened, rows)[0] == number
        counts[number] = len(captured)
    assert counts[1] == counts[3] == counts[600]


def told():
    rows = Notice.objects.order_by("seller", "id")
    return list(rows.values_list("seller__code", "cause", "params", "state"))


def test_a_decision_is_told_once_to_each_seller_with_all_of_their_rounds(opened):
    titles = {"pick": {"en": "Pre-selection", "zh-hans": "海选"}, "exam": {}}
    for code, title in titles.items():
        opened.version.round_set.filter(code=code).update(title=title)
    one, two, three = (
        RegistrationFactory(campaign=opened.campaign, version=opened.version, seller__code=code)
        for code in ("s1", "s2", "s3")
    )
    for registration, code in ((one, "pick"), (one, "exam"), (two, "pick")):
        RoundResultFactory(registration=registration, code=code, state="applied")
    RoundResultFactory(registration=three, code="pick", state="passed", passed_at=FILED)
    for _again in range(2):
        given = {"at": FILED, "actor": None, "note": "well done"}
        rounds.decide(results=RoundResult.objects.all(), passed=True, **given)

    more = {"result": "passed", "reason": "well done"}
    assert told() == [
        ("s1", "round_decided", {"round": [titles["pick"], "exam"], **more}, "ready"),
        ("s2", "round_decided", {"round": [titles["pick"]], **more}, "ready"),
    ]
    notice = Notice.objects.first()
    assert (notice.campaign, notice.at) == (opened.campaign, FILED)
    assert sentences(notice) == [
        "Decided: Pre-selection, exam.",
        "Result: passed.",
        "Reason: well done",
    ]
    with override("zh-hans"):
        assert any("海选" in text for text in sentences(notice))
        assert not any("passed" in text for text in sentences(notice))


def test_of_two_campaigns_each_is_told(opened):
    other = open_campaign(code="other")
    seller = SellerFactory()
    for campaign in (opened, other):
        registration = RegistrationFactory(
            campaign=campaign.campaign, version=campaign.version, seller=seller
        )
        RoundResultFactory(registration=registration, code="pick", state="applied")
    rounds.decide(results=RoundResult.objects.all(), passed=False, at=FILED, actor=None)
    assert {row.campaign for row in Notice.objects.all()} == {opened.campaign, other.campaign}
    assert {row[2]["result"] for row in told()} == {"failed"}


def test_what_is_passed_no_longer_is_told(opened, registration):
    RoundResultFactory(registration=registration, code="exam", state="passed", passed_at=FILED)
    for _again in range(2):
        rounds.end(results=RoundResult.objects.all(), at=FILED, actor=None, note="")
    (notice,) = Notice.objects.all()
    assert sentences(notice)[1:] == ["Result: no longer passed."]


def test_results_brought_in_are_told_where_they_change(opened):
    for code in ("s1", "s2"):
        RegistrationFactory(campaign=opened.campaign, version=opened.version, seller__code=code)
    rows = [(2, "s1", True, ""), (3, "s2", False, "two mistakes")]
    for _again in range(2):
        rounds.record(campaign=opened.campaign, code="exam", rows=rows, at=FILED)
    assert [(row[0], row[2]["result"], row[2]["reason"]) for row in told()] == [
        ("s1", "passed", ""),
        ("s2", "failed", "two mistakes"),
    ]
    rounds.record(campaign=opened.campaign, code="exam", rows=[(2, "s1", False, "")], at=FILED)
    assert [row[2]["result"] for row in told()] == ["passed", "ended", "failed"]


def test_deciding_many_takes_no_more_queries_than_one(opened):
    counts = []
    for number in (1, 3, 60):
        made = [
            RoundResultFactory(registration=registration, code="pick", state="applied").pk
            for registration in RegistrationFactory.create_batch(
                number, campaign=opened.campaign, version=opened.version
            )
        ]
        results = RoundResult.objects.filter(pk__in=made)
        with CaptureQueriesContext(connection) as captured:
            assert rounds.decide(results=results, passed=True, at=FILED, actor=None) == number
        counts.append(len(captured))
    assert Notice.objects.count() == 64
    assert len(set(counts)) == 1

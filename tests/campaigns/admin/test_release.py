"""Releases, clear-outs, revocations and requests to cancel in the admin: asked with numbers."""

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.messages import get_messages
from django.urls import reverse

from campaigns import cancelling
from campaigns.models import (
    CancellationRequest,
    Decision,
    Entry,
    ReasonTemplate,
    Registration,
    Release,
    Revocation,
)
from campaigns.permissions import AUDITOR, OPERATOR, REVIEWER
from campaigns.reviewing import approve
from campaigns.tasks import work_release
from config.roles import sync_roles
from tests.factories import (
    ConflictFactory,
    EntryFactory,
    UserFactory,
    VenueAssignmentFactory,
    VenueTermsFactory,
    open_campaign,
)
from tests.times import local

pytestmark = pytest.mark.django_db
QUEUE = "admin:campaigns_entry_changelist"
AT = local("2023-05-12 10:00")
DUE = local("2023-05-30 23:59:59")
MOST_QUERIES = 30


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    monkeypatch.setattr("sellers.clock.now", lambda: AT)


@pytest.fixture
def login(client):
    sync_roles()

    def as_role(role, *venues):
        user = UserFactory(is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        for venue in venues:
            VenueAssignmentFactory(user=user, venue=venue)
        client.force_login(user)
        client.user = user
        return client

    return as_role


@pytest.fixture
def opened():
    return open_campaign(
        review_mode="system_then_manual",
        release="together",
        results_due=DUE,
        cancellable_after_approval=False,
    )


def entries(opened, count=1, status="in_review", **fields):
    return [
        EntryFactory(campaign=opened.campaign, venue=opened.venue, status=status, **fields)
        for _ in range(count)
    ]


def act(client, name, rows, page=QUEUE, **more):
    data = {"action": name, "_selected_action": [row.pk for row in rows], **more}
    # Live and ended entries are not in the queue of what waits.
    return client.post(f"{reverse(page)}?queue=all" if page == QUEUE else reverse(page), data)


def packed(rows):
    return ",".join(f"{row.pk}:{getattr(row, 'revision', 0)}" for row in rows)


def confirmed(rows, **more):
    return {"confirmed": "yes", "seen": packed(rows), **more}


def statuses(rows):
    return [Entry.objects.get(pk=row.pk).status for row in rows]


def test_a_reviewer_decides_and_the_queue_shows_what_is_decided(login, opened):
    rows = entries(opened, 3)
    client = login(REVIEWER, opened.venue)
    act(client, "approve", rows[:2], **confirmed(rows[:2]))
    assert statuses(rows) == ["in_review"] * 3

    def listed(queue):
        page = client.get(reverse(QUEUE), {"queue": queue})
        return {row.pk for row in page.context["cl"].result_list}

    assert listed("decided") == {rows[0].pk, rows[1].pk}
    assert listed("open") == {rows[2].pk}
    assert listed("pending") == {row.pk for row in rows}
    assert "approve · " in client.get(reverse(QUEUE)).content.decode()
    act(client, "take_back", rows[:1], **confirmed(rows[:1]))
    assert Decision.objects.get().entry == rows[1]


@pytest.mark.parametrize("of", ["campaign", "venue"])
def test_results_are_released_after_a_question_with_numbers(login, opened, of, monkeypatch):
    rows = entries(opened, 3)
    approve(entries={row.pk: 1 for row in rows[:2]}, at=AT, actor=None)
    subject = getattr(opened, of)
    page = reverse(f"admin:campaigns_{of}_release_results", args=[subject.pk])
    asked = []
    monkeypatch.setattr("campaigns.admin.release.enqueue_release", asked.append)
    client = login(OPERATOR)

    question = client.get(page)

    assert [number for _what, number in question.context["summary"][:4]] == [2, 0, 0, 1]
    assert statuses(rows) == ["in_review"] * 3
    assert not Release.objects.exists()
    answer = client.post(page, {"confirmed": "yes", "seen": ""})
    row = Release.objects.get()
    assert answer.url == reverse("admin:campaigns_release_change", args=[row.pk])
    assert (asked, row.actor) == ([row], client.user)
    work_release(row.pk)
    assert statuses(rows) == ["approved", "approved", "in_review"]
    text = client.get(answer.url).content.decode()
    assert "2 approved" in text
    assert (
        "2 approved" in client.get(reverse("admin:campaigns_release_changelist")).content.decode()
    )


def test_a_reviewer_cannot_release(login, opened):
    page = reverse("admin:campaigns_venue_release_results", args=[opened.venue.pk])
    assert login(AUDITOR).post(page, {"confirmed": "yes"}).status_code == 403


def test_venues_show_what_is_overdue_and_who_owns_them(login, opened, monkeypatch):
    monkeypatch.setattr("sellers.clock.now", lambda: DUE)
    rows = entries(opened, 2)
    VenueTermsFactory(version=opened.version, code="branch")
    owner = UserFactory(is_staff=True)
    client = login(OPERATOR)
    page = client.get(reverse("admin:campaigns_venue_changelist"))
    found = {row.code: row.overdue_entries for row in page.context["cl"].result_list}
    assert found == {"main": 2, "branch": 0}
    listed = client.get(reverse(QUEUE), {"queue": "overdue"}).context["cl"].result_list
    assert {row.pk for row in listed} == {row.pk for row in rows}
    change = reverse("admin:campaigns_venue_change", args=[opened.venue.pk])
    client.post(change, {"owner": owner.pk})
    opened.venue.refresh_from_db()
    assert opened.venue.owner == owner


def test_clearing_out_needs_a_reason_and_restoring_undoes_it(login, opened):
    rows = entries(opened, 2, status="approved")
    reason = ReasonTemplate.objects.create(
        code="fake", use="clear_out", text={"en": "Not genuine", "zh-hans": "假货"}
    )
    client = login(OPERATOR)
    question = act(client, "clear_out", rows)
    assert question.context["summary"][0][1] == 2
    assert (
        "This field is required"
        in act(client, "clear_out", rows, **confirmed(rows)).content.decode()
    )
    act(client, "clear_out", rows, **confirmed(rows, template=reason.pk, note=""))
    assert statuses(rows) == ["cleared_out"] * 2
    page = client.get(reverse("admin:campaigns_entry_change", args=[rows[0].pk]))
    assert "Not genuine" in page.content.decode()
    act(client, "restore", rows, **confirmed(rows))
    assert statuses(rows) == ["approved"] * 2


def test_only_operators_clear_out_and_the_owner_restores(login, opened):
    gone, live = entries(opened, 1, "cleared_out"), entries(opened, 1, "approved")
    client = login(REVIEWER, opened.venue)
    reason = ReasonTemplate.objects.create(code="fake", use="clear_out")
    act(client, "clear_out", live, **confirmed(live, template=reason.pk))
    act(client, "restore", gone, **confirmed(gone))
    assert statuses(live + gone) == ["approved", "cleared_out"]
    opened.venue.owner = client.user
    opened.venue.save()
    act(client, "restore", gone, **confirmed(gone))
    assert statuses(gone) == ["approved"]


def test_a_permission_is_taken_back_and_given_back(login, opened):
    (row,) = entries(opened, 1, "approved")
    reason = ReasonTemplate.objects.create(
        code="odd", use="revocation", text={"en": "Odd orders", "zh-hans": "订单异常"}
    )
    client = login(OPERATOR)
    page = reverse("admin:campaigns_registration_revoke", args=[row.registration_id])
    question = client.get(page)
    assert [str(number) for _what, number in question.context["summary"]] == ["1", "0", "yes"]
    client.post(page, {"confirmed": "yes", "seen": "", "template": reason.pk, "note": "order 9"})
    revocation = Revocation.objects.get()
    assert (revocation.note, revocation.actor) == ("order 9", client.user)
    assert statuses([row]) == ["cleared_out"]
    assert client.get(page).status_code == 403
    shown = client.get(reverse("admin:campaigns_revocation_change", args=[revocation.pk]))
    assert "Odd orders" in shown.content.decode()
    lift = reverse("admin:campaigns_revocation_lift", args=[revocation.pk])
    assert client.get(lift).status_code == 200
    client.post(lift, {"confirmed": "yes", "seen": "", "bring_back": "on"})
    revocation.refresh_from_db()
    assert (revocation.lifted_at, revocation.lifted_by) == (AT, client.user)
    assert Registration.objects.get(pk=row.registration_id).status == "joined"


@pytest.mark.parametrize(("language", "title"), [("en", "Men’s hall"), ("zh-hans", "男装会场")])
def test_requests_and_what_is_asked_of_them_name_the_venue(login, opened, language, title):
    opened.version.venueterms_set.update(title={"en": "Men’s hall", "zh-hans": "男装会场"})
    (row,) = entries(opened, 1, "approved")
    cancelling.ask(entry=row, note="sold out", at=AT, actor=None)
    (request,) = CancellationRequest.objects.all()
    queue = "admin:campaigns_cancellationrequest_changelist"
    client = login(OPERATOR)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    listed = client.get(reverse(queue)).content.decode()
    assert title in listed
    summaries = [
        act(client, "grant", [request], queue).context["summary"],
        act(client, "clear_out", [row]).context["summary"],
    ]
    for summary in summaries:
        assert [str(what).split(" · ")[0] for what, _number in summary][1:] == [title]


def test_what_is_in_the_way_of_an_approval_is_named_with_its_venue(login, opened):
    terms = VenueTermsFactory(
        version=opened.version, code="presale", kind="presale", title={"en": "Women’s presale"}
    )
    ConflictFactory(version=opened.version, venue_kinds=["main"], against=["presale"])
    (row,) = entries(opened)
    other = EntryFactory(registration=row.registration, venue=terms.venue, item=row.item)
    client = login(REVIEWER, opened.venue)
    answer = act(client, "approve", [row], **confirmed([row]))
    said = [str(message) for message in get_messages(answer.wsgi_request)]
    text = f"The item stands in another venue: entry {other.pk} in Women’s presale (1)"
    assert said[-1] == text
    assert statuses([row]) == ["in_review"]


def test_requests_to_cancel_are_answered_from_their_queue(login, opened):
    rows = entries(opened, 3, "approved")
    for row in rows:
        cancelling.ask(entry=row, note="sold out", at=AT, actor=None)
    requests = list(CancellationRequest.objects.order_by("id"))
    queue = "admin:campaigns_cancellationrequest_changelist"
    client = login(OPERATOR)
    assert len(client.get(reverse(queue)).context["cl"].result_list) == 3
    question = act(client, "grant", requests[:2], queue)
    assert question.context["summary"][0][1] == 2
    act(client, "grant", requests[:2], queue, **confirmed(requests[:2]))
    act(client, "refuse", requests[2:], queue, **confirmed(requests[2:], note="too late"))
    assert statuses(rows) == ["cleared_out", "cleared_out", "approved"]
    granted = CancellationRequest.objects.order_by("id").values_list("granted", flat=True)
    assert list(granted) == [True, True, False]
    assert client.get(reverse(queue)).context["cl"].result_list.count() == 0


def test_no_page_takes_more_queries_with_more_rows(login, opened, django_assert_max_num_queries):
    client = login(OPERATOR)
    lists = [
        QUEUE,
        "admin:campaigns_venue_changelist",
        "admin:campaigns_release_changelist",
        "admin:campaigns_revocation_changelist",
        "admin:campaigns_registration_changelist",
        "admin:campaigns_cancellationrequest_changelist",
    ]

    def fill(number):
        rows = entries(opened, number)
        approve(entries={row.pk: 1 for row in rows[: number // 2 + 1]}, at=AT, actor=client.user)
        for row in entries(opened, number, "approved"):
            cancelling.ask(entry=row, note="", at=AT, actor=client.user)
        reason, _new = ReasonTemplate.objects.get_or_create(code="odd", use="revocation")
        for row in rows:
            Release.objects.create(
                campaign=opened.campaign, scope="all", at=AT, finished_at=AT, actor=client.user
            )
            Revocation.objects.create(
                campaign=opened.campaign, seller=row.seller, reason=reason, at=AT,
                actor=client.user, lifted_at=AT, lifted_by=client.user,
            )  # fmt: skip

    def count(page):
        with django_assert_max_num_queries(MOST_QUERIES) as captured:
            assert client.get(page).status_code == 200
        return len(captured)

    client.get(reverse(QUEUE))
    fill(1)
    few = [count(reverse(name)) for name in lists]
    pages = [
        reverse("admin:campaigns_campaign_release_results", args=[opened.campaign.pk]),
        reverse("admin:campaigns_registration_revoke", args=[Registration.objects.first().pk]),
    ]
    few += [count(page) for page in pages]
    fill(8)
    assert [count(page) for page in [*map(reverse, lists), *pages]] == few

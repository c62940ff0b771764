"""Operators take violations in, say whether they stand, and bar sellers by hand."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from campaigns.permissions import AUDITOR, OPERATOR
from config.roles import sync_roles
from sellers import clock
from sellers.models import ChangedSubject, Sanction, SanctionPolicy, Violation
from tests.factories import FILED, ItemFactory, SellerFactory, UserFactory, ViolationFactory
from tests.times import local

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.fixture
def login(client, monkeypatch):
    sync_roles()
    monkeypatch.setattr(clock, "now", lambda: FILED)

    def as_role(role):
        user = UserFactory(is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        client.force_login(user)
        return user

    return as_role


def moment(name, at):
    day, time = at.split()
    return {f"{name}_0": day, f"{name}_1": time}


def form(seller, **more):
    return {
        "seller": seller.pk, "category": "market_disturbance", "severity": "serious", "points": 0,
        "evidence": "Order 77.", **moment("occurred_at", "2023-05-09 10:00:00"),
        **moment("penalised_at", "2023-05-10 10:00:00"), **more,
    }  # fmt: skip


def post(client, name, data, *arguments):
    return client.post(reverse(f"admin:sellers_{name}", args=arguments), data)


def test_a_violation_is_taken_in_with_its_author_and_bars_at_once(client, login):
    author, seller = login(OPERATOR), SellerFactory()
    SanctionPolicy.objects.create(category="market_disturbance", months=12)
    item = ItemFactory(seller=seller)
    assert post(client, "violation_add", form(seller, item=item.pk)).status_code == 302
    violation = Violation.objects.get()
    assert (violation.author, violation.evidence, violation.item) == (author, "Order 77.", item)
    assert (violation.verified, violation.known_at) == (True, FILED)
    assert Sanction.objects.get().ends_at == local("2024-05-10")
    assert ChangedSubject.objects.get().subject_id == seller.pk


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"evidence": ""}, "evidence"),
        (moment("penalised_at", "2023-05-10 12:00:01"), "penalised_at"),
        ({"points": "-1"}, "points"),
    ],
)
def test_a_violation_without_what_it_needs_is_refused(client, login, more, error):
    login(OPERATOR)
    answer = post(client, "violation_add", form(SellerFactory(), **more))
    assert list(answer.context["adminform"].form.errors) == [error]
    assert not Violation.objects.exists()


def test_an_item_of_another_seller_is_refused(client, login):
    login(OPERATOR)
    answer = post(client, "violation_add", form(SellerFactory(), item=ItemFactory().pk))
    assert list(answer.context["adminform"].form.errors) == ["item"]


def test_only_whether_it_stands_is_changed(client, login):
    login(OPERATOR)
    violation = ViolationFactory(points=12)
    page = client.get(reverse("admin:sellers_violation_change", args=[violation.pk]))
    assert list(page.context["adminform"].form.fields) == ["verified"]
    assert post(client, "violation_change", {"points": 0}, violation.pk).status_code == 302
    violation.refresh_from_db()
    assert (violation.verified, violation.points) == (False, 12)
    assert ChangedSubject.objects.get().subject_id == violation.seller_id


def test_a_bar_is_added_and_ended_by_hand(client, login):
    author, seller = login(OPERATOR), SellerFactory()
    data = {"seller": seller.pk, "kind": "ban", **moment("starts_at", "2023-05-10 12:00:00")}
    assert list(post(client, "sanction_add", data).context["adminform"].form.errors) == ["note"]
    data |= {"note": "Court order.", **moment("ends_at", "2023-05-10 12:00:00")}
    refused = post(client, "sanction_add", data).context["adminform"].form.errors
    assert list(refused) == ["ends_at"]
    data |= moment("ends_at", "2023-06-10 00:00:00")
    assert post(client, "sanction_add", data).status_code == 302
    sanction = Sanction.objects.get()
    assert (sanction.author, sanction.ends_at) == (author, local("2023-06-10"))
    assert ChangedSubject.objects.get().subject_id == seller.pk
    ChangedSubject.objects.all().delete()
    post(client, "sanction_changelist", {"action": "end_now", "_selected_action": [sanction.pk]})
    sanction.refresh_from_db()
    assert (sanction.ends_at, sanction.ended_by) == (FILED, author)
    assert ChangedSubject.objects.get().subject_id == seller.pk


def test_an_auditor_looks_only(client, login):
    login(AUDITOR)
    sanction = Sanction.objects.create(seller=SellerFactory(), starts_at=FILED)
    ViolationFactory()
    for name in ("violation", "sanction", "sanctionpolicy"):
        assert client.get(reverse(f"admin:sellers_{name}_changelist")).status_code == 200
        assert client.get(reverse(f"admin:sellers_{name}_add")).status_code == 403
    post(client, "sanction_changelist", {"action": "end_now", "_selected_action": [sanction.pk]})
    sanction.refresh_from_db()
    assert sanction.ended_at is None

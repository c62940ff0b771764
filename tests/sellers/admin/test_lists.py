"""The admin's lists and pages over sellers and facts: they open, for whom, at what cost."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from config.roles import sync_roles
from sellers.admin import base
from sellers.models import FactChange, FeedRun, ItemDay
from tests.factories import (
    AgencyFactory,
    CategoryFactory,
    FactDefinitionFactory,
    ItemFactory,
    LegalEntityFactory,
    ListPriceFactory,
    MembershipFactory,
    ParallelPriceFactory,
    QualificationFactory,
    SellerFactory,
    UserFactory,
    ViolationFactory,
)
from tests.times import local

pytestmark = pytest.mark.django_db
LISTS = [
    "seller", "item", "feedrun", "factchange", "factdefinition", "category", "legalentity",
    "agency", "membership", "trackedfact",
]  # fmt: skip


@pytest.fixture
def staff(client):
    sync_roles()

    def login(role):
        user = UserFactory(is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        client.force_login(user)
        return client

    return login


def populate(rows):
    for number in range(rows):
        seller = SellerFactory(entity=LegalEntityFactory(), agency=AgencyFactory())
        item = ItemFactory(seller=seller, category=CategoryFactory())
        ListPriceFactory(item=item)
        ParallelPriceFactory(item=item)
        ItemDay.objects.create(item=item, day=local("2023-05-01").date(), quantity=number)
        QualificationFactory(seller=seller)
        ViolationFactory(seller=seller)
        MembershipFactory(seller=seller)
        FeedRun.objects.create(kind="items", file_name=f"{number}.csv", at=local("2023-05-01"))
        FactChange.objects.create(
            metric="seller.growth_level", subject_id=seller.pk, value="5",
            effective_at=local("2023-05-01"), known_at=local("2023-05-01"),
        )  # fmt: skip
        if number < 5:
            FactDefinitionFactory()
    return seller, item


@pytest.mark.parametrize("name", LISTS)
def test_a_list_takes_as_many_queries_for_twenty_rows_as_for_two(
    staff, name, django_assert_max_num_queries
):
    client = staff("operator")
    address = reverse(f"admin:sellers_{name}_changelist")
    populate(2)
    client.get(address)
    with django_assert_max_num_queries(25) as few:
        assert client.get(address).status_code == 200
    populate(18)
    with django_assert_max_num_queries(25) as many:
        assert client.get(address).status_code == 200
    assert len(many) == len(few)


def test_a_seller_and_an_item_show_what_is_known_and_since_when(staff):
    client = staff("auditor")
    seller, item = populate(1)
    item.list_price = Decimal("88.50")
    item.save()

    seller_page = client.get(reverse("admin:sellers_seller_change", args=[seller.pk]))
    item_page = client.get(reverse("admin:sellers_item_change", args=[item.pk]))

    assert "Facts known at" in seller_page.content.decode()
    assert "88.50" in item_page.content.decode()


def test_facts_cannot_be_edited_by_hand(staff):
    client = staff("operator")
    seller, _item = populate(1)

    address = reverse("admin:sellers_seller_change", args=[seller.pk])

    assert client.post(address, {"name": "changed"}).status_code == 403
    assert client.get(reverse("admin:sellers_seller_add")).status_code == 403


def test_search_finds_by_the_beginning_of_a_code(staff):
    client = staff("operator")
    for code in ("S-100", "S-1001", "S-200"):
        SellerFactory(code=code)

    page = client.get(reverse("admin:sellers_seller_changelist"), {"q": "S-100"}).content.decode()

    assert "S-100<" in page
    assert "S-1001" in page
    assert "S-200" not in page


def test_a_list_counts_no_further_than_its_bound(staff, monkeypatch):
    monkeypatch.setattr(base, "MOST_COUNTED", 3)
    populate(5)

    page = staff("operator").get(reverse("admin:sellers_seller_changelist"))

    assert page.context["cl"].paginator.count == 3


def test_finance_does_not_see_facts_logs(staff):
    client = staff("finance")

    assert client.get(reverse("admin:sellers_seller_changelist")).status_code == 200
    assert client.get(reverse("admin:sellers_factchange_changelist")).status_code == 403

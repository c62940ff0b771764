"""A rulebook survives the way from file to database and back, whatever it holds."""

import pytest
from django.db import transaction
from django.test import override_settings
from hypothesis import HealthCheck, given, settings

from campaigns.models import Campaign, RulebookVersion
from campaigns.rulebooks import yaml_text
from campaigns.rulebooks.reading import parse
from campaigns.rulebooks.rulebook import read_version
from sellers.metrics import registry
from tests.campaigns.rulebooks.strategies import documents

ZONES = ("Asia/Shanghai", "America/Sao_Paulo")


def _parsed(data):
    book, problems = parse(data, registry.all_metrics())
    assert problems == []
    return book


@given(documents())
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_text_keeps_all_that_a_rulebook_says(data):
    for zone in ZONES:
        with override_settings(TIME_ZONE=zone):
            book = _parsed(data)
            text = yaml_text.write(book.render())
            again = _parsed(yaml_text.read(text).data)
            assert again == book
            assert yaml_text.write(again.render()) == text


@given(data=documents())
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@pytest.mark.django_db
def test_the_database_keeps_all_that_a_rulebook_says(data):
    for zone in ZONES:
        with override_settings(TIME_ZONE=zone), transaction.atomic():
            book = _parsed(data)
            campaign = Campaign.objects.create(code=book.code)
            version = RulebookVersion.objects.create(campaign=campaign, number=1)
            book.save(version)
            stored = RulebookVersion.objects.select_related("campaign").get(pk=version.pk)
            assert read_version(stored) == book
            # PostgreSQL keeps JSON's keys in an order of its own.
            assert yaml_text.write(read_version(stored).render()) == yaml_text.write(book.render())
            transaction.set_rollback(True)

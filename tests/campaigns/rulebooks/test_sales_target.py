"""The sales target of a campaign: an amount of money that may be left out."""

from decimal import Decimal

import pytest

from campaigns.rulebooks import loading
from campaigns.rulebooks.problems import RulebookErrors
from campaigns.rulebooks.sections.heading import sales_target
from tests.campaigns.rulebooks.pages import changed

pytestmark = pytest.mark.django_db


def loaded(value):
    return loading.load(changed(("  code: small\n", f"  code: small\n  sales_target: {value}\n")))


@pytest.mark.parametrize("value", ["0.01", "24000000", "24000000.50", "100000000000"])
def test_a_target_is_kept_to_the_cent(value):
    version = loaded(value).version
    assert sales_target(version) == Decimal(value)
    assert f"sales_target: {value}\n" in loading.dump(version)


def test_without_a_target_there_is_none():
    version = loading.load(changed()).version
    assert sales_target(version) is None
    assert "sales_target" not in loading.dump(version)


@pytest.mark.parametrize("value", ["0", "-1", "0.001", "100000000000.01", "much"])
def test_what_is_no_amount_is_refused(value):
    with pytest.raises(RulebookErrors, match="sales_target"):
        loaded(value)

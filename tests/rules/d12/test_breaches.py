"""Section 8: breaches are watched all through, and misuse of official resources bars for a year."""

import pytest

from campaigns.alerts import raise_alerts
from campaigns.models import Alert
from sellers import sanctions
from sellers.models import SanctionPolicy
from tests.times import local

MONITORED = (
    "counterfeit",
    "fake_trade",
    "prohibited",
    "fraud",
    "false_certification",
    "image_theft",
    "malicious_cheating",
    "ip_infringement",
    "false_material",
    "not_as_described",
    "behaviour_complaint",
    "unfair_competition",
    "market_disturbance",
)


@pytest.mark.rule("D12-143")
@pytest.mark.parametrize(
    ("category", "is_monitored"), [*((code, True) for code in MONITORED), ("late_reply", False)]
)
def test_a_monitored_breach_alerts_operators_and_is_found_in_the_next_recheck(
    world, category, is_monitored
):
    (entry,) = world.approved(venue="presale_women")
    world.violation(category, on="2015-11-11 09:00:00")

    assert raise_alerts(at=local("2015-11-11 09:00:00")) == int(is_monitored)
    assert Alert.objects.filter(violation__category=category).exists() is is_monitored
    world.sweep("2015-11-12 02:00:00")
    assert (world.reason(entry) == "shop_violation") is is_monitored
    assert world.status(entry) == ("cleared_out" if is_monitored else "approved")


def misuse(world, seller, on):
    """A seller penalised for market disturbance, which bars for twelve months."""
    SanctionPolicy.objects.create(category="market_disturbance", months=12)
    world.violation("market_disturbance", points=12, on=on, seller=seller)
    sanctions.apply(at=local(on))


@pytest.mark.rule("D12-147")
@pytest.mark.parametrize(
    ("at", "is_barred"),
    [
        ("2015-12-12 09:59:59", False),
        ("2015-12-12 10:00:00", True),
        ("2016-12-11 23:59:59", True),
        ("2016-12-12 00:00:00", False),
    ],
)
def test_misuse_bars_from_campaigns_for_a_year(world, at, is_barred):
    """By the campaign's own clause; its registration has ended by 2016 anyway."""
    world.sellers({"code": "s2"})
    misuse(world, "s2", on="2015-12-12 10:00:00")

    assert ("D12-147" in world.kept_out("s2", at=local(at))) is is_barred


@pytest.mark.rule("D12-147")
def test_who_is_barred_while_taking_part_is_cleared_out(world):
    world.sellers({"code": "s2"})
    world.items({"code": "i2", "seller": "s2"})
    world.ready("s2")
    (mine,) = world.approved(venue="presale_women")
    (other,) = world.approved("i2", venue="presale_women", seller="s2")
    misuse(world, "s2", on="2015-11-09 10:00:00")

    run = world.sweep("2015-11-11 02:00:00")

    assert world.status(mine) == "approved"
    assert (world.status(other), world.reason(other)) == ("cleared_out", "barred")
    assert world.moved_for(run) == [("D12-147", "clear_out")]

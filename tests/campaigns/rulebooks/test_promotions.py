"""What promotions ask of shops, checked when a rulebook is loaded; what a campaign monitors."""

import pytest

from campaigns.alerts import raise_alerts
from campaigns.rulebooks import loading, yaml_text
from campaigns.rulebooks.reading import parse
from campaigns.rulebooks.versions import publish
from sellers.metrics import registry
from tests.campaigns.rulebooks.pages import SMALL, changed
from tests.factories import FILED, RegistrationFactory, ViolationFactory

ASKING = """\
promotions:
  - code: cash_back
    kind: mandatory
    level: shop
    terms:
      asks:
        - {code: threshold, type: decimal, title: {en: From, zh-hans: 满}, above: 0}
        - {code: amount, type: decimal, title: {en: Back, zh-hans: 返}, below_term: threshold}
"""
PLACE = "promotions[0].terms.asks"


def told(*replacements):
    text = changed(*replacements, text=SMALL + ASKING)
    _book, problems = parse(yaml_text.read(text).data, registry.all_metrics())
    return [str(problem) for problem in problems]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("level: shop", "level: entry", f"{PLACE}: only a promotion that shops set asks them"),
        ("code: amount", "code: threshold", f"{PLACE}[1].code: “threshold” is here twice"),
        (
            "below_term: threshold",
            "below_term: amount",
            f"{PLACE}[1].below_term: expected the code",
        ),
        ("type: decimal, title: {en: B", "type: text, title: {en: B", "only a number has bounds"),
        ("above: 0}", "places: 7}", f"{PLACE}[0].places: expected at most 6; found 7"),
        ("type: decimal, title: {en: F", "type: money, title: {en: F", "found “money”"),
        ("above: 0}", "abov: 0}", "unknown key “abov”; did you mean “above”?"),
    ],
)
def test_what_is_asked_must_make_sense(old, new, problem):
    assert told() == []
    (text,) = [text for text in told((old, new)) if problem in text]
    assert text.startswith(PLACE)


@pytest.mark.django_db
def test_a_campaign_monitors_what_its_published_rulebook_says():
    text = changed(("  code: small\n", "  code: small\n  monitors: [counterfeit, fake_trade]\n"))
    version = loading.load(text).version
    assert "monitors: [counterfeit, fake_trade]" in loading.dump(version)
    publish(version, at=FILED, effective_at=FILED)
    registration = RegistrationFactory(campaign=version.campaign, version=version, joined_at=FILED)
    ViolationFactory(seller=registration.seller, known_at=FILED)
    assert raise_alerts(at=FILED) == 1


REMEDIES = "  remedies:\n  - metric: {}\n    text: {{en: Grow., zh-hans: 请提升。}}\n    link: {}\n"


@pytest.mark.parametrize(
    ("metric", "link", "problem"),
    [
        ("seller.growth_level", "https://example.org/a?b=c", ""),
        ("seller.growth_level", "/help/", ""),
        ("seller.growth", "/help/", "metric"),
        ("seller.growth_level", "javascript:alert(1)", "an address"),
        ("seller.growth_level", "//example.org", "an address"),
    ],
)
def test_a_remedy_is_for_a_known_metric_and_links_to_a_page(metric, link, problem):
    found = told(("  code: small\n", "  code: small\n" + REMEDIES.format(metric, link)))
    assert len(found) == bool(problem)
    assert all(problem in text and "remedies" in text for text in found)

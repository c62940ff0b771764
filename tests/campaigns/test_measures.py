"""What a race's ``where`` may ask that nothing else may."""

import pytest

from campaigns.rulebooks import loading
from tests.campaigns.rulebooks.pages import SMALL, changed

RACE = """\
races:
  - code: upwards
    title: {en: Upwards, zh-hans: 晋级}
    venues: [main]
    where: [entry.raced_venue, "==", main]
"""


@pytest.mark.django_db
def test_a_race_asks_for_the_venue_raced_for_and_a_requirement_does_not():
    assert loading.check(SMALL + RACE) == []
    asked = changed(('[entry.activity_price, ">", 0.01]', '[entry.raced_venue, "==", main]'))

    (problem,) = loading.check(asked)

    assert problem.message == "entry.raced_venue is not known at admission"

"""Clauses 2.3 B, 2.5.1 F and 3.4 D: who was pre-selected, and who has passed the exam."""

import pytest

from tests.times import local


def newcomer(world, *rounds):
    """s2 with items for a branch and for outer, who has passed these rounds."""
    world.sellers({"code": "s2"})
    world.items({"code": "i2", "seller": "s2"}, {"code": "i3", "seller": "s2"})
    world.ready("s2", rounds=rounds)


@pytest.mark.rule("D12-047")
@pytest.mark.parametrize(
    ("rounds", "codes"),
    [(("preselection", "notice_exam"), []), (("notice_exam",), ["D12-047"])],
)
def test_branches_take_only_sellers_who_were_pre_selected(world, rounds, codes):
    newcomer(world, *rounds)

    assert world.refused("i2", venue="women", seller="s2") == codes


@pytest.mark.rule("D12-057", "D12-081")
@pytest.mark.parametrize(
    ("rounds", "is_found"),
    [(("preselection", "notice_exam"), False), (("preselection",), True)],
)
def test_branches_and_outer_take_only_sellers_who_passed_the_exam(world, rounds, is_found):
    newcomer(world, *rounds)

    assert world.refused("i2", venue="women", seller="s2") == ["D12-057"] * is_found
    assert ("D12-081" in world.found("i3", venue="outer", seller="s2")) is is_found


@pytest.mark.rule("D12-057")
@pytest.mark.parametrize(("second", "codes"), [(0, []), (1, ["D12-057"])])
def test_the_exam_is_passed_before_filing(world, second, codes):
    newcomer(world, "preselection")
    world.pass_round("notice_exam", "s2", at=local("2015-11-20 12:00:00"))
    at = local("2015-11-20 12:00:00" if not second else "2015-11-20 11:59:59")

    assert world.refused("i2", venue="women", seller="s2", at=at) == codes


@pytest.mark.rule("D12-047", "D12-057")
def test_presale_asks_for_neither(world):
    newcomer(world)

    assert world.refused("i2", venue="presale_women", seller="s2") == []

"""Draws come out the same everywhere, and within their bounds."""

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.marketplaces.draws import LONG_TAIL, Draws, Wheel


def test_the_same_names_give_the_same_draws_on_every_python():
    draws = Draws("synthetic", 520, "M", "shop", 1)
    assert [draws.below(1000) for _draw in range(6)] == [428, 60, 29, 194, 763, 247]
    assert [draws.spread(10_000) for _draw in range(3)] == [4691, 14471, 8154]
    assert draws.some("abcdefgh", 3) == ["d", "f", "h"]


def test_another_name_gives_another_stream():
    first = Draws("a", 1).below(10**9)
    assert Draws("a", 2).below(10**9) != first
    assert Draws("a", 1).below(10**9) == first


def test_draws_neither_use_nor_move_the_generator_of_others():
    random.seed(1)
    before = random.getstate()
    Draws("x").between(1, 6)
    assert random.getstate() == before


@given(st.text(max_size=20), st.integers(1, 10**9))
def test_spread_stays_between_the_ends_of_its_tail(name, median):
    value = Draws(name).spread(median)
    assert median * LONG_TAIL[0] // 1000 <= value <= median * LONG_TAIL[-1] // 1000


@given(st.text(max_size=20), st.lists(st.integers(), unique=True, max_size=30), st.integers(0, 40))
def test_some_gives_different_options_in_their_order(name, options, count):
    chosen = Draws(name).some(options, count)
    assert len(chosen) == min(count, len(options))
    assert chosen == [option for option in options if option in chosen]


def test_a_wheel_gives_every_option_its_weight():
    class Counting:
        """Draws every number once."""

        def __init__(self):
            self.number = -1

        def below(self, bound):
            assert bound == 6
            self.number += 1
            return self.number

    counting = Counting()
    wheel = Wheel([("a", 3), ("b", 0), ("c", 2), ("d", 1)])
    assert Counter(wheel.draw(counting) for _draw in range(6)) == {"a": 3, "c": 2, "d": 1}


@pytest.mark.parametrize(("share", "expected"), [(0, 0), (100, 200)])
def test_percent_at_its_ends(share, expected):
    draws = Draws("ends", share)
    assert sum(draws.percent(share) for _draw in range(200)) == expected

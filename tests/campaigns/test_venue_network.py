"""Which venues feed which, in layers."""

import pytest

from campaigns.models import VenueTerms
from campaigns.venue_network import feeding, networks


def terms(code, kind, feeds_from=(), feeds_from_kinds=(), group=""):
    return VenueTerms(
        code=code, kind=kind, group=group, feeds_from=list(feeds_from),
        feeds_from_kinds=list(feeds_from_kinds),
    )  # fmt: skip


def branches(number, **more):
    return [terms(f"b{i}", "branch", group="odd" if i % 2 else "even", **more)
            for i in range(number)]  # fmt: skip


def test_kinds_are_spelt_out_and_nobody_feeds_itself():
    rows = [*branches(2), terms("main", "main", ["b0"], ["branch", "main"])]

    assert feeding(rows) == [("b0", "main"), ("b1", "main")]


@pytest.mark.parametrize(("number", "apart"), [(3, True), (4, False)])
def test_a_kind_of_many_venues_is_one_node(number, apart):
    (network,) = networks(
        [terms("outer", "outer"), *branches(number, feeds_from=["outer"]),
         terms("main", "main", [], ["branch"])]
    )  # fmt: skip

    layers = [[node.key for node in layer] for layer in network.layers]
    middle = [f"venue:b{i}" for i in range(number)] if apart else ["kind:branch"]
    assert layers == [["venue:outer"], middle, ["venue:main"]]
    numbers = {(feed.source, feed.target): feed.number for feed in network.feeds}
    if not apart:
        assert numbers == {
            ("venue:outer", "kind:branch"): 4,
            ("kind:branch", "venue:main"): 4,
        }
        assert network.layers[1][0].groups == [("even", 2), ("odd", 2)]


def test_what_hangs_not_together_is_drawn_apart():
    rows = [
        terms("presale", "presale"),
        terms("presale_main", "presale_main", ["presale"]),
        terms("affiliate", "affiliate"),
    ]

    assert [[node.key for node in found.nodes] for found in networks(rows)] == [
        ["venue:presale", "venue:presale_main"],
        ["venue:affiliate"],
    ]


def test_a_circle_still_has_layers():
    (network,) = networks([terms("a", "a", ["b"]), terms("b", "b", ["a"])])

    assert sorted(node.rank for node in network.nodes) == [0, 1]
    assert len(network.feeds) == 2

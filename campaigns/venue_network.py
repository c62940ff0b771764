"""How the venues of a rulebook hang together: which feed which, in which layers (D12-003, 124)."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from campaigns.models import VenueTerms

# A kind with more venues than this is drawn as one.
MOST_APART = 3


@dataclass
class Node:
    """A venue, or all venues of a kind, in the layer ``rank``: 0 is fed by nobody."""

    key: str
    kind: str
    venues: list[VenueTerms]
    rank: int = 0

    @property
    def is_kind(self) -> bool:
        """Whether it stands for several."""
        return len(self.venues) > 1

    @property
    def groups(self) -> list[tuple[str, int]]:
        """How many venues each group of the kind has, in the rulebook's order."""
        return list(Counter(terms.group for terms in self.venues if terms.group).items())


@dataclass(frozen=True)
class Feed:
    """The best of ``source`` move up into ``target``; ``number`` pairs of venues do so."""

    source: str
    target: str
    number: int


@dataclass
class Network:
    """Nodes that feed each other, directly or not, the largest networks first."""

    nodes: list[Node] = field(default_factory=list)
    feeds: list[Feed] = field(default_factory=list)

    @property
    def layers(self) -> list[list[Node]]:
        """The nodes by rank."""
        ranks = sorted({node.rank for node in self.nodes})
        return [[node for node in self.nodes if node.rank == rank] for rank in ranks]


def feeding(terms: Iterable[VenueTerms]) -> list[tuple[str, str]]:
    """Pairs of venue codes (feeding, fed), kinds spelt out, in the rulebook's order."""
    rows = list(terms)
    of_kind = defaultdict(list)
    for row in rows:
        of_kind[row.kind].append(row.code)
    known = {row.code for row in rows}
    pairs = {}
    for row in rows:
        sources = [code for code in row.feeds_from if code in known]
        for kind in row.feeds_from_kinds:
            sources += of_kind[kind]
        pairs.update(dict.fromkeys((source, row.code) for source in sources if source != row.code))
    return list(pairs)


def networks(terms: Iterable[VenueTerms]) -> list[Network]:
    """The venues drawn apart by what feeds what; kinds of many venues are one node each."""
    rows = list(terms)
    nodes, node_of = _nodes(rows)
    numbers = Counter(
        (node_of[source], node_of[target])
        for source, target in feeding(rows)
        if node_of[source] != node_of[target]
    )
    feeds = [Feed(*pair, number) for pair, number in numbers.items()]
    _rank(nodes, feeds)
    return sorted(_apart(nodes, feeds), key=lambda found: -len(found.nodes))


def _nodes(rows):
    of_kind = defaultdict(list)
    for row in rows:
        of_kind[row.kind].append(row)
    nodes, node_of = {}, {}
    for kind, venues in of_kind.items():
        together = len(venues) > MOST_APART
        for part in [venues] if together else [[row] for row in venues]:
            key = f"kind:{kind}" if together else f"venue:{part[0].code}"
            nodes[key] = Node(key, kind, part)
            node_of.update((row.code, key) for row in part)
    return nodes, node_of


def _rank(nodes, feeds):
    """A node comes after all that feed it; what closes a circle is passed over."""
    fed_by = defaultdict(list)
    for feed in feeds:
        fed_by[feed.target].append(feed.source)
    ranks, under_way = {}, set()

    def rank(key):
        if key in ranks:
            return ranks[key]
        under_way.add(key)
        ranks_before = [rank(source) for source in fed_by[key] if source not in under_way]
        under_way.discard(key)
        ranks[key] = max(ranks_before, default=-1) + 1
        return ranks[key]

    for key, node in nodes.items():
        node.rank = rank(key)


def _apart(nodes, feeds):
    """The nodes and feeds of each connected network."""
    joined = {key: {key} for key in nodes}
    for feed in feeds:
        together = joined[feed.source] | joined[feed.target]
        for key in together:
            joined[key] = together
    seen = set()
    for key in nodes:
        if key not in seen:
            seen |= joined[key]
            yield Network(
                [node for other, node in nodes.items() if other in joined[key]],
                [feed for feed in feeds if feed.source in joined[key]],
            )

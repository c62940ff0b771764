"""A campaign's venues as a picture: which feed which, layer by layer."""

from dataclasses import dataclass
from unicodedata import east_asian_width

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.admin import shown
from campaigns.funnels import KindFunnel
from campaigns.models import VenueTerms
from campaigns.venue_kinds import kind_name
from campaigns.venue_network import Network, Node, networks

BOX_WIDTH, LINE_HEIGHT, PADDING = 208, 18, 10
# Between layers, where the arrows are, and between boxes of a layer.
BETWEEN_LAYERS, BETWEEN_BOXES = 56, 18
# Characters of a line, a Chinese one counting as two.
LINE_LENGTH = 30


@dataclass(frozen=True)
class Line:
    """A line of text in a box, its baseline ``y`` below the picture's top."""

    text: str
    y: int
    tone: str = ""


@dataclass(frozen=True)
class Box:
    """A node as it is drawn."""

    x: int
    y: int
    height: int
    lines: list[Line]
    anchor: str
    is_kind: bool


@dataclass(frozen=True)
class Picture:
    """A network as it is drawn in one direction."""

    key: str
    width: int
    height: int
    boxes: list[Box]
    arrows: list[str]


@dataclass(frozen=True)
class Drawn:
    """A network for a wide window and for a narrow one."""

    wide: Picture
    tall: Picture


@dataclass(frozen=True)
class Feeding:
    """A line of the text alternative."""

    name: str
    venues: int
    fed_from: str
    feeds: str


def pictures(terms: list[VenueTerms], kinds: list[KindFunnel]) -> list[Drawn]:
    """The pictures of every network of the venues, with what stands in them."""
    anchors = {kind.kind: f"#kind-{i}" for i, kind in enumerate(kinds)}
    counts = {venue.venue.code: venue.counts for kind in kinds for venue in kind.venues}
    drawn = []
    for i, network in enumerate(networks(terms)):
        words = {node.key: _words(node, counts) for node in network.nodes}
        drawn.append(
            Drawn(
                wide=_picture(network, words, anchors, f"wide-{i}", is_wide=True),
                tall=_picture(network, words, anchors, f"tall-{i}", is_wide=False),
            )
        )
    return drawn


def in_words(terms: list[VenueTerms]) -> list[Feeding]:
    """The same networks as lines of a table."""
    lines = []
    for network in networks(terms):
        names = {node.key: name_of(node) for node in network.nodes}
        for node in network.nodes:
            sources = [names[feed.source] for feed in network.feeds if feed.target == node.key]
            targets = [names[feed.target] for feed in network.feeds if feed.source == node.key]
            lines.append(
                Feeding(names[node.key], len(node.venues), ", ".join(sources), ", ".join(targets))
            )
    return lines


def name_of(node: Node) -> str:
    """The kind, or the venue's title."""
    if node.is_kind:
        return kind_name(node.kind)
    return shown.text(node.venues[0].title) or node.venues[0].code


def _words(node, counts):
    """The lines of a box: (text, tone)."""
    number = len(node.venues)
    about = [ngettext("%(count)d venue", "%(count)d venues", number) % {"count": number}]
    if not node.is_kind:
        about = [kind_name(node.kind)]
    places = sum(terms.capacity or 0 for terms in node.venues)
    if places:
        about.append(
            ngettext("%(count)s place", "%(count)s places", places) % {"count": intcomma(places)}
        )
    lines = [(text, "name") for text in _folded(name_of(node), 2)]
    lines.append((" · ".join(about), "quiet"))
    if node.is_kind and node.groups:
        groups = " · ".join(f"{group} {count}" for group, count in node.groups)
        lines += [(text, "quiet") for text in _folded(groups, 2)]
    if not any(terms.takes_registrations for terms in node.venues):
        lines.append((_("takes no registrations"), "quiet"))
    elif all(terms.invitation_only for terms in node.venues):
        lines.append((_("by invitation"), "quiet"))
    standing = [counts.get(terms.code, {}) for terms in node.venues]
    live = sum(step.get(name, 0) for step in standing for name in ("approved", "at_risk",
                                                                   "abnormal"))  # fmt: skip
    waiting = sum(step.get("pending", 0) for step in standing)
    lines.append(
        (
            _("%(live)s live · %(waiting)s waiting")
            % {"live": intcomma(live), "waiting": intcomma(waiting)},
            "numbers",
        )
    )
    return lines


def _picture(network: Network, words, anchors, key, *, is_wide):
    """Boxes in layers, from left to right or from top to bottom, and the arrows between."""
    height = 2 * PADDING + LINE_HEIGHT * max(map(len, words.values()))
    layers = network.layers
    most = max(map(len, layers))
    along, across = (BOX_WIDTH, height) if is_wide else (height, BOX_WIDTH)
    full = most * across + (most - 1) * BETWEEN_BOXES
    places = {}
    for i, layer in enumerate(layers):
        used = len(layer) * across + (len(layer) - 1) * BETWEEN_BOXES
        for j, node in enumerate(layer):
            main = 1 + i * (along + BETWEEN_LAYERS)
            cross = 1 + (full - used) // 2 + j * (across + BETWEEN_BOXES)
            places[node.key] = (main, cross) if is_wide else (cross, main)
    length = len(layers) * along + (len(layers) - 1) * BETWEEN_LAYERS
    width, total = (length, full) if is_wide else (full, length)
    boxes = [
        Box(
            *places[node.key],
            height=height,
            lines=[
                Line(text, places[node.key][1] + PADDING + 13 + k * LINE_HEIGHT, tone)
                for k, (text, tone) in enumerate(words[node.key])
            ],
            anchor=anchors.get(node.kind, "#entries"),
            is_kind=node.is_kind,
        )
        for node in network.nodes
    ]
    arrows = [
        _arrow(places[feed.source], places[feed.target], height, is_wide) for feed in network.feeds
    ]
    return Picture(key, width + 2, total + 2, boxes, arrows)


def _arrow(source, target, height, is_wide):
    """A curve from the end of a box to the beginning of another."""
    (x1, y1), (x2, y2) = source, target
    if is_wide:
        x1, y1, x2, y2 = x1 + BOX_WIDTH, y1 + height // 2, x2 - 8, y2 + height // 2
        middle = (x1 + x2) // 2
        return f"M{x1} {y1} C{middle} {y1} {middle} {y2} {x2} {y2}"
    x1, y1, x2, y2 = x1 + BOX_WIDTH // 2, y1 + height, x2 + BOX_WIDTH // 2, y2 - 8
    middle = (y1 + y2) // 2
    return f"M{x1} {y1} C{x1} {middle} {x2} {middle} {x2} {y2}"


def _folded(text, most):
    """The text in lines that fit a box, cut off after ``most`` of them."""
    lines, line = [], ""
    for word in _pieces(text):
        if line and _width(line + word) > LINE_LENGTH:
            lines.append(line.rstrip())
            line = word.lstrip()
        else:
            line += word
    lines.append(line.rstrip())
    if len(lines) > most:
        lines = [*lines[: most - 1], lines[most - 1][: LINE_LENGTH - 1] + "…"]
    return lines


def _pieces(text):
    """Where a line may be broken: before a space, and before every Chinese character."""
    piece = ""
    for character in text:
        if piece and (character == " " or east_asian_width(character) in "WF"):
            yield piece
            piece = ""
        piece += character
    if piece:
        yield piece


def _width(text):
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)

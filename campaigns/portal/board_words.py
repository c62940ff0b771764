"""Boards in words: figures with their units, how far the next place is, what races lack."""

from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _

from campaigns.portal.evidence import with_unit
from campaigns.racing.entrants import Entrant, Lack
from campaigns.racing.gaps import By, Gap
from campaigns.racing.reading import Figure, MeasureColumn, ReadRow
from campaigns.templatetags.figures import localised

# Races named beside what a race lacks; of the others the number.
MOST_NAMED = 3
# A figure with more decimal places is a ratio: zeros at its end say nothing.
PLAIN_PLACES = 2


@dataclass
class Prompt:
    """Something that entries lack, and the races that ask it, by title."""

    lack: Lack
    titles: list[str] = field(default_factory=list)

    @property
    def named(self) -> list[str]:
        """The first ones."""
        return self.titles[:MOST_NAMED]

    @property
    def more(self) -> int:
        """How many others there are."""
        return max(0, len(self.titles) - MOST_NAMED)


def decimal_text(value: Decimal, places: int) -> str:
    """A figure with all its places; beyond two, without zeros at the end."""
    text = f"{value:,.{places}f}"
    if places > PLAIN_PLACES:
        whole, _point, part = text.partition(".")
        text = f"{whole}.{part.rstrip('0'):0<{PLAIN_PLACES}}"
    return text


def figure_text(column: MeasureColumn, value: Decimal | None) -> str:
    """A measure's value with its unit; a percentile in percent."""
    if value is None:
        return _("not known")
    if column.percentile:
        return _("%(number)s %%") % {"number": decimal_text(value * 100, column.places - 2)}
    return with_unit(decimal_text(value, column.places), column.unit)


def inputs_text(figure: Figure) -> str:
    """What a value is made of, "150 units ÷ 100 units"; "" where it is the figure itself."""
    if figure.column.is_plain:
        return ""
    return " ÷ ".join(
        _("not known")
        if value is None
        else with_unit(decimal_text(value, column.places), column.unit)
        for column, value in figure.inputs
    )


def score_text(value: Decimal) -> str:
    """A score, or a part of one, as exact as it is."""
    text = f"{value:,f}"
    whole, _point, part = text.partition(".")
    return f"{whole}.{part.rstrip('0'):0<{PLAIN_PLACES}}"


def gap_text(gap: Gap | None) -> str:
    """How far a place is, in a sentence; "" for who is first."""
    if gap is None:
        return ""
    params = {"rank": gap.place}
    if gap.by == By.FILED:
        return _("Equal to rank %(rank)s, which filed earlier") % params
    if gap.by == By.ID:
        return _("Equal to rank %(rank)s, which comes first by its number") % params
    if gap.by == By.SCORE:
        params["amount"] = score_text(gap.amount)
        return _("Score: %(amount)s behind rank %(rank)s") % params
    params |= {"measure": gap.column.label, "amount": figure_text(gap.column, gap.amount)}
    if gap.by == By.MISSING:
        return _("%(measure)s: not known of yours; rank %(rank)s has %(amount)s") % params
    return _("%(measure)s: %(amount)s behind rank %(rank)s") % params


def row_shown(row: ReadRow, *, seller_id: int, positions: dict[int, int]) -> dict:
    """A row for the table: figures in words, whether it is the seller's own, where it stands."""
    return {
        "place": row.place,
        "seller": row.seller,
        "item": row.item,
        "is_own": row.seller.pk == seller_id,
        "position": positions.get(row.place),
        "score": None if row.score is None else score_text(row.score),
        "figures": [
            {
                "label": figure.column.label,
                "text": figure_text(figure.column, figure.value),
                "inputs": inputs_text(figure),
                "part": None if figure.part is None else score_text(figure.part),
            }
            for figure in row.figures
        ],
    }


def venue_title(entrant: Entrant) -> str:
    """The venue whose places are won."""
    return localised(entrant.terms.title) or entrant.terms.code


def prompts(entrants: list[Entrant]) -> list[Prompt]:
    """What the entries lack for races, each once with the races that ask it (D12-142); one without
    a title goes by its venues."""
    found = {}
    for entrant in entrants:
        title = localised(entrant.race.title) or venue_title(entrant)
        for lack in entrant.lacks:
            titles = found.setdefault(lack, Prompt(lack)).titles
            if title not in titles:
                titles.append(title)
    return list(found.values())

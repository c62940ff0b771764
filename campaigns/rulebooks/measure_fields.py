"""Keys of race segments that have words of their own: measures, and what time sums are of."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from campaigns.rulebooks.fields import Plain
from campaigns.rulebooks.measure_words import facts_words, measure_words


@dataclass(frozen=True, kw_only=True)
class Facts(Plain):
    """Which time the sums of boards are taken over."""

    def words(self, value):
        return facts_words(value)

    def differences(self, old, new):
        yield "", self.words(old), self.words(new)


@dataclass(frozen=True, kw_only=True)
class Measures(Plain):
    """What is ranked by, one measure after the other or as a weighted sum."""

    def words(self, value):
        return "; ".join(measure_words(measure) for measure in value or []) or _("none")

    def differences(self, old, new):
        """Measure by measure; of one that reads alike, where its figures come from."""
        for i in range(max(len(old), len(new))):
            was, now = (rows[i] if i < len(rows) else None for rows in (old, new))
            if was == now:
                continue
            place = str(i + 1)
            if measure_words(was) != measure_words(now):
                yield place, measure_words(was), measure_words(now)
                continue
            for key in ("title", "ref", "example"):
                if was.get(key) != now.get(key):
                    yield f"{place} {key}", super().words(was.get(key)), super().words(now.get(key))

"""What if a board were ranked otherwise: side by side with the stored one, and never kept."""

from copy import deepcopy
from decimal import Decimal, InvalidOperation

from django import forms
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget

from campaigns.admin.measures import MeasuresField
from campaigns.admin.parts import choices_of
from campaigns.admin.race_board import board_context, groups_of
from campaigns.admin.race_figures import column_head
from campaigns.eligibility.vocabulary import vocabulary_of
from campaigns.measures import BEFORE, DAILY, HOURLY, METRIC, MILESTONE, RATIO, SINCE
from campaigns.models import Milestone, RaceSegment
from campaigns.published import rows_of
from campaigns.racing.supposing import MOST_ROWS, SupposingRefused, due_of, suppose
from campaigns.rulebooks.measure_words import measure_words

MOST_WEIGHT = 1000


class WhatIfForm(forms.Form):
    """Other measures of the same candidates and times."""

    score = forms.ChoiceField(
        label=gettext_lazy("Ranked"),
        choices=RaceSegment.Score.choices,
        widget=UnfoldAdminSelectWidget,
    )
    group = forms.ChoiceField(
        label=gettext_lazy("Group"), required=False, widget=UnfoldAdminSelectWidget
    )
    measures = MeasuresField(label=gettext_lazy("Measures"), titled=False)

    def __init__(self, *args, segment, choices, groups, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["measures"].offer(choices, segment.measures)
        self.fields["group"].choices = [(group, group or "–") for group in groups]
        if len(groups) < 2:
            del self.fields["group"]

    def clean_measures(self):
        """Shapes and weights that can be read; what they name is judged with the ranking."""
        # What is as the rulebook has it is the rulebook's own list, which many share.
        measures = deepcopy(self.cleaned_data["measures"])
        for measure in measures:
            for part in measure.get(RATIO) or [measure]:
                if METRIC not in part and part.get("of") not in ("seller", "item"):
                    raise forms.ValidationError(_("A figure is not known; choose it again."))
                if not _is_time(part.get("facts", HOURLY)):
                    raise forms.ValidationError(_("A time is not known; choose it again."))
            if "weight" in measure:
                measure["weight"] = self._weight(str(measure["weight"]))
        return measures

    def clean(self):
        """Weights and percentiles go with a weighted sum alone."""
        cleaned = super().clean()
        if cleaned.get("score") == RaceSegment.Score.ORDER:
            for measure in cleaned.get("measures") or ():
                measure.pop("weight", None)
                measure.pop("percentile", None)
        return cleaned

    def _weight(self, text):
        try:
            weight = Decimal(text)
        except InvalidOperation:
            weight = None
        if weight is None or not weight.is_finite() or not 0 <= weight <= MOST_WEIGHT:
            raise forms.ValidationError(
                _("“%(text)s” is no weight; expected a number from 0 to %(most)d.")
                % {"text": text, "most": MOST_WEIGHT}
            )
        return str(weight)


def _is_time(facts):
    """Whether a sum can be of it, once its milestone is known."""
    if isinstance(facts, dict):
        return set(facts) <= {MILESTONE, BEFORE, SINCE}
    return facts in (HOURLY, DAILY)


class RaceWhatIf:
    """The what-if page of a board."""

    def get_urls(self):
        """With it."""
        own = [
            path(
                "<int:campaign>/boards/<int:board>/what-if/",
                self.admin_site.admin_view(self.what_if_view),
                name="campaigns_campaign_what_if",
            )
        ]
        return [*own, *super().get_urls()]

    def what_if_view(self, request, campaign, board):
        """The form, and after a POST both rankings side by side. Nothing is stored."""
        found, board = self._board(request, campaign, board)
        due = due_of(board)
        groups = groups_of(board)
        vocabulary = vocabulary_of(board.version)
        choices = choices_of(board.version, vocabulary)
        options = {"segment": due.segment, "choices": choices, "groups": groups}
        initial = {"score": due.segment.score, "measures": due.segment.measures}
        form = WhatIfForm(initial=initial, **options)
        outcome = None
        if request.method == "POST":
            form = WhatIfForm(request.POST, **options)
            if form.is_valid():
                outcome = self._suppose(board, form, groups)
        milestones = {row.code: row.title for row in rows_of(board.version, Milestone)}
        metrics = {code: metric.label for code, metric in vocabulary.metrics.items()}
        context = {
            **board_context(board),
            "campaign": found,
            "form": form,
            "stored": [measure_words(each, metrics, milestones) for each in due.segment.measures],
            "stored_score": due.segment.get_score_display(),
            "most": MOST_ROWS,
            **(outcome or {}),
        }
        return self._page(request, "what_if", _("What if"), context, form.media)

    def _suppose(self, board, form, groups):
        given = form.cleaned_data
        group = given.get("group", groups[0] if groups else "")
        try:
            found = suppose(board, measures=given["measures"], score=given["score"], group=group)
        except SupposingRefused as refused:
            form.add_error("measures", str(refused))
            return None
        return {
            "supposed": found,
            "group": group,
            "columns": [column_head(column) for column in found.columns],
            "same": len([each for each in found.rows if each.by == 0]),
        }

"""Forms in which people give a reason: a template's, words of their own, or both."""

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from campaigns.admin import shown
from campaigns.models import ReasonTemplate


class ConfirmForm(forms.Form):
    """Nothing to fill in; the numbers are the question."""


class NoteForm(forms.Form):
    """A remark that the seller reads."""

    note = forms.CharField(
        label=_("Remark"),
        required=False,
        max_length=500,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("The seller reads this."),
    )


class ReasonForm(forms.Form):
    """A reason of one use; subclasses say which, and whether words alone will do."""

    use: str
    reason_required = True

    template = forms.ModelChoiceField(
        ReasonTemplate.objects.none(), label=_("Reason"), widget=UnfoldAdminSelectWidget
    )
    note = forms.CharField(
        label=_("In your own words"),
        required=False,
        max_length=500,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("The seller reads this."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["template"]
        field.queryset = ReasonTemplate.objects.filter(use=self.use).order_by("code")
        field.required = self.reason_required
        field.label_from_instance = lambda row: shown.text(row.text) or row.code

    def clean(self):
        """One of the two must be there."""
        cleaned = super().clean()
        if self.errors or cleaned.get("template") or cleaned.get("note", "").strip():
            return cleaned
        raise forms.ValidationError(_("Choose a reason or write one."))


class RejectForm(ReasonForm):
    """Why an entry is rejected."""

    use = ReasonTemplate.Use.REJECTION
    reason_required = False


class ClearOutForm(ReasonForm):
    """Why entries are cleared out; the history keeps the reason's code."""

    use = ReasonTemplate.Use.CLEAR_OUT


class RevokeForm(ReasonForm):
    """Why a shop's permission is taken back."""

    use = ReasonTemplate.Use.REVOCATION

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["note"].label = _("Evidence")
        self.fields["note"].help_text = _("For operators only; the seller reads the reason.")


class RefuseRequestForm(forms.Form):
    """Why a request to cancel is refused."""

    note = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("The seller reads this."),
    )


class LiftForm(forms.Form):
    """How a permission is given back."""

    bring_back = forms.BooleanField(
        label=_("The registration stands again"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=_("Its entries are then restored from the list of entries."),
    )

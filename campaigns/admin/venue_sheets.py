"""A version's venues as CSV, out and in: what changes is shown in words before it is taken in."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminTextareaWidget

from campaigns import venue_sheets
from campaigns.models import RulebookVersion
from campaigns.rulebooks.versions import VersionRefused
from campaigns.spreadsheets import UnreadableSheet, csv_answer, text_of
from campaigns.venue_sheets import SheetRefused

TEMPLATE = "admin/campaigns/rulebookversion/venues.html"
LARGEST_FILE = 1024 * 1024


class SheetForm(forms.Form):
    """A file, or lines pasted from a spreadsheet."""

    file = forms.FileField(
        label=gettext_lazy("File"), required=False, widget=UnfoldAdminFileFieldWidget
    )
    text = forms.CharField(
        label=gettext_lazy("Or paste its lines"),
        required=False,
        max_length=LARGEST_FILE,
        strip=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 6, "spellcheck": "false"}),
    )

    def clean(self):
        """The text of either."""
        cleaned = super().clean()
        file = cleaned.get("file")
        if file is None and not cleaned.get("text", "").strip():
            raise forms.ValidationError(_("Choose a file, or paste its lines."))
        if file is not None:
            if file.size > LARGEST_FILE:
                raise forms.ValidationError(_("The file is larger than 1 MB."))
            try:
                cleaned["text"] = text_of(file.read())
            except UnreadableSheet as error:
                raise forms.ValidationError(str(error)) from None
        return cleaned


class VenueSheets:
    """The pages of a version's venues as a table, below its own."""

    def get_urls(self):
        """With the table out and in."""
        view = self.admin_site.admin_view
        own = [
            path(
                "<int:version>/venues.csv",
                view(self.venues_out_view),
                name="campaigns_rulebookversion_venues_out",
            ),
            path(
                "<int:version>/venues/",
                view(self.venues_in_view),
                name="campaigns_rulebookversion_venues_in",
            ),
        ]
        return [*own, *super().get_urls()]

    def venues_out_view(self, request, version):
        """The venues of any version as CSV."""
        found = get_object_or_404(RulebookVersion.objects.select_related("campaign"), pk=version)
        if not self.has_view_permission(request, found):
            raise PermissionDenied
        name = f"{found.campaign.code}-v{found.number}-venues.csv"
        return csv_answer(name, venue_sheets.table(found))

    def venues_in_view(self, request, version):
        """Take a table, show what it changes, and take it in when that is confirmed."""
        found = get_object_or_404(RulebookVersion.objects.select_related("campaign"), pk=version)
        if not self.has_draft_permission(request, version):
            raise PermissionDenied
        form, preview = SheetForm(), None
        if request.method == "POST" and "seen" in request.POST:
            form = SheetForm({"text": request.POST.get("text", "")})
            if form.is_valid() and self._take_in(request, found, form):
                page = reverse("admin:campaigns_rulebookversion_change", args=[found.pk])
                return HttpResponseRedirect(f"{page}#venueterms")
        elif request.method == "POST":
            form = SheetForm(request.POST, request.FILES)
        if form.is_bound and form.is_valid():
            try:
                preview = venue_sheets.preview(found, form.cleaned_data["text"])
            except UnreadableSheet as error:
                form.add_error(None, str(error))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Venues as a table"),
            "opts": self.model._meta,
            "media": self.media + form.media,
            "version": found,
            "form": form,
            "preview": preview,
            "text": form.cleaned_data.get("text", "") if preview else "",
        }
        return TemplateResponse(request, TEMPLATE, context)

    def _take_in(self, request, version, form):
        try:
            found = venue_sheets.take_in(
                version, form.cleaned_data["text"], seen=request.POST["seen"]
            )
        except (SheetRefused, UnreadableSheet, VersionRefused) as error:
            self.message_user(request, str(error), messages.ERROR)
            return False
        told = [*found.changed, *found.owners, *(f"+ {code}" for code in found.added),
                *(f"− {code}" for code in found.removed)]  # fmt: skip
        self.log_change(request, version, "; ".join(told)[:2000])
        self.message_user(request, _("The table is taken in; the draft's venues are as it says."))
        return True

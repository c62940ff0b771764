"""Tables that operators upload on a desk's page, and what came of every line."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from django import forms
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminFileFieldWidget

from sellers.feeds.problems import FeedError

# Bad lines on the page; who has more uploads the corrected table again.
SHOWN = 1_000


class UploadForm(forms.Form):
    """A CSV; desks add what else they need to know."""

    file = forms.FileField(label=_("CSV file"), widget=UnfoldAdminFileFieldWidget)

    field_order: list[str] | None = None


def upload(request, model_admin, *, title, form, columns: str, use: Callable):
    """The page of an upload: the form, or what came of it.

    ``use(path, cleaned)`` brings a file in and returns (numbers, problems): pairs of words and a
    number, and the lines left out. What cannot be read as a table is told on the form.
    """
    context = {
        **model_admin.admin_site.each_context(request),
        "title": title,
        "opts": model_admin.model._meta,
        "media": model_admin.media + form.media,
        "form": form,
        "columns": columns,
    }
    if form.is_bound and form.is_valid():
        try:
            numbers, problems = _used(form, use)
        except (FeedError, ValueError) as error:
            form.add_error(None, str(error))
        else:
            context |= {
                "numbers": numbers,
                "problems": problems[:SHOWN],
                "bad": len(problems),
                "more": max(0, len(problems) - SHOWN),
            }
    return TemplateResponse(request, "admin/campaigns/upload.html", context)


def _used(form, use):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "upload.csv"
        with path.open("wb") as stream:
            for chunk in form.cleaned_data["file"].chunks():
                stream.write(chunk)
        return use(path, form.cleaned_data)

"""List actions that show numbers first and act on what was seen.

The page carries the ids and revisions of the selected rows, so a row edited between the question
and the answer is left alone.
"""

from collections import Counter
from urllib.parse import urljoin

from django.contrib.admin import helpers
from django.core.exceptions import SuspiciousOperation
from django.template.response import TemplateResponse
from django.urls import reverse

# A confirmation carries its rows in the page; a larger queue is worked in parts.
MOST_AT_ONCE = 10_000


def seen_rows(request, queryset) -> dict[int, int]:
    """Ids and revisions: of the page that is confirmed, else of the selection, at most 10,000."""
    packed = request.POST.get("seen")
    if packed is None:
        return dict(queryset.order_by("pk").values_list("pk", "revision")[:MOST_AT_ONCE])
    try:
        pairs = (pair.split(":") for pair in packed.split(",") if pair)
        return {int(pk): int(revision) for pk, revision in pairs}
    except ValueError:
        raise SuspiciousOperation("unreadable selection") from None


def confirm(
    request,
    model_admin,
    *,
    action,
    title,
    seen,
    form,
    summary,
    submit,
    danger=False,
    parts=None,
    warning="",
    back="",
):
    """The page that asks before acting; ``summary`` is a list of (what, number).

    ``parts`` are the same numbers by part: a heading, column names, and rows of a name and numbers.
    ``back`` is where who thinks better of it goes, if not where such pages are asked from.
    """
    context = {
        **model_admin.admin_site.each_context(request),
        "title": title,
        "opts": model_admin.model._meta,
        "media": model_admin.media + form.media,
        "action": action,
        "form": form,
        "summary": summary,
        "parts": parts,
        "warning": warning,
        "back": back or _back(request, model_admin),
        "submit": submit,
        "danger": danger,
        "seen": ",".join(f"{pk}:{revision}" for pk, revision in seen.items()),
        # Django looks for an action only where something is selected; one row stands for all.
        "first": next(iter(seen), ""),
        "checkbox": helpers.ACTION_CHECKBOX_NAME,
    }
    return TemplateResponse(request, "admin/campaigns/confirm.html", context)


def _back(request, model_admin):
    """Where who thinks better of it came from: the list, or the page of one object."""
    meta = model_admin.model._meta
    if request.path == reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist"):
        return request.get_full_path()
    return urljoin(request.path, "../change/")


def is_confirmed(request) -> bool:
    """Whether the request answers a confirmation page."""
    return request.POST.get("confirmed") == "yes"


def counted(rows, *keys) -> list[tuple[str, int]]:
    """How many rows have each combination of values, most first."""
    counts = Counter(tuple(str(row[key]) for key in keys) for row in rows)
    return [(" · ".join(names), number) for names, number in counts.most_common(12)]

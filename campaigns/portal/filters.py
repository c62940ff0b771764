"""The filters of the seller's lists."""

import django_filters
from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.lifecycle import ENDED, PENDING
from campaigns.models import Entry
from sellers.models import Item

NEEDS_CARE = (Entry.Status.AT_RISK, Entry.Status.ABNORMAL, Entry.Status.UNPUBLISHED)
GROUPS = {
    "running": (_("Approved and showing"), (Entry.Status.APPROVED, Entry.Status.AT_RISK)),
    "care": (_("Needs care"), NEEDS_CARE),
    "pending": (_("Waiting for a decision"), tuple(PENDING)),
    "ended": (_("Ended"), tuple(ENDED)),
}


class SearchFilter(django_filters.CharFilter):
    """Words in the title or code of ``prefix``'s item; among one seller's rows only."""

    def __init__(self, *, prefix="", **more):
        self.prefix = prefix
        widget = forms.TextInput(attrs={"type": "search", "class": "form-control"})
        super().__init__(widget=widget, label=_("Title or code"), **more)

    def filter(self, queryset, value):
        for word in value.split():
            queryset = queryset.filter(
                Q(**{f"{self.prefix}title__icontains": word})
                | Q(**{f"{self.prefix}code__icontains": word})
            )
        return queryset


def _choice(label, empty, choices, method, **more):
    return django_filters.ChoiceFilter(
        label=label,
        empty_label=empty,
        choices=choices,
        method=method,
        widget=forms.Select(attrs={"class": "form-select"}),
        **more,
    )


def _statuses():
    groups = [(f"group:{code}", label) for code, (label, _statuses) in GROUPS.items()]
    single = [(value, label) for value, label in Entry.Status.choices if value != "draft"]
    return [(_("Groups"), groups), (_("One status"), single)]


class EntryFilter(django_filters.FilterSet):
    """My entries: by words, campaign, venue and status. Choices come with the instance."""

    q = SearchFilter(prefix="item__")
    campaign = _choice(_("Campaign"), _("All campaigns"), [], "in_campaign")
    venue = _choice(_("Venue"), _("All venues"), [], "in_venue")
    status = _choice(_("Status"), _("Every status"), _statuses(), "with_status")

    class Meta:
        model = Entry
        fields = []

    def __init__(self, *args, campaigns=(), venues=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.filters["campaign"].extra["choices"] = list(campaigns)
        self.filters["venue"].extra["choices"] = list(venues)

    def in_campaign(self, rows, _name, value):
        return rows.filter(campaign=value)

    def in_venue(self, rows, _name, value):
        return rows.filter(venue=value)

    def with_status(self, rows, _name, value):
        group = GROUPS.get(value.removeprefix("group:")) if value.startswith("group:") else None
        return rows.filter(status__in=group[1] if group else [value])


class ItemFilter(django_filters.FilterSet):
    """Items to choose from: by words, category, list, and whether they are entered.

    ``entered`` is a query of the ids of those that are.
    """

    q = SearchFilter()
    category = _choice(_("Category"), _("All categories"), [], "in_category")
    source = _choice(
        _("List"),
        _("Both lists"),
        [("stock", _("Stock list")), ("recommended", _("Recommended list"))],
        "on_list",
    )

    entered = _choice(
        _("Entered"),
        _("Entered or not"),
        [("no", _("Not entered yet")), ("yes", _("Entered"))],
        "is_entered",
    )

    class Meta:
        model = Item
        fields = []

    def __init__(self, *args, categories=(), entered=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.filters["category"].extra["choices"] = list(categories)
        self._entered = entered

    def in_category(self, rows, _name, value):
        return rows.filter(category=value)

    def on_list(self, rows, _name, value):
        column = "on_stock_list" if value == "stock" else "recommended"
        return rows.filter(**{column: True})

    def is_entered(self, rows, _name, value):
        entered = Q(pk__in=self._entered)
        return rows.filter(entered if value == "yes" else ~entered)

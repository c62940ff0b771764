"""What every admin of ours shares: lists that count nothing big, records that nobody edits."""

from django.core.paginator import Paginator
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.contrib.filters.admin import TextFilter

# A list says "more than this" instead of counting on. 10,000 index entries take a few ms.
MOST_COUNTED = 10_000


class BoundedPaginator(Paginator):
    """Counts up to 10,000 rows and no further; later pages are reached by narrowing the list."""

    @cached_property
    def count(self):
        """How many rows there are, at most 10,000."""
        return self.object_list.order_by()[:MOST_COUNTED].count()


class ListAdmin(ModelAdmin):
    """An admin whose list stays quick on large tables."""

    paginator = BoundedPaginator
    show_full_result_count = False
    list_per_page = 50
    list_filter_submit = True
    list_fullwidth = True
    compressed_fields = True
    warn_unsaved_form = True
    # Sorting by a column without an index reads the whole table.
    sortable_by = ()

    def get_search_results(self, request, queryset, search_term):
        """Rows whose code is the term, or starts with it; every field of ``search_fields`` has an
        index, and the admin's own "contains" search would read the table."""
        if not search_term or not self.search_fields:
            return queryset, False
        found = Q()
        for field in self.search_fields:
            found |= Q(**{f"{field}__exact": search_term})
            found |= Q(**{f"{field}__gte": search_term, f"{field}__lt": search_term + "\uffff"})
        return queryset.filter(found), False


class RecordAdmin(ListAdmin):
    """History: shown, never added, edited or deleted by hand."""

    def has_add_permission(self, request):
        """Nobody adds records."""
        return False

    def has_change_permission(self, request, obj=None):
        """Nobody changes records."""
        return False

    def has_delete_permission(self, request, obj=None):
        """Nobody deletes records."""
        return False


class RecordInline(TabularInline):
    """Rows of history below what they belong to, a page of them at a time."""

    extra = 0
    ordering = ["-id"]
    can_delete = False
    per_page = 20
    tab = True
    show_change_link = False

    def has_add_permission(self, request, obj=None):
        """Nobody adds records."""
        return False

    def has_change_permission(self, request, obj=None):
        """Nobody changes records."""
        return False

    def has_delete_permission(self, request, obj=None):
        """Nobody deletes records."""
        return False


class CodeFilter(TextFilter):
    """A filter by the exact code of something related; subclasses name title, parameter, lookup."""

    lookup = ""

    def queryset(self, request, queryset):
        """The rows with that code."""
        return queryset.filter(**{self.lookup: self.value()}) if self.value() else queryset


class SellerCodeFilter(CodeFilter):
    """By seller code."""

    title = _("seller code")
    parameter_name = "seller_code"
    lookup = "seller__code"


class ItemCodeFilter(CodeFilter):
    """By item code."""

    title = _("item code")
    parameter_name = "item_code"
    lookup = "item__code"

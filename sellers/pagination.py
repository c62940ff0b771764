"""Pages of the API: by key, never by offset, so that page 10,000 costs what page 1 does."""

from rest_framework.pagination import CursorPagination


class KeysetPagination(CursorPagination):
    """Pages in the order of the primary key; a view that orders otherwise subclasses this and names
    its own key.

    The key must be unique and indexed. Nothing is counted.
    """

    ordering = "pk"
    page_size = 100
    page_size_query_param = "page_size"
    max_page_size = 1000

"""Pages of long lists: nobody counts a million rows to show a hundred of them."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from django.utils.functional import cached_property

# What lies further back is found by a filter: the database would have to read all pages before it.
MOST_PAGES = 100


class PagesWithoutCount(Paginator):  # type: ignore[type-arg] # generic in the stubs only
    """There is a next page when one row more than this page's is there, up to the hundredth page."""

    template_name = "canary/pages.html"
    has_more = False

    @cached_property
    def count(self) -> int:
        return MOST_PAGES * self.per_page

    def page(self, number: int | str) -> Page[Any]:
        number = self.validate_number(number)
        first = (number - 1) * self.per_page
        rows = list(self.object_list[first : first + self.per_page + 1])
        self.has_more = len(rows) > self.per_page and number < MOST_PAGES
        return Page(rows[: self.per_page], number, self)

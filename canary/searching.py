"""A list that is searched by what must not stand in an address: the phone or name comes in a form, and ids go back.

An address stays in the browser's history and in the logs of every proxy before us; an id in it says nothing to whom may
not look it up here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from canary.read_only import ReadOnlyAdmin

NONE_FOUND = "none"


class Found(SimpleListFilter):
    """What a search found: only its redirect sets it."""

    title = _("search")
    parameter_name = "ids"

    def lookups(self, _request: HttpRequest, _model_admin: ModelAdmin[Any]) -> Iterable[tuple[str, Any]]:
        chosen = self.used_parameters.get(self.parameter_name)
        return [(chosen, gettext("{count} found").format(count=len(_ids(chosen))))] if chosen else []

    def has_output(self) -> bool:
        return self.parameter_name in self.used_parameters

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(pk__in=_ids(self.value())) if self.value() else queryset


class SearchedByForm(ReadOnlyAdmin):
    """Has a box above its list, and `found_by` to say what a term means; `Found` must be among its filters."""

    list_before_template = "canary/search.html"
    search_label: Any = ""

    def found_by(self, term: str) -> Q:
        """Say which records are meant by what somebody typed."""
        raise NotImplementedError

    def get_urls(self) -> list[URLPattern]:
        return [
            path("search/", self.admin_site.admin_view(self.search), name=self._name("search")),
            *super().get_urls(),
        ]

    def search(self, request: HttpRequest) -> HttpResponse:
        """Find the first page of what is meant, and show the list of it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        listed = reverse(f"admin:{self._name('changelist')}")
        term = request.POST.get("term", "").replace("\x00", "").strip()
        if not term:
            return HttpResponseRedirect(listed)
        matching = self.get_queryset(request).filter(self.found_by(term))
        ids = [str(pk) for pk in matching.values_list("pk", flat=True)[: self.list_per_page + 1]]
        if len(ids) > self.list_per_page:
            messages.warning(request, gettext("These are only the first: type more of it."))
        return HttpResponseRedirect(f"{listed}?ids={','.join(ids[: self.list_per_page]) or NONE_FOUND}")

    def _name(self, what: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{what}"


def _ids(text: str | None) -> list[UUID]:
    """The ids in an address; something else among them, and nothing is found."""
    try:
        return [UUID(one) for one in (text or "").split(",")]
    except ValueError:
        return []

"""Admin screens for what hands must stay off: events, history, what other functions own.

A screen changes something only by asking (`canary.questions`) and calling the one function that does it everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern
from unfold.admin import ModelAdmin
from unfold.views import ChangeList

from canary import permissions
from canary.pages import PagesWithoutCount


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """A table below a record: what else is known of it. `more` links to all of it."""

    title: str
    headers: Sequence[str]
    rows: Iterable[Sequence[Any]] = field(default_factory=list)
    more: str = ""


class ReadOnlyAdmin(ModelAdmin):  # type: ignore[misc] # unfold has no types
    """Shows to who may see Julia, and never changes; the list counts no rows, so that a million do not slow it."""

    show_full_result_count = False
    paginator = PagesWithoutCount
    list_per_page = 50
    actions: Sequence[str] | None = None
    list_filter_sheet = True
    change_form_after_template = "canary/related.html"

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, _obj: Any = None) -> bool:
        return request.user.has_perm(permissions.SEE)

    def has_operate_permission(self, request: HttpRequest, _obj: Any = None) -> bool:
        """Whether somebody may do what operators do; actions name it in `permissions=["operate"]`."""
        return request.user.has_perm(permissions.OPERATE)

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        listed = super().get_changelist_instance(request)
        # Nobody has counted: with these two alike no number is shown.
        listed.full_result_count = listed.result_count
        return listed

    def related(self, _obj: Any) -> Sequence[Related]:
        """Find what is shown below one record."""
        return []

    def get_urls(self) -> list[URLPattern]:
        return [self._only_of_records(entry) for entry in super().get_urls()]

    def _only_of_records(self, entry: URLPattern) -> URLPattern:
        """Have an address of a record answered where there is that record, and 404 elsewhere, its actions included."""
        view = entry.callback

        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if "object_id" in kwargs:
                if not self.has_view_permission(request):
                    raise PermissionDenied
                if self.get_object(request, unquote(kwargs["object_id"])) is None:
                    raise Http404
            answer: HttpResponseBase = view(request, *args, **kwargs)
            return answer

        entry.callback = self.admin_site.admin_view(guarded)
        return entry

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        obj = self.get_object(request, unquote(object_id))
        tables = self.related(obj) if obj is not None and self.has_view_permission(request) else []
        context = {**(extra_context or {}), "related": tables}
        answer: HttpResponse = super().change_view(request, object_id, form_url, context)
        return answer

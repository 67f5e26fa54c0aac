from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django_rq import stats_views
from django_rq.admin import QueueAdmin
from django_rq.models import Dashboard
from django_rq.urls import get_admin_urlpatterns
from rq.exceptions import NoSuchJobError
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from canary import permissions

admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):  # type: ignore[misc, type-arg] # unfold has no types
    """Those who operate Julia; what each may follows from the groups."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["username", "is_active", "is_staff", "last_login"]
    list_filter = ["is_active", "groups"]
    # They are few, and a search would put their names and e-mails into addresses.
    search_fields = []


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):  # type: ignore[misc] # unfold has no types
    """viewer, operator and admin, made by `julia.access`."""


admin.site.unregister(Dashboard)


# What django-rq raises for a queue, a worker, a job or a scheduler that is not there, or no longer, or never could be.
NOT_THERE = (LookupError, ValueError, AssertionError, NoSuchJobError, ImproperlyConfigured)


@admin.register(Dashboard)
class QueuesAdmin(QueueAdmin):
    """RQ's queues: seen by those who see Julia, emptied and requeued by admins only.

    Messages are not in there, only the calls that wake workers: the outbox is the truth.
    """

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(permissions.SEE)

    def has_view_permission(self, request: HttpRequest, _obj: Any = None) -> bool:
        return request.user.has_perm(permissions.SEE)

    def get_urls(self) -> list[URLPattern]:
        # django-rq's own ways in for programs let every staff member see; here they are guarded as the rest.
        return [
            path("stats.json", self._guarded(stats_views.stats_json), name="django_rq_home_json"),
            path("metrics", self._guarded(stats_views.prometheus_metrics), name="django_rq_metrics"),
            *get_admin_urlpatterns(name_prefix="django_rq_", view_wrapper=self._guarded),
            # There are no records behind it, only the list.
            *(entry for entry in super(QueueAdmin, self).get_urls() if entry.name == "django_rq_dashboard_changelist"),
        ]

    def _guarded(self, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            needed = permissions.SEE if request.method in {"GET", "HEAD"} else permissions.GROW
            if not request.user.has_perm(needed):
                raise PermissionDenied
            request.current_app = self.admin_site.name
            try:
                return view(request, *args, **kwargs)
            except NOT_THERE as error:
                raise Http404 from error

        return self.admin_site.admin_view(guarded)

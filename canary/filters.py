"""Filters of long lists: what they offer is known beforehand, so that none reads a million rows to find its choices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

DAYS_OFFERED = 14


def one_of(field: str, title: Any, words: Mapping[str, Any]) -> type[SimpleListFilter]:
    """Make a filter for a column that holds one of a few codes, shown by their words."""

    class OneOf(SimpleListFilter):
        parameter_name = field

        def lookups(self, _request: HttpRequest, _model_admin: ModelAdmin[Any]) -> Iterable[tuple[str, Any]]:
            return [(str(code), word) for code, word in words.items()]

        def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
            # What nobody offered is in the address by mistake, and no column of its type may know it.
            return queryset.filter(**{field: self.value()}) if self.value() in words else queryset

    OneOf.title = title
    return OneOf


def exactly(field: str, title: Any) -> type[SimpleListFilter]:
    """Make a filter that only a link sets, for a column with too many values to offer."""

    class Exactly(SimpleListFilter):
        parameter_name = field

        def lookups(self, _request: HttpRequest, _model_admin: ModelAdmin[Any]) -> Iterable[tuple[str, Any]]:
            chosen = self.used_parameters.get(field)
            return [(chosen, f"{chosen[:8]}…")] if chosen else []

        def has_output(self) -> bool:
            return field in self.used_parameters

        def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
            try:
                return queryset.filter(**{field: self.value()}) if self.value() else queryset
            except ValidationError:  # no id at all
                return queryset.none()

    Exactly.title = title
    return Exactly


def day_of(field: str) -> type[SimpleListFilter]:
    """Make a filter for an instant's day: the last 14 are offered, any other may stand in the address."""

    class DayOf(SimpleListFilter):
        parameter_name = "day"

        def lookups(self, _request: HttpRequest, _model_admin: ModelAdmin[Any]) -> Iterable[tuple[str, Any]]:
            today = timezone.localdate()
            days = [today - timedelta(days=ago) for ago in range(DAYS_OFFERED)]
            return [(day.isoformat(), date_format(day, "D d/m")) for day in days]

        def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
            since, until = _bounds(self.value())
            return queryset.filter(**{f"{field}__gte": since, f"{field}__lt": until}) if since else queryset

    DayOf.title = _("day")
    return DayOf


def _bounds(text: str | None) -> tuple[datetime | None, datetime | None]:
    try:
        day = date.fromisoformat(text or "")
        since, until = (datetime.combine(one, time.min) for one in (day, day + timedelta(days=1)))
        return timezone.make_aware(since), timezone.make_aware(until)
    except (ValueError, OverflowError):  # no day, or the last one there is
        return None, None

"""What a page may load and run, as the browser is told with every answer: nothing but our own files.

The admin's screens are built on Alpine, which evaluates the expressions that stand in its attributes and sets styles as
it goes. So under `/admin/` scripts may use `eval` and styles may stand in the page; a script that stands in the page,
or comes from elsewhere, runs nowhere.
"""

from __future__ import annotations

from csp.middleware import CSPMiddleware, PolicyParts
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

FOR_ALPINE = {"script-src": ["'unsafe-eval'"], "style-src": ["'unsafe-inline'"]}


class ContentSecurity(CSPMiddleware):
    """django-csp's, which knows the admin's screens from the rest."""

    def get_policy_parts(
        self,
        request: HttpRequest,
        response: HttpResponseBase,
        report_only: bool = False,  # noqa: FBT001, FBT002 - django-csp's signature
    ) -> PolicyParts:
        parts = super().get_policy_parts(request=request, response=response, report_only=report_only)
        if request.path_info.startswith(reverse("admin:index")):
            parts.update = {**FOR_ALPINE, **(parts.update or {})}
        return parts

"""The web process's way in, for gunicorn."""

from __future__ import annotations

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from julia import embedded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "julia.settings")
embedded.start(root=settings.EMBEDDED_ROOT, postgres=not settings.DATABASE_URL, redis=not settings.REDIS_URL)
application = get_wsgi_application()
# Everything a request needs is loaded now: who stops Julia does not wait for imports.
get_resolver().url_patterns  # noqa: B018 - asking loads them

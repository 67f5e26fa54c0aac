"""The web process's way in, for gunicorn."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from julia import checks, embedded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "julia.settings")
# Gunicorn runs none of Django's checks.
checks.require_what_production_needs()
embedded.start_configured()
application = get_wsgi_application()
# Everything a request needs is loaded now: who stops Julia does not wait for imports.
get_resolver().url_patterns  # noqa: B018 - asking loads them

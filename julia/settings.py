"""Settings, read top to bottom; every value comes from the environment through `julia.environment`.

With nothing set, development works: embedded PostgreSQL and Redis under `.local/`, the provider sandbox on loopback.
Importing this module starts nothing; what production must not run without is checked in `julia.checks`.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from julia import environment as env
from julia.databases import database_from_url
from julia.embedded import addresses
from outbound.guardrails.business_hours import BusinessHours
from outbound.guardrails.limits import parse_limit, parse_limits
from outbound.phones import normalise_all

BASE_DIR = Path(__file__).resolve().parent.parent

JULIA_ENV = env.choice("JULIA_ENV", "development", allowed=frozenset({"development", "production"}))
IN_PRODUCTION = JULIA_ENV == "production"
DEBUG = env.boolean("DEBUG", default=False)
SECRET_KEY = env.secret("SECRET_KEY", "" if IN_PRODUCTION else "development-only-" + "x" * 50)
ALLOWED_HOSTS = list(env.words("ALLOWED_HOSTS", "" if IN_PRODUCTION else "localhost,127.0.0.1,[::1],testserver"))
PUBLIC_BASE_URL = env.text("PUBLIC_BASE_URL", "http://127.0.0.1:8000")

# --- Services -----------------------------------------------------------------------------------------------------

EMBEDDED_ROOT = Path(env.text("EMBEDDED_ROOT", str(BASE_DIR / ".local"))).absolute()
DATABASE_URL = env.secret("DATABASE_URL")
REDIS_URL = env.secret("REDIS_URL")
DATABASES = {"default": database_from_url(DATABASE_URL or addresses.database_url(EMBEDDED_ROOT))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

_redis = {
    "URL": REDIS_URL or addresses.redis_url(EMBEDDED_ROOT),
    "DEFAULT_TIMEOUT": 180,
    "DEFAULT_RESULT_TTL": 0,
}
# A worker takes them in this order, so that a long queue never keeps the periodic work waiting.
RQ_QUEUES = {"periodic": _redis, "dispatch": _redis}
RQ = {"WORKER_CLASS": "outbound.worker.DispatchWorker", "COMMIT_MODE": "auto"}

# --- Provider and guardrails --------------------------------------------------------------------------------------

EVOLUTION_API_URL = env.text("EVOLUTION_API_URL", "" if IN_PRODUCTION else "http://127.0.0.1:8081").rstrip("/")
EVOLUTION_API_KEY = env.secret("EVOLUTION_API_KEY", "" if IN_PRODUCTION else "sandbox-key")
EVOLUTION_INSTANCE = env.text("EVOLUTION_INSTANCE", "" if IN_PRODUCTION else "julia")
EVOLUTION_WEBHOOK_TOKEN = env.secret("EVOLUTION_WEBHOOK_TOKEN", "" if IN_PRODUCTION else "sandbox-webhook-token")

# Outside production nothing leaves for a number that is not listed. The sandbox on loopback delivers to nobody, so
# with it, and only with it, everybody is listed unless somebody says otherwise.
_provider_is_sandbox = urlsplit(EVOLUTION_API_URL).hostname in {"127.0.0.1", "localhost", "::1"}
OUTBOUND_ALLOWLIST = normalise_all(env.words("OUTBOUND_ALLOWLIST", "*" if _provider_is_sandbox else ""))
OUTBOUND_RATE_LIMITS = parse_limits(env.text("OUTBOUND_RATE_LIMITS", "20/hour,100/day"))
OUTBOUND_CONTACT_CAP = parse_limit(env.text("OUTBOUND_CONTACT_CAP", "5/7d"))
BUSINESS_HOURS = BusinessHours.parse(env.text("BUSINESS_HOURS", "mon-fri 08:00-20:00"))

# Whether somebody nobody knows becomes a contact by writing to us.
INBOUND_CREATES_CONTACTS = env.boolean("INBOUND_CREATES_CONTACTS", default=False)

# How many provider requests one worker keeps in flight.
OUTBOUND_CONCURRENCY = env.integer("OUTBOUND_CONCURRENCY", 100, minimum=1)

# --- Django -------------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "canary",
    "outbound",
    "handoff",
    "julia",
    # After outbound, whose rqworker and rqcron take the place of its own.
    "django_rq",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "julia.urls"
WSGI_APPLICATION = "julia.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": _redis["URL"]}}

# The provider's webhooks are the largest bodies there are.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2**20

STATIC_URL = "/static/"
# Collected for production only; elsewhere they are served from where they lie.
STATIC_ROOT = BASE_DIR / "staticfiles" if IN_PRODUCTION else None
WHITENOISE_USE_FINDERS = not IN_PRODUCTION
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if IN_PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage",
    },
}

LANGUAGE_CODE = "pt-br"
LANGUAGES = [("pt-br", "Português (Brasil)"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "America/Sao_Paulo"

UNFOLD = {"SITE_TITLE": "Julia", "SITE_HEADER": _("Julia"), "SHOW_VIEW_ON_SITE": False}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO")},
    # httpx writes a line with the whole URL for every request.
    "loggers": {"httpx": {"level": "WARNING"}, "aiohttp": {"level": "WARNING"}},
}

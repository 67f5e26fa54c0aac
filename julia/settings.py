"""Settings, read top to bottom; every value comes from the environment through `julia.environment`.

With nothing set, development works: embedded PostgreSQL and Redis under `.local/`, the provider sandbox on loopback.
Importing this module starts nothing; what production must not run without is checked in `julia.checks`.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from julia import environment as env
from julia import logs
from julia.databases import database_from_url, of_one_database
from julia.embedded import addresses
from outbound.guardrails.business_hours import BusinessHours, parse_holidays
from outbound.guardrails.limits import parse_limit, parse_limits
from outbound.phones import normalise, normalise_all

BASE_DIR = Path(__file__).resolve().parent.parent

JULIA_ENV = env.choice("JULIA_ENV", "development", allowed=frozenset({"development", "production"}))
IN_PRODUCTION = JULIA_ENV == "production"
DEBUG = env.boolean("DEBUG", default=False)
SECRET_KEY = env.secret("SECRET_KEY", "" if IN_PRODUCTION else "development-only-" + "x" * 50)
ALLOWED_HOSTS = list(env.words("ALLOWED_HOSTS", "" if IN_PRODUCTION else "localhost,127.0.0.1,[::1],testserver"))
PUBLIC_BASE_URL = env.text("PUBLIC_BASE_URL", "http://127.0.0.1:8000").rstrip("/")
# How many proxies of our own stand before the web processes: so many entries of X-Forwarded-For are believed.
TRUSTED_PROXY_COUNT = env.integer("TRUSTED_PROXY_COUNT", 0)
_public = urlsplit(PUBLIC_BASE_URL)

# --- Services -----------------------------------------------------------------------------------------------------

EMBEDDED_ROOT = Path(env.text("EMBEDDED_ROOT", str(BASE_DIR / ".local"))).absolute()
DATABASE_URL = env.secret("DATABASE_URL")
REDIS_URL = env.secret("REDIS_URL")
# The application's own login; only `manage.py migrate`, `flush` and `retention` need, and use, the owner's.
DATABASE_BEHIND_PGBOUNCER = env.boolean("DATABASE_BEHIND_PGBOUNCER", default=False)
DATABASES = {
    "default": database_from_url(
        DATABASE_URL or addresses.database_url(EMBEDDED_ROOT), behind_pgbouncer=DATABASE_BEHIND_PGBOUNCER
    )
}
DATABASE_OWNER = of_one_database(
    DATABASES["default"],
    database_from_url(
        env.secret("DATABASE_OWNER_URL") or DATABASE_URL or addresses.owner_url(EMBEDDED_ROOT),
        variable="DATABASE_OWNER_URL",
    ),
)
# What the application waits for at most; `manage.py migrate` gives them to its login. Migrations have no limit.
DATABASE_TIMEOUTS = {
    "statement_timeout": f"{env.integer('DATABASE_STATEMENT_TIMEOUT_S', 30, minimum=1)}s",
    "lock_timeout": f"{env.integer('DATABASE_LOCK_TIMEOUT_S', 10, minimum=1)}s",
    "idle_in_transaction_session_timeout": f"{env.integer('DATABASE_IDLE_IN_TRANSACTION_TIMEOUT_S', 60, minimum=1)}s",
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

_redis = {
    "URL": REDIS_URL or addresses.redis_url(EMBEDDED_ROOT),
    "DEFAULT_TIMEOUT": 180,
    "DEFAULT_RESULT_TTL": 0,
}
# A worker takes them in this order, so that a long queue never keeps the periodic work waiting.
RQ_QUEUES = {"periodic": _redis, "dispatch": _redis, "console": _redis}
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
BUSINESS_HOURS = BusinessHours.parse(
    env.text("BUSINESS_HOURS", "mon-fri 08:00-20:00"), closed_on=parse_holidays(env.text("BUSINESS_HOLIDAYS"))
)

# How many messages must have gone out in the window before the canary grows.
GATE_LEAST_SENDS = env.integer("GATE_LEAST_SENDS", 50, minimum=1)

# Whether somebody nobody knows becomes a contact by writing to us.
INBOUND_CREATES_CONTACTS = env.boolean("INBOUND_CREATES_CONTACTS", default=False)

# The phone of somebody of ours whom drills write to; without it there are none.
DRILL_PHONE = normalise(_drill_phone) if (_drill_phone := env.text("DRILL_PHONE")) else ""

# How many provider requests one worker keeps in flight.
OUTBOUND_CONCURRENCY = env.integer("OUTBOUND_CONCURRENCY", 100, minimum=1)

# --- Slack --------------------------------------------------------------------------------------------------------

# Without a secret no request is Slack's, and without a token nothing is posted there.
SLACK_SIGNING_SECRET = env.secret("SLACK_SIGNING_SECRET")
SLACK_BOT_TOKEN = env.secret("SLACK_BOT_TOKEN")
SLACK_ALERT_CHANNEL = env.text("SLACK_ALERT_CHANNEL")
SLACK_API_URL = env.text("SLACK_API_URL", "https://slack.com/api/")
# The one workspace, and the channels, that are listened to; not set: any that the secret belongs to.
SLACK_TEAM_ID = env.text("SLACK_TEAM_ID")
SLACK_ALLOWED_CHANNELS = frozenset(env.words("SLACK_ALLOWED_CHANNELS"))

# --- What is kept, and how long -----------------------------------------------------------------------------------

# Fewer days than a phase's evidence and a month's look back take would cut off what is still read.
EVENT_RETENTION_DAYS = env.integer("EVENT_RETENTION_DAYS", 180, minimum=30)
TEXT_RETENTION_DAYS = env.integer("TEXT_RETENTION_DAYS", 180, minimum=30)
# Knows the phones of erased people again; it must never change.
SUPPRESSION_KEY = env.secret("SUPPRESSION_KEY", "" if IN_PRODUCTION else "development-only-suppression-key")

# --- Django -------------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "julia.panel.apps.PanelConfig",  # django.contrib.admin, with the panel as its site
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",  # for indexes with operator classes
    "django.contrib.staticfiles",
    "canary",
    "outbound",
    "handoff",
    "julia",
    # After outbound, whose rqworker and rqcron take the place of its own.
    "django_rq",
    "axes",
    "csp",
]
MIDDLEWARE = [
    # First: what the others answer themselves, a refused host or a redirect, is told to browsers with the same care.
    "julia.content_security.ContentSecurity",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "julia.nul_bytes.refuse_nul",
    "julia.large_forms.refuse_large",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    # Last: it answers for a login that is locked out.
    "axes.middleware.AxesMiddleware",
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
# --- Who gets in ----------------------------------------------------------------------------------------------------

AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
# Who guesses passwords locks himself out, and not the one whose name he guesses with: she may have to stop Julia.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "julia.lockout.username_of"
AXES_CLIENT_IP_CALLABLE = "handoff.rate_limit.client_of"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "julia/locked_out.html"
AXES_VERBOSE = False

# A working day, and never longer than the browser is open.
SESSION_COOKIE_AGE = 8 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IN_PRODUCTION
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "julia.error_pages.form_expired"
# Behind a proxy that ends TLS we are asked over http, for a page whose origin is https.
CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{_public.netloc}"] if _public.netloc else []
# A proxy of ours ends TLS and says so; what asks whether we live, from inside, need not go through it.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXY_COUNT else None
SECURE_SSL_REDIRECT = IN_PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if IN_PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IN_PRODUCTION
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

_self = "'self'"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": [_self],
        "style-src": [_self],
        "img-src": [_self, "data:"],
        "font-src": [_self],
        "connect-src": [_self],
        "form-action": [_self],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": _redis["URL"],
        # Who asks for a page waits no longer than this for a Redis that does not answer.
        "OPTIONS": {"socket_connect_timeout": 2, "socket_timeout": 2},
    }
}

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
FORMAT_MODULE_PATH = ["julia.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "America/Sao_Paulo"

_BLUES = [
    ("50", 97, 0.014),
    ("100", 93, 0.032),
    ("200", 88, 0.059),
    ("300", 81, 0.105),
    ("400", 71, 0.15),
    ("500", 62, 0.19),
    ("600", 54, 0.2),
    ("700", 48, 0.18),
    ("800", 42, 0.16),
    ("900", 38, 0.13),
    ("950", 28, 0.09),
]
UNFOLD = {
    "SITE_TITLE": "Julia",
    "SITE_HEADER": _("Julia"),
    "SITE_SUBHEADER": _("Operations"),
    "SITE_SYMBOL": "stethoscope",
    "SITE_URL": None,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_HISTORY": False,
    "ENVIRONMENT": "julia.panel.navigation.environment",
    "SIDEBAR": {"show_search": False, "navigation": "julia.panel.navigation.sidebar"},
    "STYLES": ["julia.panel.navigation.stylesheet"],
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "julia.panel.navigation.icon"}],
    # A blue that is neither the green of what is well nor the red of what is not.
    "COLORS": {"primary": {weight: f"oklch({light}% {chroma} 258)" for weight, light, chroma in _BLUES}},
}

LOGGING = logs.configuration(level=env.text("LOG_LEVEL", "INFO"), in_production=IN_PRODUCTION)
SENTRY_DSN = env.secret("SENTRY_DSN")
# Who may read /metrics: who shows the token, or asks from one of the networks. With neither, nobody in production.
METRICS_TOKEN = env.secret("METRICS_TOKEN")
METRICS_ALLOWED_ADDRESSES = env.networks("METRICS_ALLOWED_ADDRESSES")

"""Every setting of an installation, read from the environment (docs/deploying.md has the table).

MODE decides the rest: `embedded` needs no service at all (SQLite, a queue of files, a key made on
the spot) and is the default; `production` refuses to start without a key, its host names and Redis.
A value that is not understood stops the start with the variable's name.
"""

from pathlib import Path

import structlog
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

from config.environment import Environment
from config.secret_key import kept_secret_key

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()

# --- The installation -----------------------------------------------------------------------------

MODE = env.choice("MODE", ["embedded", "production"], "embedded")
PRODUCTION = MODE == "production"
DEBUG = env.switch("DEBUG", False)
if PRODUCTION and DEBUG:
    raise ImproperlyConfigured("DEBUG: must not be on while MODE is production")

VAR_DIR = env.folder("VAR_DIR", BASE_DIR / "var")

if PRODUCTION:
    SECRET_KEY = env.required("SECRET_KEY", "while MODE is production")
    env.required("ALLOWED_HOSTS", "while MODE is production")
    ALLOWED_HOSTS = env.words("ALLOWED_HOSTS")
else:
    SECRET_KEY = env.text("SECRET_KEY") or kept_secret_key(VAR_DIR)
    ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"])
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "sellers.User"

INSTALLED_APPS = [
    # Ours come first, so that their templates and translations win over those of the packages they
    # build on.
    "config",
    "rewards",
    "campaigns",
    "sellers",
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "axes",
    "bootstrap",
    "csp",
    "django_celery_beat",
    "django_filters",
    "django_prometheus",
    "django_structlog",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
    "rest_framework.authtoken",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.content_security.ContentSecurityMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "axes.middleware.AxesMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
# Widgets of our own may have templates too; this renderer looks in TEMPLATES instead of in Django's
# folder only.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Database -------------------------------------------------------------------------------------

DATABASE_SCHEMES = ["sqlite", "postgres", "postgresql"]
DATABASE_URL = env.address(
    "DATABASE_URL", DATABASE_SCHEMES, f"sqlite:///{VAR_DIR / 'paddock.sqlite3'}"
)
DATABASES = {
    "default": env.parsed(
        "DATABASE_URL", Environment.db_url_config, DATABASE_URL, "a database's address"
    )
}
if not DATABASES["default"]["NAME"]:
    raise ImproperlyConfigured("DATABASE_URL: expected the name of a database at its end")
# ATOMIC_REQUESTS stays off: on SQLite it would make every read a writer.
DATABASES["default"]["ATOMIC_REQUESTS"] = False
DATABASE_OPTIONS = DATABASES["default"].setdefault("OPTIONS", {})
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE takes the write lock at BEGIN, where SQLite waits for it; a transaction that reads
    # first and writes later would fail at once with "database is locked" instead.
    DATABASE_OPTIONS |= {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
        " PRAGMA cache_size=-65536; PRAGMA journal_size_limit=67108864;",
    }
else:
    DATABASE_POOL_SIZE = env.number("DATABASE_POOL_SIZE", 0, least=0, most=200)
    if DATABASE_POOL_SIZE:
        DATABASE_OPTIONS["pool"] = {"min_size": 1, "max_size": DATABASE_POOL_SIZE, "timeout": 20}
    else:
        DATABASES["default"].setdefault("CONN_MAX_AGE", 60)
        DATABASES["default"].setdefault("CONN_HEALTH_CHECKS", True)

# --- Redis, cache and queue -----------------------------------------------------------------------

if PRODUCTION:
    env.required("REDIS_URL", "while MODE is production")
REDIS_URL = env.address("REDIS_URL", ["redis", "rediss"])

if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": "paddock",
        }
    }
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        # A killed worker's message comes back after this long. No task runs longer: a sweep is cut
        # into shards.
        "visibility_timeout": env.number("REDIS_VISIBILITY_TIMEOUT", 900, least=60, most=86400),
        # Longer than a worker's blocking read; the client's own 5 s would cut it.
        "socket_timeout": 30,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
        "health_check_interval": 30,
    }
    CELERY_WORKER_ENABLE_REMOTE_CONTROL = True
else:
    # One web process serves an embedded installation, so its own memory will do for counting
    # requests.
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    QUEUE_DIR = env.folder("QUEUE_DIR", VAR_DIR / "queue")
    CELERY_BROKER_URL = "files://localhost"
    CELERY_BROKER_TRANSPORT_OPTIONS = {"folder": str(QUEUE_DIR), "polling_interval": 0.1}
    # Remote control would leave a file for every worker that ever was.
    CELERY_WORKER_ENABLE_REMOTE_CONTROL = False

CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TRACK_STARTED = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_BEAT_SCHEDULER = "config.beat:ClockScheduler"

# --- Time and language ----------------------------------------------------------------------------

USE_TZ = True
TIME_ZONE = env.zone("TIME_ZONE", "Asia/Shanghai")
CELERY_TIMEZONE = TIME_ZONE
# Where the clock of the edges starts, and the real second at which it was started
# (sellers/clock.py).
CLOCK_START = env.instant("CLOCK_START", TIME_ZONE)
CLOCK_EPOCH = env.epoch("CLOCK_EPOCH")
if CLOCK_EPOCH is not None and CLOCK_START is None:
    raise ImproperlyConfigured("CLOCK_EPOCH: means nothing without CLOCK_START")

USE_I18N = True
FORMAT_MODULE_PATH = ["config.formats"]
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LANGUAGE_CODE = env.choice("LANGUAGE_CODE", [code for code, _name in LANGUAGES], "en")
# Named here as well as found in the apps: these win over the packages' own, which is how Unfold
# gets its Chinese.
LOCALE_PATHS = [BASE_DIR / app / "locale" for app in ("config", "rewards", "campaigns", "sellers")]
LOCALE_PATHS += [BASE_DIR / "config" / "locale_of_packages"]

# --- Static files and uploads ---------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = env.folder("STATIC_ROOT", VAR_DIR / "static")
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(VAR_DIR / "files")},
    },
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
# Embedded, the files are served from where the packages keep them, without a collectstatic.
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = DEBUG

# A seller files up to 600 rows at once, each with at most six fields (chosen, item, price, venue,
# note, formset id), and Django's own limit of 1,000 fields would refuse the form. 600 * 6 and some
# room for the form's own fields.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 4000
DATA_UPLOAD_MAX_MEMORY_SIZE = env.number("MAX_UPLOAD_MB", 10, least=1, most=1024) * 2**20

# --- Who may come in ------------------------------------------------------------------------------

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"

# How many proxies stand before the installation. Without the right number a client could choose its
# own address.
PROXY_COUNT = env.number("PROXY_COUNT", 1 if PRODUCTION else 0, least=0, most=5)
AXES_FAILURE_LIMIT = env.number("LOGIN_FAILURE_LIMIT", 5, least=1, most=100)
AXES_COOLOFF_TIME = env.number("LOGIN_COOLOFF_HOURS", 1, least=1, most=168)
# By name and address together: by name alone anyone could lock a colleague out, by address alone a
# whole office.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "portal/account/locked_out.html"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_IPWARE_PROXY_COUNT = PROXY_COUNT
AXES_IPWARE_META_PRECEDENCE_ORDER = (
    ["HTTP_X_FORWARDED_FOR", "REMOTE_ADDR"] if PROXY_COUNT else ["REMOTE_ADDR"]
)

METRICS_TOKEN = env.text("METRICS_TOKEN")
METRICS_PUBLIC = env.switch("METRICS_PUBLIC", False)
PROMETHEUS_EXPORT_MIGRATIONS = False

# --- What a browser may do ------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],  # Bootstrap's icons are data addresses inside its style sheet.
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
for _origin in CSRF_TRUSTED_ORIGINS:
    if not _origin.startswith(("http://", "https://")):
        raise ImproperlyConfigured(
            f"CSRF_TRUSTED_ORIGINS: expected https:// before the host, found {_origin!r}"
        )
if PRODUCTION:
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
    LANGUAGE_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = env.switch("SSL_REDIRECT", True)
    # Health probes come straight to the process, without the proxy that speaks TLS.
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
    SECURE_HSTS_SECONDS = env.number("HSTS_SECONDS", 31536000, least=0, most=63072000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    if PROXY_COUNT:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- Mail -----------------------------------------------------------------------------------------

EMAIL_SCHEMES = [
    "smtp",
    "smtps",
    "smtp+tls",
    "smtp+ssl",
    "consolemail",
    "filemail",
    "memorymail",
    "dummymail",
]
EMAIL_URL = env.address("EMAIL_URL", EMAIL_SCHEMES, "consolemail://")
vars().update(
    env.parsed(
        "EMAIL_URL", lambda url: env.email_url_config(url), EMAIL_URL, "a mail server's address"
    )
)
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "paddock@localhost")
# Django waits for a mail server for ever; a worker and a page must not.
vars().setdefault("EMAIL_TIMEOUT", 15)

# What was sold in an hour takes a moment to be fed and added up before a board is made of it.
BOARD_DELAY_MINUTES = env.number("BOARD_DELAY_MINUTES", 2, least=0, most=59)

# --- Notices --------------------------------------------------------------------------------------

# Sellers find their notices in the inbox; with this on they get them by mail too.
NOTICES_BY_EMAIL = env.switch("NOTICES_BY_EMAIL", False)
# The kinds of address that sellers may have their notices sent to. Those of a messenger reach that
# messenger's own host and nothing else; the last six reach whichever host an address names, so
# that anybody with an account could have this installation ask any machine of its network.
MESSENGERS = ["dingtalk", "wecombot", "feishu", "lark", "wxpusher", "pushplus", "schan", "line"]
MESSENGERS += ["slack", "discord", "tgram"]
ANY_HOST = ["json", "jsons", "form", "forms", "xml", "xmls"]
NOTICE_SCHEMES = env.choices(
    "NOTICE_SCHEMES", [*MESSENGERS, *ANY_HOST], ["dingtalk", "wecombot", "feishu", "lark"]
)

# --- Data screens ---------------------------------------------------------------------------------

# A data screen asks for its figures this often.
SCREEN_SECONDS = env.number("SCREEN_SECONDS", 15, least=5, most=3600)

# --- API ------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "sellers.pagination.KeysetPagination",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": [
        "rest_framework.throttling.AnonRateThrottle",
        "rest_framework.throttling.UserRateThrottle",
        "rest_framework.throttling.ScopedRateThrottle",
    ],
    # Scopes: `login` guards the token, `filing` what starts an admission of up to 600 rows.
    "DEFAULT_THROTTLE_RATES": {
        "anon": "60/min",
        "user": "600/min",
        "login": "10/min",
        "filing": "60/min",
    },
    "NUM_PROXIES": PROXY_COUNT,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Paddock",
    "DESCRIPTION": "Campaigns, entries, findings and eligibility of a marketplace.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
}

# --- Admin ----------------------------------------------------------------------------------------

UNFOLD = {
    "SITE_TITLE": "Paddock",
    "SITE_HEADER": "Paddock",
    "SITE_SUBHEADER": _("Campaign operations"),
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda request: static("config/icon.svg"),
        }
    ],
    "SHOW_LANGUAGES": True,
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    # The green of the seller pages, as OKLCH from light to dark.
    "COLORS": {
        "primary": {
            "50": "oklch(97% 0.015 178)",
            "100": "oklch(93% 0.035 178)",
            "200": "oklch(87% 0.06 178)",
            "300": "oklch(79% 0.085 178)",
            "400": "oklch(68% 0.095 178)",
            "500": "oklch(56% 0.09 178)",
            "600": "oklch(47% 0.08 178)",
            "700": "oklch(41% 0.07 178)",
            "800": "oklch(35% 0.055 178)",
            "900": "oklch(30% 0.045 178)",
            "950": "oklch(22% 0.03 178)",
        }
    },
    "SIDEBAR": {"navigation": "config.navigation.navigation"},
    "STYLES": [lambda request: static("campaigns/admin.css")],
    "SCRIPTS": [lambda request: static("campaigns/admin.js")],
}

# --- Logs -----------------------------------------------------------------------------------------

LOG_LEVEL = env.choice(
    "LOG_LEVEL", ["DEBUG", "INFO", "WARNING", "ERROR"], "INFO" if PRODUCTION else "WARNING"
)
LOG_FORMAT = env.choice("LOG_FORMAT", ["console", "json"], "json" if PRODUCTION else "console")
DJANGO_STRUCTLOG_CELERY_ENABLED = True

_log_fields = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
            "foreign_pre_chain": _log_fields,
        },
        "console": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.dev.ConsoleRenderer(
                    colors=False, exception_formatter=structlog.dev.plain_traceback
                ),
            ],
            "foreign_pre_chain": _log_fields,
        },
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    # These write whole addresses, which hold a seller's secret: whoever can write to a messenger's
    # address speaks in the seller's name. What came of a message is told by its delivery.
    "loggers": {
        "apprise": {"level": "CRITICAL", "propagate": False, "handlers": []},
        "urllib3": {"level": "CRITICAL", "propagate": False, "handlers": []},
    },
}
structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *_log_fields,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)

"""Django settings, read from the environment (`config/environment.py`). No branch asks where we run."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from config import environment as read
from config.logs import logging_settings

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = read.folder("VAR_DIR", BASE_DIR / "var")

# --- Who we are and who may talk to us -------------------------------------------------------------------------------
SECRET_KEY = read.text("SECRET_KEY")
SECRETS_KEYS = read.fernet_keys("SECRETS_KEYS")
DEBUG = False
PORT = read.whole_number("PORT", 8000, at_least=1, at_most=65535)
PUBLIC_URL = read.address("PUBLIC_URL", f"http://127.0.0.1:{PORT}")
STREAM_URL = read.address("STREAM_URL", f"{PUBLIC_URL}/stream")
STATUS_URL = read.address("STATUS_URL", f"{PUBLIC_URL}/status")
ALLOWED_HOSTS = [*read.words("ALLOWED_HOSTS"), urlsplit(PUBLIC_URL).hostname or "", "127.0.0.1", "localhost", "[::1]"]
TRUSTED_PROXIES = read.networks("TRUSTED_PROXIES")
OUTBOUND_ALLOW = read.networks("OUTBOUND_ALLOW")
WATCHDOG_URL = read.address("WATCHDOG_URL", "")
STATUS_PUBLISH_DIR = read.folder("STATUS_PUBLISH_DIR", VAR_DIR / "status")
LEDGER_ANCHOR_DIR = read.folder("LEDGER_ANCHOR_DIR", VAR_DIR / "anchors")
EMERGENCY_CONTACTS_FILE = read.folder("EMERGENCY_CONTACTS_FILE", VAR_DIR / "emergency-contacts.json")
ACTION_HTTP_HOSTS = read.words("ACTION_HTTP_HOSTS")
ACTION_SCRIPTS_DIR = read.folder("ACTION_SCRIPTS_DIR", VAR_DIR / "scripts")
ACTION_SECRETS_DIR = read.folder("ACTION_SECRETS_DIR", VAR_DIR / "secrets")
ACTION_LOCAL_DIRS = read.words("ACTION_LOCAL_DIRS")
ACTION_KNOWN_HOSTS = read.folder("ACTION_KNOWN_HOSTS", VAR_DIR / "known_hosts")
RESET_FILES_DIR = read.folder("RESET_FILES_DIR", VAR_DIR / "accounts")
DELIVERY_RETENTION_DAYS = read.whole_number("DELIVERY_RETENTION_DAYS", 730, at_least=1)

# --- Providers -------------------------------------------------------------------------------------------------------
CHANNEL_PROVIDERS = read.lists("CHANNEL_PROVIDERS")
CHANNEL_RATES = read.rates("CHANNEL_RATES")
TWILIO_ACCOUNT_SID = read.text("TWILIO_ACCOUNT_SID", "")
TWILIO_AUTH_TOKEN = read.text("TWILIO_AUTH_TOKEN", "")
TWILIO_AUTH_TOKEN_OLD = read.text("TWILIO_AUTH_TOKEN_OLD", "")
TWILIO_WEBHOOK_KEYS = read.named_secrets("TWILIO_WEBHOOK_KEYS")
TWILIO_FROM = read.text("TWILIO_FROM", "")
TWILIO_MACHINE_DETECTION = read.choice("TWILIO_MACHINE_DETECTION", "off", among=("off", "on"))
TWILIO_API_URL = read.bare_address("TWILIO_API_URL", "https://api.twilio.com")
SLACK_BOT_TOKEN = read.text("SLACK_BOT_TOKEN", "")
SLACK_APP_TOKEN = read.text("SLACK_APP_TOKEN", "")
SLACK_SIGNING_SECRET = read.text("SLACK_SIGNING_SECRET", "")
SLACK_API_URL = read.api_address("SLACK_API_URL", "https://slack.com/api/")
VONAGE_API_KEY = read.text("VONAGE_API_KEY", "")
VONAGE_API_SECRET = read.text("VONAGE_API_SECRET", "")
VONAGE_APPLICATION_ID = read.text("VONAGE_APPLICATION_ID", "")
VONAGE_PRIVATE_KEY = read.private_key("VONAGE_PRIVATE_KEY")
VONAGE_SIGNATURE_SECRET = read.text("VONAGE_SIGNATURE_SECRET", "")
VONAGE_SIGNATURE_METHOD = read.choice("VONAGE_SIGNATURE_METHOD", "sha256", among=("md5", "sha1", "sha256", "sha512"))
VONAGE_FROM = read.text("VONAGE_FROM", "")
VONAGE_MACHINE_DETECTION = read.choice("VONAGE_MACHINE_DETECTION", "off", among=("off", "on"))
VONAGE_API_URL = read.bare_address("VONAGE_API_URL", "")
_PLACES = ("to", "digits", "text", "from", "id")
SMS_HTTP_URL = read.places("SMS_HTTP_URL", known=_PLACES)
SMS_HTTP_METHOD = read.choice("SMS_HTTP_METHOD", "POST", among=("POST", "PUT", "GET"))
SMS_HTTP_HEADERS = read.headers("SMS_HTTP_HEADERS")
SMS_HTTP_BODY = read.places("SMS_HTTP_BODY", known=_PLACES)
SMS_HTTP_FROM = read.text("SMS_HTTP_FROM", "")
SMS_HTTP_SUCCESS = read.pattern("SMS_HTTP_SUCCESS")
APPRISE_SERVICES = [word.lower() for word in read.words("APPRISE_SERVICES")]

# Those that django-anymail knows; their own settings are named as its documentation does.
_MAIL_PROVIDERS = (
    "amazon_ses", "brevo", "mailersend", "mailgun", "mailjet", "mailtrap", "mandrill", "postal", "postmark", "resend",
    "scaleway", "sparkpost", "unisender_go",
)  # fmt: skip
_mail = read.mail("EMAIL_URL", "smtp://127.0.0.1:25")
EMAIL_HOST, EMAIL_PORT = _mail["EMAIL_HOST"], _mail["EMAIL_PORT"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_USER"], _mail["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail["EMAIL_USE_TLS"], _mail["EMAIL_USE_SSL"]
EMAIL_TIMEOUT = 5  # seconds: the limit of every provider call
DEFAULT_FROM_EMAIL = SERVER_EMAIL = read.text("EMAIL_FROM", "Muster <muster@localhost>")
EMAIL_SUBJECT_PREFIX = ""
EMAIL_PROVIDER = read.choices("EMAIL_PROVIDER", among=_MAIL_PROVIDERS)
EMAIL_REPLY_TO = read.mailbox("EMAIL_REPLY_TO")
_mail_secret = read.text("EMAIL_WEBHOOK_SECRET", "")
ANYMAIL: dict[str, Any] = {
    **read.values("EMAIL_PROVIDER_SETTINGS"),
    **({"WEBHOOK_SECRET": _mail_secret} if _mail_secret else {}),
    "REQUESTS_TIMEOUT": (2.0, 3.0),  # connecting, reading: together the limit of every provider call
    "IGNORE_UNSUPPORTED_FEATURES": True,  # what a provider can't keep for us is found by its own id of the mail
}

# --- The house -------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "config",
    "web",
    "ledger",
    "engine",
    "people",
    "notifications",
    "incidents",
    "intake",
    "statuspage",
    "eap",
    "resets",
    "rooms",
    "demonstration",
    "backup",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "axes",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
]
MIDDLEWARE = [
    "web.middleware.TrustedProxies",
    "web.middleware.RequestLog",
    "django.middleware.security.SecurityMiddleware",
    "web.machine_door.MachineDoor",
    "web.api.problems.ProblemAnswers",
    "web.middleware.PermissionsPolicy",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "web.zones.ReadersZone",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "web.middleware.Refusals",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
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
FORM_RENDERER = "web.forms.Renderer"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- PostgreSQL: the truth -------------------------------------------------------------------------------------------
_database = read.database("DATABASE_URL")
# Limits in ms, 0 for none. The web process sets its own before it reads this (config/wsgi.py): nobody at a screen
# waits for a lock that long, while migrations and exports may.
_limits = {
    "statement_timeout": read.whole_number("STATEMENT_TIMEOUT_MS", 0),
    "lock_timeout": read.whole_number("LOCK_TIMEOUT_MS", 0),
    "idle_in_transaction_session_timeout": read.whole_number("IDLE_IN_TRANSACTION_TIMEOUT_MS", 0),
}
_options = " ".join(f"-c {name}={value}" for name, value in _limits.items() if value)
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        **_database,
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "connect_timeout": 3,
            "keepalives_idle": 30,
            "keepalives_interval": 10,
            "keepalives_count": 3,
            **_database["OPTIONS"],
            **({"options": f"{_database['OPTIONS'].get('options', '')} {_options}".strip()} if _options else {}),
        },
    },
}
LISTEN_DATABASE_URL = read.database_url("LISTEN_DATABASE_URL", read.database_url("DATABASE_URL"))
# Never the broker: a stopped Redis may not touch a request.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# --- Redis and Celery: speed -----------------------------------------------------------------------------------------
REDIS_URL = read.redis_url("REDIS_URL")
CELERY_BROKER_URL = read.celery_broker_url(REDIS_URL)
CELERY_TASK_DEFAULT_QUEUE = "page"
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_POOL = "threads"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 5.0
CELERY_WORKER_ENABLE_SOFT_SHUTDOWN_ON_IDLE = True
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # A killed worker's message comes back after this; kombu sweeps every interval x throttle seconds, and its own
    # 10 x 10 made a redelivery take 91 s.
    "visibility_timeout": 120,
    "unacked_restore_interval": 1,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 2.0,
    "socket_timeout": 10.0,
    "socket_keepalive": True,
    "health_check_interval": 10,
}

# --- Accounts and sign-in --------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "people.Person"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "account_login"
ACCOUNT_ADAPTER = "config.sign_in.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_UNIQUE_EMAIL = True
# Accounts are made by administrators, who vouch for the address.
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[Muster] "
# The adapter makes allauth's "key" the address plus the e-mail; axes locks first, this is the second line.
ACCOUNT_RATE_LIMITS = {"login_failed": "30/m/ip,10/5m/key"}
MFA_ADAPTER = "config.sign_in.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = "Muster"
MFA_TOTP_TOLERANCE = 1  # one 30 s step: phones' clocks drift
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = urlsplit(PUBLIC_URL).scheme == "http"  # browsers allow localhost alone then

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=5)
# Together, so that nobody can lock another out from elsewhere.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_CALLABLE = "config.sign_in.name_tried"
AXES_CLIENT_IP_CALLABLE = "config.sign_in.address_of"
AXES_LOCKOUT_CALLABLE = "config.sign_in.locked_out"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_DISABLE_ACCESS_LOG = True

# --- Browser security ------------------------------------------------------------------------------------------------
_https = urlsplit(PUBLIC_URL).scheme == "https"
SECURE_SSL_REDIRECT = _https
# Probes come from inside, by plain HTTP.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _https
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "muster_session"
CSRF_COOKIE_NAME = "muster_csrf"
CSRF_TRUSTED_ORIGINS = [read.origin(PUBLIC_URL)]
CSRF_FAILURE_VIEW = "web.answers.csrf_failure"
X_FRAME_OPTIONS = "DENY"
# security.W021: entering the browsers' preload list is the domain owner's decision and hard to take back.
SILENCED_SYSTEM_CHECKS = ["security.W021"]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],  # the authenticator's QR code
        "connect-src": ["'self'", read.origin(STREAM_URL)],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440

# --- Language, time, files -------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]  # of staff screens; what people hear and read elsewhere follows their own
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = read.folder("STATIC_ROOT", VAR_DIR / "static")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "web.static_files.HashedStaticFiles"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 300

LOG_FORMAT = read.choice("LOG_FORMAT", "", among=("", "json", "console"))
LOG_LEVEL = read.choice("LOG_LEVEL", "INFO", among=("DEBUG", "INFO", "WARNING", "ERROR"))
LOGGING = logging_settings(log_format=LOG_FORMAT, level=LOG_LEVEL)

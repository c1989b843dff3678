"""Django settings, read from the environment (`config/environment.py`). No branch asks where we run."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from config import environment as read

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = read.folder("VAR_DIR", BASE_DIR / "var")

SECRET_KEY = read.text("SECRET_KEY")
SECRETS_KEYS = read.words("SECRETS_KEYS")  # Fernet keys, newest first: encryption at rest
DEBUG = False
PORT = read.whole_number("PORT", 8000, at_least=1, at_most=65535)
PUBLIC_URL = read.address("PUBLIC_URL", f"http://127.0.0.1:{PORT}")
STREAM_URL = read.address("STREAM_URL", f"{PUBLIC_URL}/stream")
STATUS_URL = read.address("STATUS_URL", f"{PUBLIC_URL}/status")
ALLOWED_HOSTS = [*read.words("ALLOWED_HOSTS"), urlsplit(PUBLIC_URL).hostname or "", "127.0.0.1", "localhost"]
TRUSTED_PROXIES = read.networks("TRUSTED_PROXIES")
OUTBOUND_ALLOW = read.networks("OUTBOUND_ALLOW")
WATCHDOG_URL = read.address("WATCHDOG_URL", "")
STATUS_PUBLISH_DIR = read.folder("STATUS_PUBLISH_DIR", VAR_DIR / "status")
LEDGER_ANCHOR_DIR = read.folder("LEDGER_ANCHOR_DIR", VAR_DIR / "anchors")
EMERGENCY_CONTACTS_FILE = read.folder("EMERGENCY_CONTACTS_FILE", VAR_DIR / "emergency-contacts.json")

TWILIO_ACCOUNT_SID = read.text("TWILIO_ACCOUNT_SID", "")
TWILIO_AUTH_TOKEN = read.text("TWILIO_AUTH_TOKEN", "")
TWILIO_FROM = read.text("TWILIO_FROM", "")
TWILIO_API_URL = read.address("TWILIO_API_URL", "https://api.twilio.com")

INSTALLED_APPS = [
    "web",
    "ledger",
    "engine",
    "people",
    "notifications",
    "incidents",
    "intake",
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
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
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

DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        **read.database("DATABASE_URL"),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 3},
    },
}
LISTEN_DATABASE_URL = read.text("LISTEN_DATABASE_URL", read.text("DATABASE_URL"))
REDIS_URL = read.text("REDIS_URL")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Never the broker: a stopped Redis may not touch a request (promise 2).
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

AUTH_USER_MODEL = "people.Person"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "account_login"

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"

CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)

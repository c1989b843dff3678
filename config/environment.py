"""What the environment says, typed; a wrong or missing setting stops the start with its name."""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

env: Final = environ.FileAwareEnv()
"""Reads `NAME`, or the file that `NAME_FILE` points at."""


def text(name: str, default: str | None = None) -> str:
    """Return setting `name`; without a default an empty or missing one stops the start."""
    value: str = env.str(name, default="" if default is None else default)
    if not value and default is None:
        raise ImproperlyConfigured(f"{name} is not set. Set it, or {name}_FILE to a file that holds it.")
    return value


def words(name: str, default: str = "") -> list[str]:
    """Return a comma-separated setting as a list without blanks."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def whole_number(name: str, default: int, *, at_least: int = 0, at_most: int = 2**31) -> int:
    """Return setting `name` as a whole number within bounds."""
    raw = text(name, str(default))
    try:
        value = int(raw)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {raw!r}.") from None
    if not at_least <= value <= at_most:
        raise ImproperlyConfigured(f"{name} must be between {at_least} and {at_most}, not {value}.")
    return value


def address(name: str, default: str | None = None, *, schemes: tuple[str, ...] = ("http", "https")) -> str:
    """Return setting `name` as an absolute URL without a trailing slash."""
    value = text(name, default)
    if not value:
        return ""
    parts = urlsplit(value)
    if parts.scheme not in schemes or not parts.hostname:
        raise ImproperlyConfigured(f"{name} must be an address such as {schemes[0]}://host:port, not {value!r}.")
    return value.rstrip("/")


def networks(name: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """Return a comma-separated setting of addresses or networks (CIDR)."""
    try:
        return [ipaddress.ip_network(word, strict=False) for word in words(name)]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must list networks such as 10.0.0.0/8: {error}") from None


def database(name: str) -> dict[str, object]:
    """Return setting `name` as Django's database dictionary; PostgreSQL only."""
    value = text(name)
    if urlsplit(value).scheme not in ("postgres", "postgresql"):
        raise ImproperlyConfigured(f"{name} must be a postgresql:// address; Muster runs on PostgreSQL 15 to 18.")
    parsed: dict[str, object] = dict(env.db_url_config(value))
    parsed["ENGINE"] = "django.db.backends.postgresql"
    return parsed


def folder(name: str, default: Path) -> Path:
    """Return setting `name` as an absolute folder path (not created here)."""
    return Path(text(name, str(default))).expanduser().absolute()


def is_set(name: str) -> bool:
    """Tell whether the environment carries `name` or `name_FILE`."""
    return bool(os.environ.get(name) or os.environ.get(f"{name}_FILE"))

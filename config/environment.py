"""What the environment says, typed; a wrong or missing setting stops the start with its name."""

from __future__ import annotations

import ipaddress
import json
import os
import re
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

import environ
import psycopg
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

env: Final = environ.FileAwareEnv()
"""Reads `NAME`, or the file that `NAME_FILE` points at."""


class WrongSettingError(ImproperlyConfigured):
    """A setting is missing or can't be used; the message is one sentence that begins with its name."""


def text(name: str, default: str | None = None) -> str:
    """Return setting `name` without blanks around; without a default an empty or missing one stops the start."""
    try:
        value: str = env.str(name, default="" if default is None else default).strip()
    except OSError as error:
        raise WrongSettingError(f"{name}_FILE can't be read: {error.strerror}: {error.filename}") from None
    if not value and default is None:
        raise WrongSettingError(f"{name} is not set. Set it, or {name}_FILE to a file that holds it.")
    return value or (default or "")


def words(name: str, default: str = "") -> list[str]:
    """Return a comma-separated setting as a list without blanks."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def lists(name: str) -> dict[str, tuple[str, ...]]:
    """Return a setting such as `voice=twilio,vonage;sms=vonage` as words by name, in their order."""
    found: dict[str, tuple[str, ...]] = {}
    for part in filter(None, (each.strip() for each in text(name, "").split(";"))):
        key, equals, listed = (each.strip() for each in part.partition("="))
        named = tuple(word.strip() for word in listed.split(",") if word.strip())
        if not (key and equals and named):
            raise WrongSettingError(f"{name} must be written as voice=twilio,vonage;sms=vonage, not {part!r}.")
        found[key] = named
    return found


def named_secrets(name: str) -> dict[str, str]:
    """Return a setting such as `key1=secret,key2=secret` as secrets by name."""
    found: dict[str, str] = {}
    for place, part in enumerate(words(name), start=1):
        key, equals, secret = (each.strip() for each in part.partition("="))
        if not (key and equals and secret):
            # Not the part itself: it would stand in the log.
            raise WrongSettingError(f"{name} must be written as name=secret,name=secret; part {place} is not.")
        found[key] = secret
    return found


def rates(name: str) -> dict[tuple[str, str], float]:
    """Return a setting such as `voice/twilio=1;sms/vonage=30` as messages a second by channel and provider."""
    found: dict[tuple[str, str], float] = {}
    for key, (value, *more) in lists(name).items():
        kind, slash, provider = key.partition("/")
        try:
            per_s = float(value)
        except ValueError:
            per_s = -1.0
        if more or not (kind and slash and provider) or not 0 <= per_s <= 10_000:
            raise WrongSettingError(f"{name} must be written as voice/twilio=1;sms/vonage=30 (0: no limit).")
        found[kind, provider] = per_s
    return found


def values(name: str) -> dict[str, str]:
    """Return a setting such as `MAILGUN_API_KEY=…;MAILGUN_SENDER_DOMAIN=…` by name; a line each is fine too."""
    found: dict[str, str] = {}
    for part in filter(None, (each.strip() for each in re.split(r"[;\n]", text(name, "")))):
        key, equals, value = (each.strip() for each in part.partition("="))
        if not (key and equals and value):
            raise WrongSettingError(f"{name} must be written as NAME=value;NAME=value.")
        found[key.upper()] = value
    return found


def whole_number(name: str, default: int, *, at_least: int = 0, at_most: int = 2**31) -> int:
    """Return setting `name` as a whole number within bounds."""
    raw = text(name, str(default))
    try:
        value = int(raw)
    except ValueError:
        raise WrongSettingError(f"{name} must be a whole number, not {raw!r}.") from None
    if not at_least <= value <= at_most:
        raise WrongSettingError(f"{name} must be between {at_least} and {at_most}, not {value}.")
    return value


def choice(name: str, default: str, *, among: tuple[str, ...]) -> str:
    """Return setting `name`, one of `among`."""
    value = text(name, default)
    if value not in among:
        raise WrongSettingError(f"{name} must be one of {', '.join(map(repr, among))}, not {value!r}.")
    return value


def choices(name: str, *, among: tuple[str, ...]) -> list[str]:
    """Return a comma-separated setting whose words are all among `among`, in its order and each once."""
    found = list(dict.fromkeys(words(name)))
    for word in found:
        if word not in among:
            raise WrongSettingError(f"{name} must name some of {', '.join(among)}, not {word!r}.")
    return found


def address(name: str, default: str | None = None, *, schemes: tuple[str, ...] = ("http", "https")) -> str:
    """Return setting `name` as an absolute URL without a trailing slash."""
    value = text(name, default)
    if not value:
        return ""
    try:
        parts = urlsplit(value)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        parts, port_is_fine = urlsplit(""), False
    if parts.scheme not in schemes or not parts.hostname or not port_is_fine:
        raise WrongSettingError(f"{name} must be an address such as {schemes[0]}://host:port, not {value!r}.")
    return value.rstrip("/")


def bare_address(name: str, default: str) -> str:
    """Return setting `name` as `scheme://host[:port]`, nothing behind it."""
    value = address(name, default)
    parts = urlsplit(value)
    if value and (parts.path or parts.query or parts.fragment):
        raise WrongSettingError(f"{name} must be scheme://host[:port] and nothing more, not {value!r}.")
    return value


def api_address(name: str, default: str) -> str:
    """Return setting `name`, the address below which an API's methods are, with its slash at the end (`…/api/`)."""
    value = address(name, default)
    if not urlsplit(value).path.endswith("/api") or "?" in value or "#" in value:
        raise WrongSettingError(f"{name} must be an address that ends in /api/, not {value!r}.")
    return f"{value}/"


def origin(url: str) -> str:
    """Return `scheme://host[:port]` of an absolute URL, as browsers send it in `Origin`."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def networks(name: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """Return a comma-separated setting of addresses or networks (CIDR)."""
    try:
        return [ipaddress.ip_network(word, strict=False) for word in words(name)]
    except ValueError as error:
        raise WrongSettingError(f"{name} must list networks such as 10.0.0.0/8: {error}.") from None


def database_url(name: str, default: str | None = None) -> str:
    """Return setting `name` as a PostgreSQL URL, checked the way libpq reads it."""
    value = text(name, default)
    if urlsplit(value).scheme not in ("postgres", "postgresql"):
        raise WrongSettingError(f"{name} must be a postgresql:// address; Muster runs on PostgreSQL 15 to 18.")
    try:
        conninfo_to_dict(value)
    except psycopg.ProgrammingError as error:
        raise WrongSettingError(
            f"{name} is not an address that PostgreSQL understands: {str(error).strip()}."
        ) from None
    return value


def database(name: str) -> dict[str, Any]:
    """Return setting `name` as Django's database dictionary; what libpq knows beyond it goes to OPTIONS."""
    parts: dict[str, Any] = dict(conninfo_to_dict(database_url(name)))
    if not parts.get("dbname"):
        raise WrongSettingError(f"{name} names no database; write postgresql://user@host/name.")
    return {
        "ENGINE": "config.postgresql",
        "NAME": parts.pop("dbname"),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
        "OPTIONS": parts,
    }


def redis_url(name: str) -> str:
    """Return setting `name` in the form that redis-py reads: `redis://`, `rediss://` or `unix:///path?db=0`.

    `redis+socket:///path?virtual_host=0`, Celery's way to write a Unix socket, is accepted too.
    """
    value = text(name)
    parts = urlsplit(value)
    if parts.scheme in ("redis", "rediss") and parts.hostname:
        return value
    if parts.scheme in ("unix", "redis+socket") and parts.path.startswith("/"):
        query = parse_qs(parts.query)
        number = (query.get("db") or query.get("virtual_host") or ["0"])[0]
        user = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
        if number.isdecimal():
            return f"unix://{user}{parts.path}?db={number}"
    raise WrongSettingError(f"{name} must be redis://host:port/0, rediss://… or unix:///path/to/socket?db=0.")


def celery_broker_url(redis: str) -> str:
    """Return a URL of `redis_url` as Celery writes it (only Unix sockets differ)."""
    parts = urlsplit(redis)
    if parts.scheme != "unix":
        return redis
    number = parse_qs(parts.query)["db"][0]
    return f"redis+socket://{parts.netloc}{parts.path}?virtual_host={number}"


def mail(name: str, default: str) -> dict[str, Any]:
    """Return setting `name` (`smtp://`, `smtp+tls://` for STARTTLS, `smtps://`) as Django's EMAIL_ settings."""
    value = address(name, default, schemes=("smtp", "smtps", "smtp+tls"))
    parts = urlsplit(value)
    ports = {"smtp": 25, "smtps": 465, "smtp+tls": 587}
    return {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or ports[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_USE_SSL": parts.scheme == "smtps",
    }


def places(name: str, *, known: tuple[str, ...]) -> str:
    """Return setting `name`, a text with `{places}` to fill in, each of them one of `known`."""
    value = text(name, "")
    unknown = sorted(set(re.findall(r"\{([a-z_]+)\}", value)) - set(known))
    if unknown:
        allowed = ", ".join(f"{{{place}}}" for place in known)
        raise WrongSettingError(f"{name} names {{{unknown[0]}}}; there are only {allowed}.")
    return value


def pattern(name: str) -> re.Pattern[str] | None:
    """Return setting `name` as a regular expression, None where it is not set."""
    value = text(name, "")
    try:
        return re.compile(value) if value else None
    except re.error as error:
        raise WrongSettingError(f"{name} is no regular expression: {error}.") from None


def headers(name: str) -> dict[str, str]:
    """Return setting `name`, a JSON object of HTTP headers, each one line of plain letters."""
    value = text(name, "{}")
    try:
        found = json.loads(value)
    except ValueError:
        found = None
    if not isinstance(found, dict) or not all(isinstance(word, str) for word in found.values()):
        raise WrongSettingError(f'{name} must be a JSON object such as {{"Content-Type": "application/json"}}.')
    if any(not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", word) for word in found):
        raise WrongSettingError(f"{name} has a header whose name is none.")
    if any(not re.fullmatch(r"[ -~]*", word) for word in found.values()):
        raise WrongSettingError(f"{name} has a header with letters or line breaks that no header carries.")
    return found


def mailbox(name: str) -> str:
    """Return setting `name`: one e-mail address without a plus in it, or ""."""
    value = text(name, "")
    if value and not re.fullmatch(r"[^@+\s]{1,12}@[^@\s]+", value):
        raise WrongSettingError(
            f"{name} must be an address such as reply@example.com, with at most 12 characters before the @."
        )
    return value


def private_key(name: str) -> str:
    """Return setting `name`, a private key as PEM (PKCS #8); `\\n` may stand for its line breaks. "" if not set."""
    value = text(name, "").replace("\\n", "\n")
    if not value:
        return ""
    try:
        load_pem_private_key(value.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise WrongSettingError(f"{name} is no private key without a password, as PEM.") from None
    return value


def fernet_keys(name: str) -> list[str]:
    """Return setting `name`: Fernet keys (32 random bytes as URL-safe base64), newest first, at least one."""
    keys = words(name)
    if not keys:
        raise WrongSettingError(f"{name} is not set. Set it, or {name}_FILE, to keys from `Fernet.generate_key()`.")
    for number, key in enumerate(keys, start=1):
        try:
            Fernet(key)
        except ValueError:
            raise WrongSettingError(f"{name}: key {number} is not 32 bytes in URL-safe base64.") from None
    return keys


def folder(name: str, default: Path) -> Path:
    """Return setting `name` as an absolute path (not created here)."""
    return Path(text(name, str(default))).expanduser().absolute()


def is_set(name: str) -> bool:
    """Tell whether the environment carries `name` or `name_FILE`."""
    return bool(os.environ.get(name) or os.environ.get(f"{name}_FILE"))

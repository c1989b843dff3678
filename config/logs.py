"""Structured logs: one JSON object a line for machines, key-value for a person at a terminal; secrets never.

Whatever is bound to `structlog.contextvars` (request_id, incident, page, duty) stands in every line of that context,
lines of libraries too.
"""

from __future__ import annotations

import re
import sys
from typing import Any, Final

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

REDACTED: Final = "[redacted]"

_SECRET_NAME: Final = re.compile(
    r"(?:^|_)(?:password|passwd|secret|secrets?_keys?|secret_key|token|authorization|cookie|credentials?|"
    r"(?:api|routing|integration|heartbeat|signing|private)_key|ticket|dsn|database_url|redis_url|email_url)s?$",
    re.IGNORECASE,
)
_IN_TEXT: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}"), rf"\1 {REDACTED}"),
    # A password in an address: scheme://user:password@host
    (re.compile(r"(?P<before>\b[a-z][\w+.-]*://[^\s/:@]*:)[^\s/@]+(?=@)"), rf"\g<before>{REDACTED}"),
    # The keys that stand in paths: integrations, heartbeats, the links of messages, calls.
    (re.compile(r"(/integrations/[\w-]+/|/ping/|/p/|/push/\w+/|/\w+/voice/)[^/\s?\"']+"), rf"\1{REDACTED}"),
    (re.compile(r"\bmuster_[\w-]{20,}"), REDACTED),
    # Django's signed values (value:signature or value:time:signature) and password reset tokens.
    (re.compile(r"[\w=.-]+(?::[\w-]{5,8})?:[\w-]{43}\b"), REDACTED),
    (re.compile(r"(?i)([?&](?:ticket|token|key|signature|sig|code|password)=)[^&\s\"']+"), rf"\1{REDACTED}"),
    (re.compile(r"(/password/reset/key/)[^/\s?\"']+"), rf"\1{REDACTED}"),
)


def clean_text(text: str) -> str:
    """Return `text` with everything that looks like a key, a token or a password replaced."""
    for pattern, replacement in _IN_TEXT:
        text = pattern.sub(replacement, text)
    return text


def _clean(name: str, value: Any) -> Any:
    if _SECRET_NAME.search(name) and value not in (None, "", True, False):
        return REDACTED
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, dict):
        return {key: _clean(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_clean("", inner) for inner in value]
    return value


def redact(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Take secrets out of a log line, by the name of the key and by the look of the text."""
    return {key: value if key.startswith("_") else _clean(key, value) for key, value in line.items()}


_BEFORE: Final[list[Processor]] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def _last_steps(log_format: str) -> list[Processor]:
    """Return how a line is written: JSON unless standard error is a terminal, or as LOG_FORMAT says."""
    as_console = log_format == "console" or (log_format != "json" and sys.stderr.isatty())
    meta = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if as_console:
        return [
            meta,
            structlog.processors.format_exc_info,
            redact,
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()),
        ]
    return [meta, structlog.processors.format_exc_info, redact, structlog.processors.JSONRenderer()]


def formatter(*, log_format: str) -> structlog.stdlib.ProcessorFormatter:
    """Return the formatter of every line, ours and libraries'; `log_format` as for `logging_settings`."""
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=_BEFORE, processors=_last_steps(log_format))


def logging_settings(*, log_format: str, level: str) -> dict[str, Any]:
    """Return Django's LOGGING: everything to standard error through one formatter; sets structlog up as well.

    `log_format` is "json", "console" or "" (console on a terminal, else JSON).
    """
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_BEFORE,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": formatter, "log_format": log_format}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Ours says each request once; a 404 or 403 of a stranger is no warning.
            "django.request": {"level": "ERROR"},
            "django.server": {"level": "WARNING"},
            "httpx": {"level": "WARNING"},
            "httpcore": {"level": "WARNING"},
            "twilio": {"level": "WARNING"},
            "axes": {"level": "WARNING"},
            # Each command line, in full, and each key that is tried.
            "asyncssh": {"level": "WARNING"},
            # Two lines for each message of a burst say nothing that the deliveries do not.
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
        },
    }

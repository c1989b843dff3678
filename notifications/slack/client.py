"""The official library's client for the workspace in the settings, with our own limits."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from functools import lru_cache
from http.client import HTTPException
from typing import TYPE_CHECKING, Any, Final
from urllib.error import URLError

from django.conf import settings

from notifications.channels.base import CALL_S, ChannelFailure, OutcomeUnknown, TemporaryFailure
from notifications.slack.errors import DONE, failure_of

if TYPE_CHECKING:
    from slack_sdk import WebClient

Answer = dict[str, Any]
READING: Final = (
    "auth.test",
    "chat.getPermalink",
    "conversations.history",
    "conversations.info",
    "conversations.list",
    "conversations.replies",
    "users.",
    "pins.list",
)
"""Beginnings of methods that change nothing: without an answer they are just asked again."""

# The library formats every request for its log unless its logger's own level forbids it, and logs what we raise.
_quiet = logging.getLogger("notifications.slack.library")
_quiet.setLevel(logging.CRITICAL)


def trouble() -> str:
    """Return which settings are missing, as a sentence; "" when none is."""
    names = [name for name in ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET") if not getattr(settings, name)]
    if names == ["SLACK_SIGNING_SECRET"] and settings.SLACK_APP_TOKEN:
        return ""  # all that Slack tells comes by Socket Mode, which is not signed
    return f"Slack needs {' and '.join(names)} to be set." if names else ""


def call(method: str, arguments: Mapping[str, Any], *, timeout_s: float = CALL_S, token: str = "") -> Answer:
    """Call a method of Slack's Web API and return its answer, which says `ok`; outside any transaction.

    What was so already (`already_pinned` …) counts as done: the answer then carries that code under `already`.
    Connecting and each read may take `timeout_s`. Never sleeps and never tries again. `token`: the app's, in place
    of the bot's.

    Raises `TemporaryFailure`, `PermanentFailure` (Slack's code in `code`) or `OutcomeUnknown`, and nothing else.
    """
    from slack_sdk.errors import SlackApiError, SlackClientError

    given = {name: _as_form(value) for name, value in arguments.items() if value is not None}
    client = _client(token or settings.SLACK_BOT_TOKEN, settings.SLACK_API_URL, timeout_s)
    try:
        answer = client.api_call(method, data=given).data
    except SlackApiError as error:
        body = error.response.data if isinstance(error.response.data, dict) else {}
        code = str(body.get("error") or "")
        if code in DONE:
            return {"ok": True, "already": code}
        raise failure_of(
            status=error.response.status_code,
            code=code,
            retry_after=_header(error.response.headers, "retry-after"),
            setting="SLACK_APP_TOKEN" if token else "SLACK_BOT_TOKEN",
        ) from None
    except (SlackClientError, OSError, HTTPException, ValueError) as error:
        raise _failure(error, changes=not method.startswith(READING)) from None
    return answer if isinstance(answer, dict) else {}


def prepare() -> None:
    """Load the library: its first import must not be waited for by a page."""
    if not trouble():
        _client(settings.SLACK_BOT_TOKEN, settings.SLACK_API_URL, CALL_S)


@lru_cache(maxsize=16)
def _client(token: str, api_url: str, timeout_s: float) -> WebClient:
    # 12 MiB that most processes never need.
    from slack_sdk import WebClient

    # The library's annotation says whole seconds; what takes the limit (socket) takes fractions.
    limit: Any = timeout_s
    return WebClient(token=token, base_url=api_url, timeout=limit, retry_handlers=[], logger=_quiet)


def _as_form(value: Any) -> str:
    """Return an argument as forms carry it: every method takes forms, only some take JSON."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case int():
            return str(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _failure(error: Exception, *, changes: bool) -> ChannelFailure:
    # urllib wraps what happens before the request has left in URLError, and raises what comes after as it is.
    if isinstance(error, URLError) or not changes:
        reason = error.reason if isinstance(error, URLError) else error
        if changes and isinstance(reason, ConnectionResetError | BrokenPipeError):
            return OutcomeUnknown("Slack gave no answer; it may have been done.", code="no_answer")
        return TemporaryFailure(f"Slack can't be reached ({type(reason).__name__}).", code="unreachable")
    return OutcomeUnknown("Slack gave no answer; it may have been done.", code="no_answer")


def _header(headers: Mapping[str, Any], name: str) -> str | None:
    return next((str(value) for key, value in headers.items() if key.lower() == name), None)

"""What Slack's refusals mean: the HTTP status first, then this table; an unknown code is about this one message.

Source: the "errors" of each method on docs.slack.dev, and docs.slack.dev/apis/web-api/rate-limits.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Literal

from notifications.channels.base import ChannelFailure, OutcomeUnknown, PermanentFailure, TemporaryFailure

Meaning = Literal["temporary", "unknown", "done", "address", "configuration", "message"]
"""temporary: a bad moment. unknown: it may have been done all the same. done: it was so already. Else: permanent."""

TEMPORARY: Final = frozenset(
    {
        "ratelimited",
        "rate_limited",
        "message_limit_exceeded",
        "service_unavailable",
        "team_added_to_org",
        "request_timeout",  # Slack's own: the request's body never arrived whole
    }
)
UNKNOWN: Final = frozenset({"fatal_error", "internal_error"})
"""Slack: "it's possible some aspect of the operation succeeded before the error was raised"."""
DONE: Final = frozenset(
    {
        "already_archived",
        "already_in_channel",
        "already_pinned",
        "already_reacted",
        "no_pin",
        "no_reaction",
        "not_archived",
    }
)
ADDRESS: Final = frozenset(
    {
        "account_inactive_user",
        "cannot_dm_bot",
        "cant_invite",
        "cant_invite_self",
        "channel_not_found",
        "is_archived",
        "messages_tab_disabled",
        "not_in_channel",
        "user_disabled",
        "user_is_bot",
        "user_is_restricted",
        "user_not_found",
        "user_not_visible",
        "users_not_found",
    }
)
CONFIGURATION: Final = frozenset(
    {
        "access_denied",
        "account_inactive",
        "enterprise_is_restricted",
        "invalid_auth",
        "missing_scope",
        "no_permission",
        "not_allowed_token_type",
        "not_authed",
        "org_login_required",
        "restricted_action",
        "team_access_not_granted",
        "token_expired",
        "token_revoked",
    }
)
UNUSABLE: Final = CONFIGURATION - {
    "missing_scope",
    "no_permission",
    "not_allowed_token_type",
    "restricted_action",
}
"""Nothing at all can be done in the workspace until somebody mends it; the others are about one method."""
LONGEST_PAUSE_S: Final = 3600.0
"""Slack asks for seconds or minutes; a number beyond that is nobody's wish."""
SENTENCES: Final[Mapping[str, str]] = {
    "invalid_auth": "Slack does not know the token in {setting}.",
    "token_revoked": "The token in {setting} was revoked.",
    "token_expired": "The token in {setting} has expired.",
    "account_inactive": "The app was removed from the workspace, or its owner's account was closed.",
    "missing_scope": "The app lacks a permission (scope) in Slack.",
    "channel_not_found": "Slack knows no such person or channel, or the app can't see it.",
    "user_not_found": "Slack knows no such person.",
    "is_archived": "The channel is archived.",
    "not_in_channel": "The app is not a member of the channel.",
    "expired_trigger_id": "It took longer than the 3 seconds that Slack allows for opening a window.",
    "msg_too_long": "The message is longer than Slack takes.",
    "invalid_blocks": "Slack refused the message's layout.",
}

_CODE: Final = re.compile(r"[a-z][a-z0-9_]{1,60}")


def meaning_of(code: str) -> Meaning:
    """Return what an error code of Slack means; one that nobody knows is about this one message."""
    tables: tuple[tuple[frozenset[str], Meaning], ...] = (
        (TEMPORARY, "temporary"),
        (UNKNOWN, "unknown"),
        (DONE, "done"),
        (ADDRESS, "address"),
        (CONFIGURATION, "configuration"),
    )
    return next((meaning for codes, meaning in tables if code in codes), "message")


def failure_of(*, status: int, code: str, retry_after: str | None, setting: str = "SLACK_BOT_TOKEN") -> ChannelFailure:
    """Return the failure that an answer of Slack stands for: an HTTP error, or 200 with `ok: false` and `code`.

    `setting` names where the token comes from.
    """
    if not _CODE.fullmatch(code):  # a proxy's page, or nothing at all: then nobody knows what Slack did
        code = str(status)
        if status < 400:
            return OutcomeUnknown("Slack's answer can't be read.", code=code)
    detail = SENTENCES.get(code, "Slack answered {code}.").format(setting=setting, code=code)
    if status == 429 or code in TEMPORARY:
        return TemporaryFailure(detail, code=code, retry_after_s=_seconds(retry_after))
    if status >= 500 or code in UNKNOWN:
        return OutcomeUnknown(detail, code=code)
    match meaning_of(code):
        case "address":
            return PermanentFailure(detail, scope="address", code=code)
        case "configuration":
            return PermanentFailure(detail, scope="configuration", code=code)
        case _:
            return PermanentFailure(detail, scope="message", code=code)


def _seconds(text: str | None) -> float | None:
    if text is None or not (text.isascii() and text.strip().isdecimal()):
        return None
    return min(float(text), LONGEST_PAUSE_S)

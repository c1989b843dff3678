"""The workspace behind SLACK_BOT_TOKEN: which it is, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from django.conf import settings
from django.db import transaction

from notifications.channels.base import ChannelFailure, PermanentFailure
from notifications.slack.client import call, trouble
from notifications.slack.errors import UNUSABLE
from rooms.models import SlackOutgoing, SlackWorkspace
from web import live

CHECK_EVERY: Final = timedelta(hours=1)
CHECK_BROKEN_EVERY: Final = timedelta(minutes=1)
SOCKET_SILENT: Final = timedelta(minutes=2)
"""Each connection is noted twice a minute while it stands; two renewed at once are no trouble."""

log = structlog.get_logger(__name__)


def workspace() -> SlackWorkspace | None:
    """Return the connected workspace as it was last seen; None when there never was one."""
    return SlackWorkspace.objects.order_by("-checked_at").first()


def team_id() -> str:
    """Return the workspace's id, "" when none is known yet."""
    return SlackWorkspace.objects.order_by("-checked_at").values_list("team_id", flat=True).first() or ""


def check(*, now: datetime) -> SlackWorkspace | None:
    """Ask Slack who we are and keep the answer; None when Slack can't be used and never could. Outside transactions."""
    if trouble():
        return None
    try:
        told = call("auth.test", {})
    except ChannelFailure as failure:
        note_trouble(failure, now=now)
        return workspace()
    return _connected(told, now=now)


def check_when_due(*, now: datetime) -> None:
    """Check once an hour, and each minute while something is wrong."""
    if trouble():
        return
    known = workspace()
    if known is not None and known.checked_at is not None:
        pause = CHECK_BROKEN_EVERY if known.error else CHECK_EVERY
        if now - known.checked_at < pause:
            return
    check(now=now)


def note_trouble(failure: ChannelFailure, *, now: datetime) -> None:
    """Keep what keeps us from using the workspace, if it is that kind of failure."""
    if isinstance(failure, PermanentFailure) and failure.scope != "configuration":
        return
    _note(failure.detail, now=now)


def heard_of_trouble(envelope: Mapping[str, Any], *, now: datetime) -> bool:
    """Keep what Slack tells about the app itself: removed, tokens revoked, too many events. True when it was that."""
    event = envelope.get("event")
    kind = str(event.get("type", "")) if isinstance(event, dict) else str(envelope.get("type", ""))
    sentence = {
        "app_uninstalled": "The app was removed from the workspace.",
        "tokens_revoked": "Somebody revoked the app's token.",
        "app_rate_limited": "Slack withholds events for a minute: there were too many.",
    }.get(kind, "")
    if sentence:
        log.warning("slack_trouble", told=kind)
        _note(sentence, now=now)
    return bool(sentence)


def _connected(told: Mapping[str, Any], *, now: datetime) -> SlackWorkspace:
    facts = {
        "name": str(told.get("team", ""))[:200],
        "url": str(told.get("url", ""))[:300],
        "bot_user_id": str(told.get("user_id", ""))[:20],
        "bot_id": str(told.get("bot_id", ""))[:20],
        "checked_at": now,
        "error": "",
        "error_at": None,
    }
    with transaction.atomic():
        row, _new = SlackWorkspace.objects.update_or_create(
            team_id=str(told.get("team_id", ""))[:20], defaults=facts, create_defaults=facts | {"connected_at": now}
        )
        # What could not be said while the workspace could not be used is said now.
        SlackOutgoing.objects.filter(state="pending", code__in=UNUSABLE, not_before__gt=now).update(not_before=now)
        live.changed("settings")
    return row


def _note(sentence: str, *, now: datetime) -> None:
    with transaction.atomic():
        changed = SlackWorkspace.objects.update(error=sentence[:300], error_at=now, checked_at=now)
        if changed:
            live.changed("settings")


def note_socket(*, trouble: str, now: datetime) -> None:
    """Keep that Slack is heard by Socket Mode, or why it is not (`trouble`)."""
    with transaction.atomic():
        if trouble:
            changed = SlackWorkspace.objects.exclude(socket_error=trouble[:300]).update(socket_error=trouble[:300])
        else:
            changed = SlackWorkspace.objects.update(socket_error="", socket_at=now)
        if changed:
            live.changed("settings")


def socket_trouble(*, now: datetime) -> str:
    """Return why nothing that people do in Slack arrives by Socket Mode, "" while it does or is not used."""
    room = workspace()
    if not settings.SLACK_APP_TOKEN or room is None or (room.socket_at and now - room.socket_at < SOCKET_SILENT):
        return ""
    return room.socket_error or "Nothing listens to Slack: the process run_slack is not there, or has no connection."


def is_set_up() -> bool:
    """Tell whether the settings say that Slack is to be used."""
    return bool(settings.SLACK_BOT_TOKEN) and not trouble()

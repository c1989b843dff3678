"""From what Slack sends, by HTTP or by a socket, to one shape; pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from rooms.slack.registry import Kind

Payload = Mapping[str, Any]
KINDS: Final[Mapping[str, Kind]] = {
    "block_actions": "action",
    "view_submission": "submission",
    "view_closed": "closed",
    "shortcut": "shortcut",
    "message_action": "shortcut",
}


@dataclass(frozen=True, kw_only=True)
class Arrived:
    """What came, before anybody was looked up. `key` is the same for Slack's repetitions of one thing, "" where Slack
    gives nothing to tell by; `payload` is without the workspace's old verification token."""

    kind: Kind
    name: str
    key: str
    team_id: str
    user_id: str
    channel_id: str
    trigger_id: str
    response_url: str
    payload: dict[str, Any]


def command(form: Payload) -> Arrived:
    """Read a slash command."""
    payload = _clean(form)
    trigger = _text(payload, "trigger_id")
    return Arrived(
        kind="command",
        name=_text(payload, "command").lower(),
        key=f"command:{trigger}" if trigger else "",
        team_id=_text(payload, "team_id"),
        user_id=_text(payload, "user_id"),
        channel_id=_text(payload, "channel_id"),
        trigger_id=trigger,
        response_url=_text(payload, "response_url"),
        payload=payload,
    )


def interaction(given: Payload) -> Arrived | None:
    """Read a pressed button, a sent modal or a shortcut; None for kinds that we never ask for."""
    payload = _clean(given)
    kind = KINDS.get(_text(payload, "type"))
    if kind is None:
        return None
    view = _part(payload, "view")
    actions = payload.get("actions")
    action = actions[0] if isinstance(actions, list) and actions and isinstance(actions[0], dict) else {}
    trigger = _text(payload, "trigger_id")
    match kind:
        case "action":
            name, key = (
                _text(action, "action_id"),
                f"{trigger}:{_text(action, 'action_ts')}:{_text(action, 'action_id')}",
            )
        case "submission" | "closed":
            name, key = _text(view, "callback_id"), f"{_text(view, 'id')}:{_text(view, 'hash')}:{trigger}"
        case _:
            name, key = _text(payload, "callback_id"), trigger or _text(payload, "action_ts")
    return Arrived(
        kind=kind,
        name=name,
        key=f"{kind}:{key}" if key.strip(":") else "",
        team_id=_text(_part(payload, "team"), "id"),
        user_id=_text(_part(payload, "user"), "id"),
        channel_id=_text(_part(payload, "channel"), "id") or _text(_part(payload, "container"), "channel_id"),
        trigger_id=trigger,
        response_url=_text(payload, "response_url"),
        payload=payload,
    )


def event(given: Payload) -> Arrived | None:
    """Read an envelope of the Events API; None for what carries no event."""
    payload = _clean(given)
    inner = _part(payload, "event")
    if _text(payload, "type") != "event_callback" or not inner:
        return None
    identity = _text(payload, "event_id")
    item = _part(inner, "item")
    return Arrived(
        kind="event",
        name=_text(inner, "type"),
        key=f"event:{identity}" if identity else "",
        team_id=_text(payload, "team_id"),
        user_id=_text(inner, "user"),
        channel_id=_text(inner, "channel") or _text(item, "channel"),
        trigger_id="",
        response_url="",
        payload=payload,
    )


def _clean(given: Payload) -> dict[str, Any]:
    try:
        cleaned = _storable({name: value for name, value in given.items() if name != "token"})
    except RecursionError:  # nothing of Slack's is nested so deep
        return {}
    return cleaned if isinstance(cleaned, dict) else {}


def _storable(value: Any) -> Any:
    """Return what PostgreSQL stores of it: no NUL, no half of a character, no number that is none. Nobody means one."""
    match value:
        case str():
            return value.replace("\0", "").encode("utf-8", "replace").decode()
        case float():
            return value if math.isfinite(value) else None
        case list():
            return [_storable(each) for each in value]
        case dict():
            return {_storable(str(name)): _storable(each) for name, each in value.items()}
    return value


def _text(payload: Payload, name: str) -> str:
    value = payload.get(name)
    return value if isinstance(value, str) else ""


def _part(payload: Payload, name: str) -> dict[str, Any]:
    value = payload.get(name)
    if isinstance(value, dict):
        return value
    # Events name a channel or a user by its id alone.
    return {"id": value} if isinstance(value, str) else {}

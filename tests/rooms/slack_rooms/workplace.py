"""A connected workspace in the database, what people do in it, and what Slack answers: without any network."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from engine.duties import run_once
from incidents.models import Incident
from people.models import Person
from rooms.models import SlackChannel, SlackOutgoing, SlackUser, SlackWorkspace
from rooms.slack import outcomes
from rooms.slack.registry import Came, Kind
from tests.builders import NOW

TEAM: Final = "T0001"
_numbers = itertools.count(1)


def connect(**how: Any) -> SlackWorkspace:
    """Let the workspace be connected."""
    facts = {"team_id": TEAM, "name": "Harbor", "bot_user_id": "UBOT1", "connected_at": NOW, "checked_at": NOW}
    return SlackWorkspace.objects.create(**(facts | how))


def link(*people: Person) -> None:
    """Let these people be linked to Slack users of their own."""
    for person in people:
        SlackUser.objects.create(
            team_id=TEAM, user_id=f"U{next(_numbers):05d}", person=person, name=person.name, linked_at=NOW
        )


def user_of(person: Person) -> str:
    """Return somebody's Slack user id."""
    return SlackUser.objects.get(person=person).user_id


def look(at: float = 0) -> None:
    """Let the engine bring the channels up, so many seconds after `NOW`."""
    run_once("slack_rooms", now=NOW + timedelta(seconds=at))


def waiting(method: str = "") -> list[SlackOutgoing]:
    """Return the calls that wait to go out, in order."""
    rows = SlackOutgoing.objects.filter(state="pending").order_by("pk")
    return list(rows.filter(method=method) if method else rows)


def deliver(at: float = 0, **refused: str) -> list[tuple[str, dict[str, Any]]]:
    """Let Slack take everything that is due, and return it; `refused` names errors by method (`_` for the dot)."""
    now, said = NOW + timedelta(seconds=at), []
    while row := SlackOutgoing.objects.filter(state="pending", not_before__lte=now).order_by("pk").first():
        said.append((row.method, dict(row.arguments)))
        _end(row, code=refused.get(row.method.replace(".", "_"), ""), now=now)
    return said


def bring_up(at: float = 0) -> list[tuple[str, dict[str, Any]]]:
    """Look and deliver until nothing is left to say, and return everything that was said."""
    said: list[tuple[str, dict[str, Any]]] = []
    for _round in range(10):
        look(at)
        new = deliver(at)
        said += new
        if not new:
            break
    return said


def channel_of(incident: Incident) -> SlackChannel:
    """Return the incident's channel."""
    return SlackChannel.objects.get(incident=incident)


def came(
    kind: Kind,
    name: str,
    person: Person | None,
    *,
    text: str = "",
    value: str = "",
    channel: str = "",
    key: str = "",
    view: Mapping[str, Any] | None = None,
    payload: Mapping[str, Any] | None = None,
    at: datetime = NOW,
) -> Came:
    """Return what the doors hand on: a command, a pressed button, a sent modal, an event."""
    given: dict[str, Any] = {"text": text, "actions": [{"action_id": name, "value": value}], **(payload or {})}
    if view is not None:
        given["view"] = view
    return Came(
        kind=kind,
        name=name,
        key=key or f"{kind}:{next(_numbers)}",
        team_id=TEAM,
        user_id=user_of(person) if person is not None else "UNOBODY",
        channel_id=channel,
        trigger_id="1.2.3",
        response_url="https://hooks.slack.example/1",
        payload=given,
        person=person,
        now=at,
    )


def filled(callback: str, *, remember: Mapping[str, str] | None = None, **fields: Any) -> dict[str, Any]:
    """Return a modal as it is sent: text and chosen options by field; True for a ticked box."""
    values: dict[str, Any] = {}
    for name, value in fields.items():
        if value is True:
            values[name] = {"value": {"type": "checkboxes", "selected_options": [{"value": "yes"}]}}
        elif name in ("severity", "status", "service", "role"):
            values[name] = {"value": {"type": "static_select", "selected_option": {"value": value} if value else None}}
        elif name == "person":
            values[name] = {"value": {"type": "users_select", "selected_user": value}}
        else:
            values[name] = {"value": {"type": "plain_text_input", "value": value or None}}
    return {
        "id": f"V{next(_numbers)}",
        "callback_id": callback,
        "private_metadata": json.dumps(dict(remember or {})),
        "state": {"values": values},
    }


def whispered() -> str:
    """Return what people were told for their eyes only, as one text, and forget it."""
    rows = SlackOutgoing.objects.filter(method="response_url", state="pending").order_by("pk")
    text = "\n".join(str(row.arguments["text"]) for row in rows)
    rows.delete()
    return text


def everything_said() -> str:
    """Return all that ever was to go to Slack, as one text."""
    return "\n".join(json.dumps([row.method, row.arguments], ensure_ascii=False) for row in SlackOutgoing.objects.all())


def _end(row: SlackOutgoing, *, code: str, now: datetime) -> None:
    number = next(_numbers)
    answer: dict[str, Any] | None = {"ok": True}
    if row.method == "conversations.create":
        answer = {"ok": True, "channel": {"id": f"C{number:05d}", "name": row.arguments["name"]}}
    elif row.method == "chat.postMessage":
        answer = {"ok": True, "channel": row.arguments["channel"], "ts": f"17{number:08d}.000100"}
    with transaction.atomic():
        row.state, row.ended_at, row.code = ("failed" if code else "done"), now, code
        row.reason = f"Slack answered {code}." if code else ""
        row.save()
        outcomes.tell(row, None if code else answer)

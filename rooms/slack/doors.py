"""What Slack calls: commands, interactions, events. Each is verified, kept and answered within 3 s."""

from __future__ import annotations

import json
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse, JsonResponse

from engine import clock
from rooms.slack import reading
from rooms.slack.inbound import receive
from rooms.slack.signatures import from_slack
from rooms.slack.workspace import heard_of_trouble

log = structlog.get_logger(__name__)


@from_slack
def commands(request: HttpRequest) -> HttpResponse:
    """Take a slash command."""
    if "ssl_check" in request.POST:
        return HttpResponse(status=200)
    return _answer(receive(reading.command(request.POST.dict()), now=clock.now()))


@from_slack
def interactions(request: HttpRequest) -> HttpResponse:
    """Take a pressed button, a chosen option, a sent modal or a shortcut."""
    return _answer(take_interaction(_object(request.POST.get("payload", ""))))


@from_slack
def events(request: HttpRequest) -> HttpResponse:
    """Take an event; a repeated one (X-Slack-Retry-Num) has the same event_id and changes nothing."""
    envelope = _object(request.body.decode("utf-8", "replace"))
    if envelope.get("type") == "url_verification":
        return JsonResponse({"challenge": str(envelope.get("challenge", ""))[:200]})
    return _answer(take_event(envelope))


def take_interaction(payload: dict[str, Any]) -> dict[str, Any] | None:
    """Take an interaction, however it came; return the body of the answer."""
    arrived = reading.interaction(payload)
    return None if arrived is None else receive(arrived, now=clock.now())


def take_event(envelope: dict[str, Any]) -> dict[str, Any] | None:
    """Take an envelope of the Events API, however it came; return the body of the answer."""
    now = clock.now()
    if heard_of_trouble(envelope, now=now):
        return None
    arrived = reading.event(envelope)
    return None if arrived is None else receive(arrived, now=now)


def _answer(body: dict[str, Any] | None) -> HttpResponse:
    # An empty answer and nothing else: Slack shows any text in it to the person.
    if not body:
        return HttpResponse(status=200 if body is None else 204)
    return JsonResponse(body)


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        log.warning("slack_body_unreadable", length=len(text))
        return {}
    return found

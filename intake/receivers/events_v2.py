"""`POST /v2/enqueue` and `/v2/change/enqueue`: PagerDuty Events API v2."""

from __future__ import annotations

import secrets
from typing import Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from intake.models import IntegrationKey
from intake.operations.store_events import store_event_by_key
from intake.receivers.door import (
    TOO_OFTEN,
    TooLarge,
    digest_of,
    keep_strangers,
    read_body,
    unavailable_without_database,
    wait_a_minute,
)
from intake.rules.body import read_json
from intake.rules.events_v2 import parse_change, parse_event
from intake.rules.parsed import NotUnderstood, ParsedEvent

_UNKNOWN_KEY: Final = "'routing_key' is not known here or was revoked"


@csrf_exempt
@require_POST
@unavailable_without_database
def enqueue(request: HttpRequest) -> HttpResponse:
    """Take a trigger, acknowledge or resolve event: 202 with its dedup key, 400 with every fault; 429 for unknown keys
    from a place that sends too many."""
    return _take(request, change=False)


@csrf_exempt
@require_POST
@unavailable_without_database
def enqueue_change(request: HttpRequest) -> HttpResponse:
    """Take a change event: stored, never notifies."""
    return _take(request, change=True)


def _take(request: HttpRequest, *, change: bool) -> HttpResponse:
    try:
        body = read_body(request)
    except TooLarge:
        keep_strangers(request, b"", "The event is larger than 512 KB.")
        return _refuse("Event object is too large", ["The event must be at most 512 KB."], status=413)
    try:
        given = read_json(body)
    except ValueError as error:
        keep_strangers(request, body, str(error))
        return _refuse("Event object is invalid", [str(error)], word="Unrecognized object")
    try:
        key, event = parse_change(given) if change else parse_event(given, new_key=lambda: secrets.token_hex(16))
    except NotUnderstood as error:
        keep_strangers(request, body, "; ".join(error.errors))
        return _refuse(error.message, error.errors)
    if not store_event_by_key(digest=digest_of(key), kind=IntegrationKey.Kind.EVENTS_V2, event=event):
        if not keep_strangers(request, body, _UNKNOWN_KEY):
            return wait_a_minute(_refuse(TOO_OFTEN, [TOO_OFTEN], word="throttle exceeded"))
        return _refuse("Event object is invalid", [_UNKNOWN_KEY])
    return _accepted(event)


def _accepted(event: ParsedEvent) -> HttpResponse:
    if event.action == "change":
        return JsonResponse({"status": "success", "message": "Change event processed"}, status=202)
    return JsonResponse({"status": "success", "message": "Event processed", "dedup_key": event.dedup_key}, status=202)


def _refuse(message: str, errors: list[str], *, status: int = 400, word: str = "invalid event") -> HttpResponse:
    return JsonResponse({"status": word, "message": message, "errors": errors}, status=status)

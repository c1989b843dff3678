"""`/integrations/webhook/<key>`: any JSON, read by the key's mapping."""

from __future__ import annotations

import json
from typing import Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from engine import clock
from intake.models import IntegrationKey
from intake.operations.store_events import Source
from intake.operations.thought_over import store_or_begin_anew
from intake.receivers.door import (
    TOO_OFTEN,
    TooLarge,
    digest_of,
    keep_rejected,
    keep_strangers,
    read_body,
    unavailable_without_database,
    wait_a_minute,
)
from intake.rules.mapping import WebhookMapping
from intake.rules.parsed import NotUnderstood
from intake.rules.webhook import Reading, read_webhook
from intake.rules.webhook_body import read_webhook_body

_UNKNOWN_KEY: Final = "This integration address is not known here or was revoked."


@csrf_exempt
@require_http_methods(["POST", "PUT"])
@unavailable_without_database
def receive(request: HttpRequest, key: str) -> HttpResponse:
    """Take the events of a body: 202 when stored, 400 when nothing in it can be understood, 404 for an unknown key, 429
    for those of a place that sends too many.

    What of it is not understood goes to quarantine, in the body it came in, without those events that were taken.
    """
    found = _find(key)
    if found is None:
        if not keep_strangers(request, b"", "The key in the address is not known here or was revoked."):
            return wait_a_minute(_refuse(TOO_OFTEN))
        return _refuse(_UNKNOWN_KEY, status=404)
    source, mapping = found
    try:
        body = read_body(request)
    except TooLarge:
        keep_rejected(request, b"", "The webhook is larger than 512 KB.", source)
        return _refuse("The webhook must be at most 512 KB.", status=413)
    try:
        reading = read_webhook(read_webhook_body(body), mapping)
    except NotUnderstood as error:
        keep_rejected(request, body, "; ".join(error.errors), source)
        return _refuse(" ".join(error.errors))
    except ValueError as error:
        keep_rejected(request, body, str(error), source)
        return _refuse(str(error))
    store_or_begin_anew(source=source, events=reading.events, unkeyed=reading.unkeyed, now=clock.now())
    if reading.errors:
        keep_rejected(request, json.dumps(reading.left).encode(), "; ".join(reading.errors), source)
    return _accept(reading)


def _find(key: str) -> tuple[Source, WebhookMapping] | None:
    """Return the live integration behind a key, with how its bodies are read. One query on a unique index."""
    rows = IntegrationKey.objects.filter(digest=digest_of(key), kind=IntegrationKey.Kind.WEBHOOK, revoked_at=None)
    row = rows.values_list("id", "service_id", "mapping").first()
    return (Source(row[0], row[1]), WebhookMapping.of_stored(row[2])) if row else None


def _accept(reading: Reading) -> HttpResponse:
    answer: dict[str, object] = {"status": "success", "message": f"{len(reading.events)} events taken"}
    if len(reading.events) == 1:
        answer["dedup_key"] = reading.events[0].dedup_key
    if reading.errors:
        answer["errors"] = list(reading.errors)
    return JsonResponse(answer, status=202)


def _refuse(sentence: str, *, status: int = 400) -> HttpResponse:
    return JsonResponse({"status": "refused", "message": sentence, "errors": [sentence]}, status=status)

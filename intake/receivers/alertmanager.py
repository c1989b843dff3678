"""`/integrations/alertmanager/<key>` and `/integrations/grafana/<key>`: webhooks of one shape, versions 4 and 1."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from engine import clock
from intake.models import IntegrationKey
from intake.operations.store_events import store_events
from intake.receivers.door import (
    TOO_OFTEN,
    TooLarge,
    find_source,
    keep_rejected,
    keep_strangers,
    read_body,
    unavailable_without_database,
    wait_a_minute,
)
from intake.rules.alertmanager import parse_webhook
from intake.rules.body import read_json
from intake.rules.parsed import NotUnderstood


@csrf_exempt
@require_http_methods(["POST", "PUT"])
@unavailable_without_database
def receive(request: HttpRequest, key: str, kind: IntegrationKey.Kind) -> HttpResponse:
    """Take a group of alerts: 202 when stored. A 4xx is final for the sender, so it only answers nonsense;
    but for 429, which a place hears that sends too many unknown keys."""
    source = find_source(key, kind)
    if source is None:
        if not keep_strangers(request, b"", "The key in the address is not known here or was revoked."):
            return wait_a_minute(_refuse(TOO_OFTEN))
        return _refuse("This integration address is not known here or was revoked.", status=404)
    try:
        body = read_body(request)
    except TooLarge:
        keep_rejected(request, b"", "The webhook is larger than 512 KB.", source)
        return _refuse("The webhook must be at most 512 KB; lower max_alerts.", status=413)
    try:
        events, resolved_group = parse_webhook(read_json(body))
    except NotUnderstood as error:
        keep_rejected(request, body, "; ".join(error.errors), source)
        return _refuse(" ".join(error.errors))
    except ValueError as error:
        keep_rejected(request, body, str(error), source)
        return _refuse(str(error))
    store_events(source=source, events=events, now=clock.now(), resolved_group=resolved_group)
    return JsonResponse({"status": "success", "message": f"{len(events)} alerts taken"}, status=202)


def _refuse(sentence: str, *, status: int = 400) -> HttpResponse:
    return JsonResponse({"status": "refused", "message": sentence, "errors": [sentence]}, status=status)

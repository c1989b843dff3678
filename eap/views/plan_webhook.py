"""`POST /integrations/plans/<key>`: another system starts a plan. The address is the secret."""

from __future__ import annotations

import json
from typing import Any, Final

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from eap.operations.starts.by_webhook import start_by_webhook
from engine import clock
from intake.rules.text import clean
from web.errors import BadInput, NotFound, Refusal

BODY_LIMIT: Final = 64 * 1024
LONGEST_REASON: Final = 1_000


@csrf_exempt
@require_POST
def plan_webhook(request: HttpRequest, key: str) -> HttpResponse:
    """Start the plan of this address: a JSON object with `inputs`, and where wanted `incident` (its number) and
    `reason`. 201 with the run's id; a refusal says why, and what it says of each input."""
    try:
        given = _read(request)
        with transaction.atomic():
            run = start_by_webhook(key=key, now=clock.now(), **given)
    except BadInput as refusal:
        return JsonResponse({"message": refusal.sentence, "errors": refusal.errors}, status=refusal.status)
    except Refusal as refusal:
        # The address is a secret: one that is unknown looks like any other address that is not there.
        status = 404 if isinstance(refusal, NotFound) else refusal.status
        return JsonResponse({"message": refusal.sentence, "errors": {}}, status=status)
    return JsonResponse({"id": str(run.pk), "state": run.state, "drill": run.drill}, status=201)


def _read(request: HttpRequest) -> dict[str, Any]:
    body = request.read(BODY_LIMIT + 1)
    if len(body) > BODY_LIMIT:
        raise BadInput("Send at most 64 KB.", errors={"body": "At most 64 KB."})
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        raise BadInput("Send a JSON object.", errors={"body": "This is not JSON."}) from None
    inputs = found.get("inputs", {}) if isinstance(found, dict) else None
    if not isinstance(inputs, dict):
        raise BadInput('Send an object such as {"inputs": {"host": "web1"}}.', errors={"inputs": "This is no object."})
    number = found.get("incident")
    if number is not None and (not isinstance(number, int) or isinstance(number, bool)):
        raise BadInput("Name the incident by its number.", errors={"incident": "This is no number."})
    return {"inputs": inputs, "incident_number": number, "reason": clean(found.get("reason", ""), LONGEST_REASON)}

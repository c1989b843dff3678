"""What every receiver does first: bound the body, find the key; and what it does when it can't."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from typing import Any, Final

import structlog
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse

from engine import clock
from intake.models import IntegrationKey
from intake.operations.quarantine import quarantine
from intake.operations.store_events import Source
from intake.receivers.strangers import WINDOW_S, strangers
from intake.rules.events_v2 import BODY_LIMIT
from web.places import place_of

log = structlog.get_logger(__name__)

TOO_OFTEN: Final = "Too many requests without a key that is known here come from your address. Wait a minute."
RETRY_AFTER_S: Final = "5"
Receiver = Callable[..., HttpResponse]


class TooLarge(Exception):
    """The body is larger than the protocol allows."""


def unavailable_without_database(receiver: Receiver) -> Receiver:
    """Answer 503 when the database can't take an event: tools send it again on 5xx, but drop it on 4xx."""

    @functools.wraps(receiver)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return receiver(request, *args, **kwargs)
        except (OperationalError, InterfaceError) as error:
            log.warning("event refused, the database is away", error=type(error).__name__)
        sentence = "The event was not stored: the database can't be reached. Send it again."
        unavailable = JsonResponse({"status": "unavailable", "message": sentence, "errors": [sentence]}, status=503)
        unavailable["Retry-After"] = RETRY_AFTER_S
        return unavailable

    return answer


def read_body(request: HttpRequest) -> bytes:
    """Return the body; raises `TooLarge` beyond 512 KB without reading it into memory."""
    if int(request.headers.get("Content-Length") or 0) > BODY_LIMIT:
        raise TooLarge
    body: bytes = request.read(BODY_LIMIT + 1)
    if len(body) > BODY_LIMIT:
        raise TooLarge
    return body


def digest_of(key: str) -> str:
    """Return the SHA-256 by which an integration key is stored."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def find_source(key: str, kind: str) -> Source | None:
    """Return the live integration behind a key; None when unknown or revoked. One query on a unique index."""
    row = (
        IntegrationKey.objects.filter(digest=digest_of(key), kind=kind, revoked_at=None)
        .values_list("id", "service_id")
        .first()
    )
    return Source(*row) if row else None


def keep_rejected(request: HttpRequest, body: bytes, reason: str, source: Source | None) -> None:
    """Put a rejected request into quarantine. A flood of garbage must not hide in an error: failures are logged."""
    try:
        quarantine(
            path=request.resolver_match.route if request.resolver_match else "",  # never the key in it
            body=body,
            reason=reason,
            integration_id=source.integration_id if source else None,
            now=clock.now(),
        )
    except DatabaseError as error:
        log.warning("rejected event could not be kept", reason=reason, error=type(error).__name__)


def keep_strangers(request: HttpRequest, body: bytes, reason: str) -> bool:
    """Put a request that no known key vouches for into quarantine; False, and nothing of it is kept, when too many of
    them came from its place in this minute."""
    if strangers.is_one_too_many(place_of(request)):
        return False
    keep_rejected(request, body, reason, None)
    return True


def wait_a_minute(answer: HttpResponse) -> HttpResponse:
    """Return the refusal of a place that is heard no more for now, as what its sender tries again later."""
    answer.status_code = 429
    answer["Retry-After"] = str(WINDOW_S)
    return answer

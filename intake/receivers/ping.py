"""`/ping/<key>`: a job reports that it has started, succeeded or failed."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from engine import clock
from intake.models import IntegrationKey
from intake.operations.take_ping import Report, take_ping
from intake.receivers.door import digest_of, find_source, keep_rejected, unavailable_without_database
from intake.receivers.strangers import WINDOW_S, strangers
from intake.rules.events_v2 import BODY_LIMIT
from intake.rules.heartbeats import Signal
from intake.rules.text import clean, storable
from web.places import place_of

KEPT_BYTES: Final = 10_000
"""How much of a job's output is kept."""
CHUNK_BYTES: Final = 64 * 1024
RUN_ID_LENGTH: Final = 64
ADDRESS_LENGTH: Final = 45
HIGHEST_EXIT_STATUS: Final = 255


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@unavailable_without_database
def ping(request: HttpRequest, key: str, signal: str = "") -> HttpResponse:
    """Take a report: 200 when stored, 404 for an unknown key, 400 for an unknown signal; those go to quarantine.

    A place that comes with unknown keys more than 30 times a minute gets 429 for the others, and nothing of them is
    kept. What it reports by a known key is taken all the same: many jobs may share an address.
    """
    kept, cut = _read_body(request)
    found = _signal_of(signal)
    if found is None:
        source = find_source(key, IntegrationKey.Kind.HEARTBEAT)
        if source is None and strangers.is_one_too_many(place_of(request)):
            return _too_often()
        keep_rejected(request, kept, f"“{clean(signal, 100)}” is no signal of a heartbeat.", source)
        return _text("Say nothing (success), start, fail, or an exit status of 0 to 255.", status=400)
    body = storable(kept.decode("utf-8", "replace"))
    report = Report(
        signal=found[0],
        exit_status=found[1],
        run_id=clean(request.GET.get("rid", ""), RUN_ID_LENGTH),
        body=body,
        body_cut=cut,
        came_from=request.META.get("REMOTE_ADDR", "")[:ADDRESS_LENGTH],
    )
    if not take_ping(digest=digest_of(key), report=report, now=clock.now()):
        if strangers.is_one_too_many(place_of(request)):
            return _too_often()
        keep_rejected(request, b"", "The key in the address is not known here or was revoked.", None)
        return _text("This heartbeat address is not known here or was revoked.", status=404)
    return _text("OK")


def _signal_of(word: str) -> tuple[Signal, int | None] | None:
    """Return what the last part of the address says, with the exit status it gives; None for what says nothing."""
    if word == "":
        return "success", None
    if word == "start":
        return "start", None
    if word == "fail":
        return "fail", None
    if word.isascii() and word.isdigit() and len(word) <= 3 and int(word) <= HIGHEST_EXIT_STATUS:
        return ("fail" if int(word) else "success"), int(word)
    return None


def _read_body(request: HttpRequest) -> tuple[bytes, bool]:
    """Return what is kept of a POST's body, and whether that is less than all.

    The rest is read up to the limit of all receivers, so that the sender gets its answer, and thrown away.
    """
    if request.method != "POST":
        return b"", False
    kept, read = b"", 0
    while read < BODY_LIMIT and (chunk := request.read(CHUNK_BYTES)):
        read += len(chunk)
        kept = (kept + chunk)[:KEPT_BYTES] if len(kept) < KEPT_BYTES else kept
    return kept, read > KEPT_BYTES


def _too_often() -> HttpResponse:
    answer = _text("Too many requests with unknown addresses come from here. Wait a minute.", status=429)
    answer["Retry-After"] = str(WINDOW_S)
    return answer


def _text(sentence: str, *, status: int = 200) -> HttpResponse:
    return HttpResponse(sentence, status=status, content_type="text/plain; charset=utf-8")

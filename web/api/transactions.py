"""One transaction for each call that changes something, and POSTs that may be repeated (`Idempotency-Key`).

The key's row, what the operation did and its answer commit together, so a crash leaves all of it or none. A refused
call (4xx) is undone whole and keeps no row: repeating it asks again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse
from psycopg.errors import LockNotAvailable

from web.api.auth import identify
from web.api.problems import problem
from web.models import IdempotencyKey

Run = Callable[..., HttpResponse]

LONGEST_KEY: Final = 255
WAIT_FOR_TWIN: Final = "2s"


def in_one_transaction(run: Run) -> Run:
    """Decorate an operation of the API (ninja's "view" mode: authentication, validation and answer inside)."""

    @wraps(run)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return run(request, *args, **kwargs)
        key = request.headers.get("Idempotency-Key", "") if request.method == "POST" else ""
        if len(key) > LONGEST_KEY:
            return problem(400, detail=f"Idempotency-Key is longer than {LONGEST_KEY} characters.")
        try:
            _ = request.body
        except RequestDataTooBig:
            return problem(413)
        caller = identify(request)
        with transaction.atomic():
            if key and caller is not None:
                response = _once(request, caller.scope, key, lambda: run(request, *args, **kwargs))
            else:
                response = run(request, *args, **kwargs)
            if response.status_code >= 400:
                transaction.set_rollback(True)
        return response

    return wrapped


def _once(request: HttpRequest, scope: str, key: str, run: Callable[[], HttpResponse]) -> HttpResponse:
    """Run the call unless its key was used: then repeat the answer, or refuse when it was for another request."""
    digest = hashlib.sha256(b"\0".join([b"POST", request.get_full_path().encode(), request.body])).hexdigest()
    try:
        claimed = _claim(scope, key, digest)
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            return problem(409, detail="The first call with this Idempotency-Key is still running.", headers=_SOON)
        raise
    if claimed is None:
        return _repeat(IdempotencyKey.objects.get(scope=scope, key=key), digest)
    response = run()
    if response.status_code < 400:
        IdempotencyKey.objects.filter(pk=claimed).update(
            status=response.status_code,
            body=response.content.decode(),
            content_type=response.get("Content-Type", ""),
        )
    return response


_SOON: Final = {"Retry-After": "1"}


def _claim(scope: str, key: str, digest: str) -> int | None:
    """Insert the key's row and return its id; None when it is there.

    Waits at most WAIT_FOR_TWIN for a twin that has not committed.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('lock_timeout'), set_config('lock_timeout', %s, true)", [WAIT_FOR_TWIN])
        (before, _) = cursor.fetchone()
        cursor.execute(
            "INSERT INTO web_idempotencykey (scope, key, request_digest, status, body, content_type)"
            " VALUES (%s, %s, %s, 0, '', '') ON CONFLICT (scope, key) DO NOTHING RETURNING id",
            [scope, key, digest],
        )
        inserted = cursor.fetchone()
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [before])
    return None if inserted is None else int(inserted[0])


def _repeat(row: IdempotencyKey, digest: str) -> HttpResponse:
    if row.request_digest != digest:
        return problem(
            422,
            title="This Idempotency-Key was used for another request",
            detail="Use a new key for a new request; repeat a request exactly as it was.",
        )
    headers = {"Idempotency-Replayed": "true"}
    return HttpResponse(row.body, status=row.status, content_type=row.content_type, headers=headers)

"""The outcome of each account as an answer over HTTP, in pieces as they are read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final, Literal, cast

from django.http import HttpResponse, StreamingHttpResponse

from ledger.actor import Actor
from resets.models import Reset
from resets.proof.export import export

Form = Literal["csv", "jsonl"]
TYPES: Final[dict[Form, str]] = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}


def handed_out(reset: Reset, *, form: Form, by: Actor, clock: Callable[[], datetime]) -> HttpResponse:
    """Return the file; its digest is recorded when all of it has been taken."""
    pieces = export(reset=reset, form=form, by=by, clock=clock)
    answer = StreamingHttpResponse(pieces, content_type=TYPES[form])
    answer["Content-Disposition"] = f'attachment; filename="reset-{str(reset.pk)[:8]}.{form}"'
    return cast(HttpResponse, answer)  # the doors speak of answers of any kind

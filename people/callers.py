"""From an API token's digest to the person who calls."""

from __future__ import annotations

from datetime import UTC, date, datetime

from people.models import ApiToken
from web.callers import Caller


def caller_of_digest(digest: str) -> Caller | None:
    """Return whose token this is; None for an unknown or revoked one or a person who left.

    Notes the day of its last use: one write a day for each token, none otherwise.
    """
    token = (
        ApiToken.objects.filter(digest=digest, revoked_at=None, person__is_active=True).select_related("person").first()
    )
    if token is None:
        return None
    today = _today()
    if token.last_used_on != today:
        ApiToken.objects.filter(pk=token.pk).update(last_used_on=today)
    return Caller(person=token.person, token_id=str(token.pk), token_name=token.name)


def _today() -> date:
    return datetime.now(tz=UTC).date()

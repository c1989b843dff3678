"""Give a person an API token, and take it away."""

from __future__ import annotations

from datetime import datetime

from ledger.actor import Actor
from ledger.rules import JSON
from people.models import ApiToken, Person
from people.models.token import digest_of, new_token
from people.operations.recording import PEOPLE, record
from web.errors import NotFound


def issue_token(*, person: Person, name: str, by: Actor, now: datetime) -> tuple[ApiToken, str]:
    """Create a token and return it with its text, which is shown once and kept nowhere: only its SHA-256 is."""
    secret = new_token()
    token = ApiToken.objects.create(person=person, name=name.strip()[:100] or "API", digest=digest_of(secret))
    payload: dict[str, JSON] = {"id": token.pk, "name": token.name, "person": person.name, "person_id": str(person.pk)}
    record(PEOPLE, "token.issued", by=by, now=now, payload=payload)
    return token, secret


def revoke_token(*, token_id: int, by: Actor, now: datetime) -> ApiToken:
    """Revoke a token: it opens nothing from now on. Repeating changes nothing; raises `NotFound`."""
    rows = ApiToken.objects.select_for_update(no_key=True, of=("self",)).select_related("person")
    token = rows.filter(pk=token_id).first()
    if token is None:
        raise NotFound("There is no such token.")
    if token.revoked_at is None:
        token.revoked_at = now
        token.save(update_fields=["revoked_at"])
        payload: dict[str, JSON] = {"id": token.pk, "name": token.name, "person": token.person.name}
        record(PEOPLE, "token.revoked", by=by, now=now, payload=payload)
    return token

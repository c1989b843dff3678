"""Make a service, change who is paged for it, take it away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import ProtectedError
from django.utils.text import slugify

from incidents.models import Service
from ledger.actor import Actor
from ledger.operations.append import append
from ledger.rules import JSON
from notifications.models import EscalationPolicy
from people.models import Team
from web import live
from web.errors import BadInput, IllegalMove, NotFound

SUBJECT: Final = "settings:services"


@dataclass(frozen=True, kw_only=True)
class ServiceDraft:
    """What a service is to be; without a policy its lesser incidents page nobody of its own."""

    name: str
    description: str = ""
    policy: EscalationPolicy | None = None
    team: Team | None = None


def add_service(*, draft: ServiceDraft, by: Actor, now: datetime) -> Service:
    """Create a service; its key is made of its name and never changes, because tools send it. Raises `BadInput`."""
    name = _free_name(draft.name, service_id=None)
    key = slugify(name)[:60].strip("-")
    if not key or Service.objects.filter(key=key).exists():
        raise _unfit("Choose another name; this one leads to a key that is taken or empty.")
    service = Service(key=key)
    _write(service, draft, name)
    _record(service, "service.added", by=by, now=now)
    return service


def change_service(*, service_id: int, draft: ServiceDraft, by: Actor, now: datetime) -> Service:
    """Set what a service is. Locks it; changing nothing records nothing. Raises `BadInput` or `NotFound`."""
    service = _lock(service_id)
    name = _free_name(draft.name, service_id=service_id)
    before = _payload(service)
    _write(service, draft, name)
    was = {field: value for field, value in before.items() if _payload(service)[field] != value}
    if was:
        _record(service, "service.changed", by=by, now=now, was=was)
    return service


def remove_service(*, service_id: int, by: Actor, now: datetime) -> None:
    """Take a service away. Raises `IllegalMove` once incidents, alerts, rules or keys name it."""
    service = _lock(service_id)
    payload: dict[str, JSON] = {"id": service.pk, "key": service.key, "name": service.name}
    try:
        service.delete()
    except ProtectedError:
        sentence = f"{payload['name']} has a history or is still named by a rule or key, so it has to stay."
        raise IllegalMove(sentence) from None
    append(subject=SUBJECT, verb="service.removed", by=by, now=now, payload=payload)
    live.changed("settings", SUBJECT)


def _lock(service_id: int) -> Service:
    rows = Service.objects.select_for_update(no_key=True, of=("self",)).select_related("policy", "team")
    service = rows.filter(pk=service_id).first()
    if service is None:
        raise NotFound("There is no such service.")
    return service


def _free_name(name: str, *, service_id: int | None) -> str:
    name = name.strip()
    if not name:
        raise _unfit("Give the service the name customers know.")
    if Service.objects.filter(name=name).exclude(pk=service_id or 0).exists():
        raise _unfit("There is a service of this name already.")
    return name


def _unfit(sentence: str) -> BadInput:
    return BadInput(sentence, errors={"name": sentence})


def _write(service: Service, draft: ServiceDraft, name: str) -> None:
    service.name, service.description = name, draft.description.strip()
    service.policy, service.team = draft.policy, draft.team
    service.save()


def _payload(service: Service) -> dict[str, JSON]:
    return {
        "id": service.pk,
        "key": service.key,
        "name": service.name,
        "description": service.description,
        "policy": service.policy.name if service.policy else "",
        "team": service.team.name if service.team else "",
    }


def _record(service: Service, verb: str, *, by: Actor, now: datetime, was: dict[str, JSON] | None = None) -> None:
    payload = _payload(service)
    if was:
        payload["from"] = was
    append(subject=SUBJECT, verb=verb, by=by, now=now, payload=payload)
    live.changed("settings", SUBJECT)

"""Make a line for callers, change it, take it away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from incidents.models import Service
from ledger.actor import Actor
from ledger.operations.append import append
from ledger.rules import JSON
from notifications.phone.numbers import clean_number
from rooms.models import CallChoice, CallLine
from web import live
from web.errors import BadInput, NotFound

SUBJECT: Final = "settings:calls"
MOST_CHOICES: Final = 9


@dataclass(frozen=True, kw_only=True)
class LineDraft:
    """What a line is to be; `services` are its menu in the order of their keys, from 1."""

    number: str
    name: str
    greeting: str = ""
    language: str = "en"
    severity: int = 2
    ring_s: int = 20
    services: Sequence[Service] = field(default_factory=tuple)


def add_line(*, draft: LineDraft, by: Actor, now: datetime) -> CallLine:
    """Create a line. Raises `BadInput` with a sentence per field."""
    return _write(CallLine(), draft, verb="call_line.added", by=by, now=now)


def change_line(*, line_id: int, draft: LineDraft, by: Actor, now: datetime) -> CallLine:
    """Set what a line is. Raises `BadInput` or `NotFound`. Locks it."""
    return _write(_lock(line_id), draft, verb="call_line.changed", by=by, now=now)


def remove_line(*, line_id: int, by: Actor, now: datetime) -> None:
    """Take a line away; its calls stay. Raises `NotFound`."""
    line = _lock(line_id)
    payload = _payload(line)
    line.delete()
    append(subject=SUBJECT, verb="call_line.removed", by=by, now=now, payload=payload)
    live.changed("settings")


def _write(line: CallLine, draft: LineDraft, *, verb: str, by: Actor, now: datetime) -> CallLine:
    number, name = _number(draft.number), draft.name.strip()
    others = CallLine.objects.exclude(pk=line.pk)
    errors = {
        "number": "There is a line with this number already." if others.filter(number=number).exists() else "",
        "name": "There is a line of this name already." if others.filter(name=name).exists() else "",
        "services": f"A phone has {MOST_CHOICES} keys to choose by." if len(draft.services) > MOST_CHOICES else "",
    }
    errors = {key: sentence for key, sentence in errors.items() if sentence}
    if not name:
        errors["name"] = "Give the line a name."
    if errors:
        raise BadInput(" ".join(errors.values()), errors=errors)
    line.number, line.name, line.greeting = number, name, draft.greeting.strip()
    line.language, line.severity, line.ring_s = draft.language, draft.severity, draft.ring_s
    line.save()
    line.choices.all().delete()
    CallChoice.objects.bulk_create(
        CallChoice(line=line, position=position, service=service)
        for position, service in enumerate(draft.services, start=1)
    )
    append(subject=SUBJECT, verb=verb, by=by, now=now, payload=_payload(line))
    live.changed("settings")
    return line


def _number(text: str) -> str:
    try:
        return clean_number(text)
    except BadInput as refusal:
        raise BadInput(refusal.sentence, errors={"number": refusal.sentence}) from None


def _lock(line_id: int) -> CallLine:
    line = CallLine.objects.select_for_update(no_key=True).filter(pk=line_id).first()
    if line is None:
        raise NotFound("There is no such line.")
    return line


def _payload(line: CallLine) -> dict[str, JSON]:
    return {
        "number": line.number,
        "name": line.name,
        "severity": line.severity,
        "services": [choice.service.name for choice in line.choices.select_related("service")],
    }

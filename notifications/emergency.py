"""Alarming the administrators without the database: their contacts are kept in a file, the providers called directly.

The file lies where the engine runs, because the engine is who notices that the database is gone.
"""

from __future__ import annotations

import json
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import structlog
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from notifications.channels.base import CALL_S, Channel, ChannelFailure, Message
from notifications.channels.registry import UnknownChannel, all_channels, carriers
from notifications.models import ContactMethod
from people.models import Person

CALLERS: Final = 8

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class EmergencyContact:
    """One way to reach one administrator."""

    name: str
    language: str
    channel: str
    address: str


def write_contacts() -> bool:
    """Write the administrators' contacts to settings.EMERGENCY_CONTACTS_FILE (mode 0600); True if anything changed.

    The file is swapped in whole. Channels that need a secret are left out: a secret stays in the database, encrypted.
    """
    kinds = [each.kind for each in all_channels() if not (each.needs_secret or each.address_is_secret)]
    methods = ContactMethod.objects.select_related("person").filter(
        person__in=Person.objects.administrators(), channel__in=kinds, disabled_at=None, opted_out_at=None
    )
    contacts = [
        EmergencyContact(
            name=method.person.name,
            language=method.person.language,
            channel=method.channel,
            address=method.address,
        )
        for method in methods.order_by("person__name", "created_at", "pk")
    ]
    if contacts == read_contacts():
        return False
    _write(settings.EMERGENCY_CONTACTS_FILE, json.dumps([asdict(contact) for contact in contacts], indent=1))
    return True


def read_contacts() -> list[EmergencyContact]:
    """Return the contacts in the file; none when there is no file or it can't be read."""
    path: Path = settings.EMERGENCY_CONTACTS_FILE
    try:
        listed: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
        return [EmergencyContact(**each) for each in listed]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError):
        log.exception("emergency_contacts_unreadable", file=str(path))
        return []


def alarm(sentence: str) -> int:
    """Send `sentence` to every emergency contact at once, without the database; return how many providers took it."""
    contacts = read_contacts()
    if not contacts:
        log.error("nobody_to_alarm", sentence=sentence)
        return 0
    longest_s = CALL_S * sum(1 + len(_ways(contact.channel)) for contact in contacts)
    with ThreadPoolExecutor(max_workers=CALLERS, thread_name_prefix="emergency") as callers:
        taken = list(callers.map(lambda contact: _tell(contact, sentence), contacts, timeout=longest_s))
    log.error("administrators_alarmed_directly", sentence=sentence, contacts=len(contacts), taken=sum(taken))
    return sum(taken)


def _tell(contact: EmergencyContact, sentence: str) -> bool:
    with translation.override(contact.language):
        headline = _("Muster needs an administrator")
        message = Message(
            delivery_id=0,
            fence=0,
            kind="alarm",
            to=contact.address,
            name=contact.name,
            language=contact.language,
            headline=headline,
            spoken=headline,
            sentence=sentence,
            severity=1,
            sent_at=datetime.now(UTC),  # the database, whose clock counts elsewhere, is what is missing
        )
    return any(_takes(way, message) for way in _ways(contact.channel))


def _ways(kind: str) -> tuple[Channel, ...]:
    try:
        return carriers(kind)
    except UnknownChannel as error:
        log.warning("emergency_contact_not_told", channel=kind, error=str(error))
        return ()


def _takes(way: Channel, message: Message) -> bool:
    try:
        way.send(message)
    except ChannelFailure as failure:
        log.warning("emergency_contact_not_told", channel=way.kind, provider=way.provider, error=str(failure))
        return False
    finally:
        way.let_go()
    return True


def _write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mkstemp makes it 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise

"""Key 4 of a page's call: acknowledge, and join the bridge of what the page is about."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from incidents.models import Incident
from notifications.inbound import Asked, answer
from notifications.keys import Key, Pressed
from people.actors import actor_for
from rooms.bridge import spoken
from rooms.bridge.operations.admit import admit
from rooms.bridge.operations.open_bridge import open_bridge
from rooms.bridge.rules import GRAVE
from rooms.models import Bridge, BridgeCaller
from web.errors import Refusal

PROVIDER: Final = "twilio"


def incident_of(asked: Asked) -> Incident | None:
    """Return the open incident that a page is about and that has a bridge, or is grave enough to get one."""
    kind, _colon, id_ = asked.page.subject.partition(":")
    if kind != "incident":
        return None
    incident = Incident.objects.filter(pk=UUID(id_), status__in=Incident.OPEN).first()
    if incident is None:
        return None
    if incident.severity > GRAVE and not Bridge.objects.filter(incident=incident, closed_at=None).exists():
        return None
    return incident


def offer(asked: Asked) -> str:
    """Offer the bridge on calls about an incident that has one."""
    return _("Press 4 to acknowledge and join the bridge.") if incident_of(asked) is not None else ""


def press(pressed: Pressed) -> str:
    """Acknowledge the page and lead the call into the bridge. A repeated request is led there again and answers
    nothing twice."""
    asked = pressed.asked
    person, incident = asked.person, incident_of(asked)
    if incident is None:
        return spoken.closing(_("This is over; you need not do anything."), language=person.language)
    try:
        with transaction.atomic():
            bridge = open_bridge(incident=incident, by=actor_for(person, via="voice"), now=pressed.now)
            caller = admit(
                bridge=bridge,
                call=pressed.call,
                how=BridgeCaller.How.KEY,
                person=person,
                number=asked.message.to,
                now=pressed.now,
            )
    except Refusal as refusal:  # it ended in this moment
        return spoken.closing(refusal.sentence, language=person.language)
    said = answer(asked, verb="acknowledge", via="voice", provider=PROVIDER, key=pressed.key, now=pressed.now)
    return spoken.joining(bridge, caller, language=person.language, first=said)


JOIN: Final = Key(digit="4", provider=PROVIDER, offer=offer, press=press)

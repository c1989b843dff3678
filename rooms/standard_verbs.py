"""The verbs that every room understands: status, declare, oncall, help."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents.models import Incident
from incidents.operations.declare import declare
from incidents.rules.numbers import severity_name
from people.actors import actor_for
from people.models import Person, Schedule
from people.permissions import DECLARE, READ, may
from people.turns import turn_now
from rooms.short_status import one_incident, open_incidents
from rooms.verbs import Said, Verb, verbs
from web.errors import BadInput

SAME_WORDS: Final = timedelta(minutes=5)
"""Somebody who declares the same words again so soon got no answer to the first text: it is the same incident."""


def status(said: Said) -> str:
    """Say how the open incidents stand, or the one whose number was given."""
    number = unicodedata.normalize("NFKC", said.argument).strip(" .!?#")
    if not number:
        return "\n".join(open_incidents(said.person))
    if not (number.isascii() and number.isdigit() and len(number) <= 9):
        raise BadInput(_("STATUS tells what is open, STATUS 1042 how one incident stands."))
    return one_incident(said.person, int(number))


def declare_in_words(said: Said) -> str:
    """Declare an incident at the default severity, which pages whoever its policy names; answer with its number."""
    title = " ".join(said.argument.split())
    if not title:
        raise BadInput(_("Say in one line what is wrong: DECLARE Power lost in hall 2."))
    again = _just_declared(said, title=title)
    if again is not None:
        return _("You declared that already: %(what)s.") % {"what": _where(again)}
    incident = declare(title=title, by=actor_for(said.person, via=said.via), now=said.now)
    return _("Declared: %(what)s. Command it there, or raise its severity.") % {"what": _where(incident)}


def on_call(said: Said) -> str:
    """Say whom each schedule names now, and until when."""
    lines = []
    for schedule in Schedule.objects.order_by("name"):
        turn = turn_now(schedule, now=said.now)
        names = ", ".join(person.name for person in turn.people) or _("nobody")
        until = _(" until %(time)s") % {"time": _local(turn.until, said.person)} if turn.until else ""
        lines.append(f"{schedule.name}: {names}{until}")
    return "\n".join(lines) or _("There is no schedule.")


def help_in_words(said: Said) -> str:
    """Say what this person may say."""
    mine = [verb for verb in verbs.all() if may(said.person, verb.capability) and verb.name != "help"]
    return "\n".join(f"{verb.usage}: {verb.what}" for verb in mine)


def register_verbs() -> None:
    """Let every room understand these; called once, when the app is ready."""
    for verb in (
        Verb(
            name="status",
            words=("status", "list"),
            usage=gettext_lazy("STATUS or STATUS 1042"),
            what=gettext_lazy("what is open, how one incident stands"),
            capability=READ,
            run=status,
        ),
        Verb(
            name="declare",
            words=("declare",),
            usage=gettext_lazy("DECLARE Power lost in hall 2"),
            what=gettext_lazy("opens an incident and calls people"),
            capability=DECLARE,
            run=declare_in_words,
        ),
        Verb(
            name="oncall",
            words=("oncall",),
            usage=gettext_lazy("ONCALL"),
            what=gettext_lazy("who is on call now"),
            capability=READ,
            run=on_call,
            alone=True,
        ),
        Verb(
            name="help",
            words=("help", "info", "commands"),
            usage=gettext_lazy("HELP"),
            what=gettext_lazy("these lines"),
            capability=READ,
            run=help_in_words,
            alone=True,
        ),
    ):
        verbs.register(verb)


def _just_declared(said: Said, *, title: str) -> Incident | None:
    # Two at the same moment must not both find none: the second waits here for the first one's commit.
    Person.objects.select_for_update(no_key=True).get(pk=said.person.pk)
    return Incident.objects.filter(
        declared_by=said.person, title=title, status__in=Incident.OPEN, opened_at__gt=said.now - SAME_WORDS
    ).first()


def _local(moment: datetime, person: Person) -> str:
    """Return day and time where the person lives; UTC, said so, when their zone is unknown."""
    try:
        return f"{moment.astimezone(ZoneInfo(person.time_zone)):%d.%m. %H:%M}"
    except (ZoneInfoNotFoundError, ValueError):
        return f"{moment:%d.%m. %H:%M} UTC"


def _where(incident: Incident) -> str:
    address = f"{settings.PUBLIC_URL}{reverse('incident', args=[incident.number])}"
    return f"{severity_name(incident.severity)} {incident.number}, {address}"

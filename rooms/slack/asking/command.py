"""The command /incident: opened, listed and answered at once; acknowledged and paged right after."""

from __future__ import annotations

from typing import Any, Final

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from incidents.models import Incident
from incidents.operations.add_responders import add_responders
from notifications.operations.start_page import LONGEST_TITLE, start_page
from notifications.queries import freeze_person, waiting_once
from notifications.subject_doors import subject_doors
from people.actors import actor_for
from people.models import Person
from people.permissions import DECLARE, PAGE, READ, RESPOND, require
from people.queries import people_named
from rooms.slack import blocks, people
from rooms.slack.asking import answers
from rooms.slack.asking.reading import Asked, read
from rooms.slack.blocks import Message
from rooms.slack.inbound import tell
from rooms.slack.moving.declaring import open_declaring
from rooms.slack.moving.pages import answer_pages
from rooms.slack.once import first_time
from rooms.slack.registry import Came, on
from rooms.slack.visibility import access_in_slack, incident_of_channel, incidents_in_slack
from web.errors import BadInput, NotFound

COMMAND: Final = "/incident"
CHANGING: Final = ("ack", "page")
ANY_SEVERITY: Final = 3
"""Of a page that is about no incident."""


def register_command() -> None:
    """Let the doors know the command."""
    on("command", COMMAND, at_once=answer_at_once, later=carry_out_later, queue="page")


def answer_at_once(came: Came) -> dict[str, Any] | None:
    """Open the modal or answer a question; what changes something is done after this has been answered."""
    person = _person(came)
    asked = read(came.text)
    with translation.override(person.language):
        if asked.verb == "declare":
            require(person, DECLARE)
            open_declaring(came, title=asked.rest)
            return None
        if asked.verb in CHANGING:
            return None
        return {"response_type": "ephemeral", **_answer(came, asked, person).arguments()}


def carry_out_later(came: Came) -> None:
    """Acknowledge or page, and say what came of it. Doubled, it changes nothing."""
    person, asked = _person(came), read(came.text)
    if asked.verb not in CHANGING:
        return
    with translation.override(person.language):
        if asked.verb == "ack":
            incident = _meant(came, asked, person, waiting=True)
            sentence = answer_pages(came, person=person, incident=incident, verb="acknowledge")
            with transaction.atomic():
                tell(came, blocks.escape(sentence), now=came.now)
        else:
            _page(came, asked, person)


def _answer(came: Came, asked: Asked, person: Person) -> Message:
    match asked.verb:
        case "list":
            require(person, READ)
            return answers.listed(person)
        case "status":
            require(person, READ)
            if not asked.number and incident_of_channel(came.channel_id) is None:
                return answers.listed(person)
            return answers.status_of(_meant(came, asked, person, waiting=False))
        case "oncall":
            require(person, READ)
            return answers.on_call(came.now)
    return answers.help_about(asked.rest)


def _meant(came: Came, asked: Asked, person: Person, *, waiting: bool) -> Incident:
    """Return the incident of the number, else of the channel, else (`waiting`) the only one that waits for them."""
    if asked.number:
        return access_in_slack(person, asked.number)
    here = incident_of_channel(came.channel_id)
    if here is not None:
        return access_in_slack(person, here.pk)
    if not waiting:
        raise NotFound(_("Say which one: its number, such as 1042."))
    subjects = {page.subject for page in waiting_once(person)}
    mine = [each for each in incidents_in_slack(person).filter(status__in=Incident.OPEN) if each.subject in subjects]
    if not mine:
        raise NotFound(_("No page about an incident waits for you."))
    if len(mine) > 1:
        numbers = ", ".join(str(incident.number) for incident in mine)
        raise BadInput(_("More than one waits for you (%(numbers)s). Say which one.") % {"numbers": numbers})
    return mine[0]


def _page(came: Came, asked: Asked, person: Person) -> None:
    """Call somebody: to the incident whose channel this is, else for what was typed."""
    whom = _whom(asked)
    here = incident_of_channel(came.channel_id)
    by = actor_for(person, via="slack")
    with transaction.atomic():
        if not first_time(came):
            return
        if here is not None and not asked.rest:
            require(person, RESPOND)
            incident = access_in_slack(person, here.pk)
            sentence = add_responders(incident_id=incident.pk, people=[whom], by=by, now=came.now).sentence
        else:
            require(person, PAGE)
            if not asked.rest:
                raise BadInput(_("Say what it is about: /incident page @person the mail queue is stuck"))
            title, subject, severity = asked.rest[:LONGEST_TITLE], "", ANY_SEVERITY
            if here is not None:
                subject = access_in_slack(person, here.pk).subject
                severity = subject_doors.join(subject)
            start_page(policy=freeze_person(whom), title=title, subject=subject, severity=severity, by=by, now=came.now)
            sentence = _("%(name)s will be called now.") % {"name": whom.name}
        tell(came, blocks.escape(sentence), now=came.now)


def _whom(asked: Asked) -> Person:
    if asked.slack_user:
        found = people.person_of(asked.slack_user)
        if found is None:
            raise NotFound(_("That person is not linked with Muster, so it can't call them from here."))
        return found
    if not asked.name:
        raise BadInput(_("Say whom: /incident page @person what it is about"))
    named = people_named([asked.name]).get(asked.name)
    if named is None:
        same = list(Person.objects.active().filter(name__iexact=asked.name)[:2])
        named = same[0] if len(same) == 1 else None
    if named is None or not named.is_active:
        raise NotFound(
            _("Muster knows no %(name)s. Choose somebody of the list that Slack shows after @.") % {"name": asked.name}
        )
    return named


def _person(came: Came) -> Person:
    if came.person is None:
        raise NotFound(_("Muster does not know yet who you are."))
    return came.person

"""The buttons under an incident's summary: its pages, its command, and the modals for everything that takes words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from incidents.models import Incident
from incidents.operations.take_command import take_command
from notifications.inbound import PageVerb
from people.actors import actor_for
from people.models import Person
from people.permissions import COMMAND, NOTE, RESPOND, require
from rooms.slack import blocks
from rooms.slack.blocks import Block
from rooms.slack.client import call_now
from rooms.slack.inbound import tell
from rooms.slack.moving.modals import decision_modal, note_modal, resolve_modal, role_modal, update_modal
from rooms.slack.moving.pages import answer_pages
from rooms.slack.once import first_time
from rooms.slack.registry import Came, on
from rooms.slack.visibility import access_in_slack
from web.errors import NotFound

PAGE_VERBS: Final[tuple[PageVerb, ...]] = ("acknowledge", "escalate", "decline")
MODALS: Final[dict[str, tuple[str, Callable[[Incident], Block]]]] = {
    "update": (RESPOND, update_modal),
    "note": (NOTE, note_modal),
    "decision": (NOTE, decision_modal),
    "role": (RESPOND, role_modal),
    "resolve": (RESPOND, resolve_modal),
}
"""Each modal with the capability that its move takes on the web."""


def register_buttons() -> None:
    """Let the doors know the buttons. Their value is the incident's id."""
    for verb in PAGE_VERBS:
        on("action", f"incident:{verb}", later=answer_page, queue="page")
    on("action", "incident:command", later=command)
    on("action", "incident:open", at_once=nothing, strangers=True)
    for name in MODALS:
        on("action", f"incident:{name}", at_once=open_modal)


def answer_page(came: Came) -> None:
    """Answer the incident's pages and say what came of it. Raises `Refusal`."""
    person, incident = seen(came)
    verb = next(verb for verb in PAGE_VERBS if came.name == f"incident:{verb}")
    with translation.override(person.language):
        sentence = answer_pages(came, person=person, incident=incident, verb=verb)
        with transaction.atomic():
            tell(came, blocks.escape(sentence), now=came.now)


def command(came: Came) -> None:
    """Take command. Doubled, it changes nothing. Raises `Refusal`."""
    person, incident = seen(came)
    require(person, COMMAND)
    with translation.override(person.language), transaction.atomic():
        if first_time(came):
            by = actor_for(person, via="slack")
            take_command(incident_id=incident.pk, person=person, by=by, now=came.now)
            tell(came, _("You have command."), now=came.now)


def open_modal(came: Came) -> None:
    """Open the modal of a button. Raises `Refusal`, and a `ChannelFailure` when Slack does not open it."""
    person, incident = seen(came)
    capability, build = MODALS[came.name.partition(":")[2]]
    require(person, capability)
    with translation.override(person.language):
        call_now("views.open", {"trigger_id": came.trigger_id, "view": build(incident)})


def nothing(came: Came) -> None:
    """Answer a button that only opened an address: Slack tells of it all the same."""


def seen(came: Came) -> tuple[Person, Incident]:
    """Return who acted and the incident of the button; raise `NotFound` for one that they may not know of."""
    if came.person is None:
        raise NotFound(_("Muster does not know yet who you are."))
    return came.person, access_in_slack(came.person, str(came.action.get("value", "")))

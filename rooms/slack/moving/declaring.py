"""Declare from Slack: the modal, and what is sent from it."""

from __future__ import annotations

import re
from typing import Any, Final

import structlog
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from incidents.forms import severity_choices
from incidents.models import Incident, Service
from incidents.operations.declare import DEFAULT_SEVERITY, LONGEST_TITLE, declare
from people.actors import actor_for
from people.models import Person
from people.permissions import DECLARE, require
from rooms.slack import blocks
from rooms.slack.asking.answers import address_of
from rooms.slack.blocks import Block, Option
from rooms.slack.blocks.elements import MOST_OPTIONS
from rooms.slack.client import ChannelFailure, call_now
from rooms.slack.inbound import tell
from rooms.slack.once import first_time
from rooms.slack.registry import Came, on
from rooms.slack.typed import remembered, ticked, to_remember, typed
from rooms.slack.visibility import appears
from rooms.slack.workspace import workspace
from web.errors import NotFound

CALLBACK: Final = "declare"
FROM_MESSAGE: Final = "declare_from_message"
MARKS: Final = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")

log = structlog.get_logger(__name__)


def register_declaring() -> None:
    """Let the doors know the modal and the shortcuts that open it."""
    on("submission", CALLBACK, at_once=check_declared, later=declare_submitted, queue="page")
    on("shortcut", CALLBACK, at_once=open_from_shortcut)
    on("shortcut", FROM_MESSAGE, at_once=open_from_message)


def open_from_shortcut(came: Came) -> None:
    """Open the modal from the app's own shortcut."""
    require(_person(came), DECLARE)
    open_declaring(came)


def open_from_message(came: Came) -> None:
    """Open the modal with a message's words; where the message stands is looked up once it is sent."""
    person = _person(came)
    require(person, DECLARE)
    said = came.payload.get("message")
    message = said if isinstance(said, dict) else {}
    text = plain_words(str(message.get("text") or ""))
    with translation.override(person.language):
        open_declaring(
            came,
            title=text.splitlines()[0] if text else "",
            summary=text,
            message_channel=came.channel_id,
            message_ts=str(message.get("ts") or ""),
        )


def open_declaring(came: Came, *, title: str = "", summary: str = "", **remember: str) -> None:
    """Open the declare modal for whoever acted, within the life of their trigger_id. Raises a `ChannelFailure`."""
    view = declare_modal(title=title, summary=summary, metadata=to_remember(channel=came.channel_id, **remember))
    call_now("views.open", {"trigger_id": came.trigger_id, "view": view})


def declare_modal(*, title: str, summary: str, metadata: str) -> Block:
    """Return the modal: one title, everything else has a good default."""
    services = Service.objects.order_by("name").values_list("key", "name")[:MOST_OPTIONS]
    fields = [
        blocks.text_input(
            "title",
            _("What is wrong?"),
            initial=" ".join(title.split()),
            hint=_("One line, as you would say it on the phone."),
            most=LONGEST_TITLE,
        ),
        blocks.select_input(
            "severity",
            _("How bad is it?"),
            [Option(value=value, label=label) for value, label in severity_choices()],
            placeholder=_("Choose"),
            chosen=str(DEFAULT_SEVERITY),
        ),
    ]
    offered = [Option(value=key, label=name) for key, name in services]
    if offered:
        fields.append(
            blocks.select_input("service", _("Service"), offered, placeholder=_("Not known yet"), optional=True)
        )
    fields += [
        blocks.text_input("summary", _("What do you know?"), initial=summary, multiline=True, optional=True),
        blocks.checkbox_input(
            "private", _("Who may know"), Option(value="private", label=_("Private")), hint=_private()
        ),
    ]
    return blocks.modal(
        title=_("Declare incident"),
        callback=CALLBACK,
        blocks=fields,
        submit=_("Declare"),
        close=_("Cancel"),
        metadata=metadata,
    )


def check_declared(came: Came) -> dict[str, Any] | None:
    """Say at the field what is wrong; None closes the modal."""
    require(_person(came), DECLARE)
    if not typed(came.view, "title"):
        sentence = _("Say in one line what is wrong.")
        return {"response_action": "errors", "errors": {"title": sentence}}
    return None


def declare_submitted(came: Came) -> None:
    """Declare what was sent and tell whoever sent it. Doubled, it declares nothing."""
    person = _person(came)
    require(person, DECLARE)
    summary = _summary(came)
    severity = typed(came.view, "severity")
    with translation.override(person.language), transaction.atomic():
        if not first_time(came):
            return
        incident = declare(
            title=typed(came.view, "title"),
            severity=int(severity) if severity in ("1", "2", "3", "4") else DEFAULT_SEVERITY,
            service=Service.objects.filter(key=typed(came.view, "service")).first(),
            summary=summary,
            private=ticked(came.view, "private"),
            by=actor_for(person, via="slack"),
            now=came.now,
        )
        tell(came, _declared(incident), now=came.now)


def plain_words(text: str) -> str:
    """Return a message's text as people read it: links by their label, mentions by their name, entities as signs."""
    shown = MARKS.sub(lambda found: found[2] or found[1], text)
    return shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()


def permalink_of(channel_id: str, ts: str) -> str:
    """Return the address of a message in Slack, "" where Slack does not say. Outside any transaction."""
    if not (channel_id and ts):
        return ""
    try:
        return str(call_now("chat.getPermalink", {"channel": channel_id, "message_ts": ts}).get("permalink") or "")
    except ChannelFailure as failure:
        # The words are what counts; without the address they are kept all the same.
        log.warning("slack_permalink_unknown", code=failure.code)
        return ""


def _summary(came: Came) -> str:
    facts = remembered(came.view)
    where = permalink_of(facts.get("message_channel", ""), facts.get("message_ts", ""))
    return "\n\n".join(part for part in (typed(came.view, "summary"), where) if part)


def _declared(incident: Incident) -> str:
    if not appears(incident, room=workspace()):
        words = _("Declared as a private incident: nothing of it appears in Slack. Open it here:")
        return blocks.joined(blocks.escape(words), address_of(incident))
    words = _("Declared as incident %(number)d. Its channel is being made.") % {"number": incident.number}
    return blocks.joined(blocks.escape(words), blocks.link(address_of(incident), _("Open it")))


def _private() -> str:
    room = workspace()
    if room is not None and room.private_channels:
        return _("Only those who are called, hold a role or may see all. It gets a private channel.")
    return _("Only those who are called, hold a role or may see all. Nothing of it appears in Slack.")


def _person(came: Came) -> Person:
    if came.person is None:
        raise NotFound(_("Muster does not know yet who you are."))
    return came.person

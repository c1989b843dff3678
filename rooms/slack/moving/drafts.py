"""Approve and publish words to customers from Slack: the same operations, and the second person's rule."""

from __future__ import annotations

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from people.actors import actor_for
from people.permissions import APPROVE_UPDATE, require
from rooms.slack.inbound import tell
from rooms.slack.once import first_time
from rooms.slack.registry import Came, on
from rooms.slack.visibility import appears
from rooms.slack.workspace import workspace
from statuspage.doors import access_update
from statuspage.operations.approve_update import approve_update
from statuspage.operations.publish_update import publish_update
from web.errors import NotFound


def register_drafts() -> None:
    """Let the doors know the buttons under a draft. Their value: the update's id and the digest of what was shown."""
    for name in ("draft:approve", "draft:approve_publish", "draft:publish"):
        on("action", name, later=decide)
    on("action", "draft:open", at_once=nothing, strangers=True)


def decide(came: Came) -> None:
    """Approve, publish or both exactly what was shown, and say what came of it. Raises `Refusal`."""
    person = came.person
    if person is None:
        raise NotFound(_("Muster does not know yet who you are."))
    require(person, APPROVE_UPDATE)
    update_id, _colon, digest = str(came.action.get("value", "")).partition(":")
    update = access_update(person, update_id)
    behind = update.public_incident.incident
    if behind is not None and not appears(behind, room=workspace()):
        raise NotFound(_("There is no such update."))
    by = actor_for(person, via="slack")
    verb = came.name.partition(":")[2]
    with translation.override(person.language), transaction.atomic():
        if not first_time(came):
            return
        if verb.startswith("approve"):
            approve_update(update=update, digest=digest, person=person, by=by, now=came.now)
        if verb.endswith("publish"):
            publish_update(update=update, person=person, by=by, now=came.now)
            sentence = _("Published. The page shows it within seconds.")
        else:
            sentence = _("Approved. It goes out when somebody publishes it.")
        tell(came, sentence, now=came.now)


def nothing(came: Came) -> None:
    """Answer a button that only opened an address."""

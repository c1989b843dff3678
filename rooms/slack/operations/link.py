"""Tie a person to who they are in Slack, and untie them."""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.db.transaction import TransactionManagementError
from django.utils.translation import gettext as _

from engine import wake
from ledger.actor import Actor
from ledger.operations.append import Event, append_all
from notifications.models import ContactMethod
from people.models import Person
from rooms.models import SlackUser
from rooms.slack.home.publishing import take_down
from web import live
from web.errors import IllegalMove, NotFound

CHANNEL = "slack"


def link(*, person: Person, team_id: str, user_id: str, name: str, by: Actor, now: datetime) -> SlackUser:
    """Note that a Slack user is this person, and that direct messages to them reach the person.

    What they press in Slack is theirs from now on. A person has one user and a user one person: an earlier tie of the
    same person is replaced. Raises `IllegalMove` when somebody else is that user. Locks the person.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("People are linked in one transaction with the ledger's entry.")
    Person.objects.get_queryset().select_for_update(no_key=True).get(pk=person.pk)
    known = SlackUser.objects.filter(team_id=team_id, user_id=user_id).first()
    if known is not None and known.person_id != person.pk:
        raise IllegalMove(
            _("This Slack user is linked to somebody else. An administrator can undo that under Settings, Slack.")
        )
    before = SlackUser.objects.filter(person=person).first()
    if known is not None:
        return known
    if before is not None:
        ContactMethod.objects.filter(person=person, channel=CHANNEL, address=before.user_id).delete()
        take_down(person, team_id=before.team_id, now=now)
        before.delete()
    made = SlackUser.objects.create(team_id=team_id, user_id=user_id, person=person, name=name[:200], linked_at=now)
    usable = {"verified_at": now, "disabled_at": None, "disabled_reason": ""}
    method, _new = ContactMethod.objects.update_or_create(
        person=person,
        channel=CHANNEL,
        address=user_id,
        defaults=usable,
        # The address is an id that says nothing to its owner.
        create_defaults={**usable, "label": name[:60]},
    )
    _use(method)
    payload = {"person": str(person.pk), "contact_method": str(method.pk), "channel": CHANNEL}
    append_all(
        [
            Event(subject="settings:people", verb="slack.linked", by=by, now=now, payload={"person": str(person.pk)}),
            Event(subject="settings:people", verb="contact_method.verified", by=by, now=now, payload=payload),
        ]
    )
    wake.after_commit("emergency_contacts")
    live.changed(f"person:{person.pk}", "settings")
    return made


def unlink(*, slack_user_id: int, by: Actor, now: datetime) -> None:
    """Forget who somebody is in Slack; no page goes there any more, unless it is the only way to reach them.

    Raises `NotFound`, and `IllegalMove` for the last way that works. Locks the person.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("People are unlinked in one transaction with the ledger's entry.")
    known = SlackUser.objects.select_related("person").filter(pk=slack_user_id).first()
    if known is None:
        raise NotFound(_("Nobody is linked by that any more."))
    Person.objects.get_queryset().select_for_update(no_key=True).get(pk=known.person_id)
    methods = list(ContactMethod.objects.filter(person_id=known.person_id))
    ours = [each for each in methods if each.channel == CHANNEL and each.address == known.user_id]
    if any(each.usable for each in ours) and not any(each.usable for each in methods if each not in ours):
        raise IllegalMove(_("Slack is the only way left to reach this person. Add another way first."))
    for method in ours:
        method.delete()
    person_id = known.person_id
    take_down(known.person, team_id=known.team_id, now=now)
    known.delete()
    append_all(
        [Event(subject="settings:people", verb="slack.unlinked", by=by, now=now, payload={"person": str(person_id)})]
    )
    wake.after_commit("emergency_contacts")
    live.changed(f"person:{person_id}", "settings")


def _use(method: ContactMethod) -> None:
    """Use it at once for high urgency if nothing says yet when it is used."""
    if not method.rules.exists():
        method.rules.create(person_id=method.person_id, urgency="high", delay_s=0)

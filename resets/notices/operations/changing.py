"""What every move of a notice has in common: its reset locked, then its own row, and what is said of it afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ledger.actor import Actor
from ledger.rules import JSON
from people.models import Person
from resets.models import Notice
from resets.news import News
from resets.operations.locking import locked
from web.errors import IllegalMove, NotFound


def lock_notice(notice: Notice) -> Notice:
    """Lock the notice's reset, then the notice, until the transaction ends; return it as it is now."""
    reset = locked(notice.reset)
    row = Notice.objects.select_for_update(no_key=True, of=("self",)).filter(pk=notice.pk, reset=reset).first()
    if row is None:
        raise NotFound("There is no such notice.")
    row.reset = reset
    return row


def check_state(notice: Notice, *states: str, doing: str) -> None:
    """Raise `IllegalMove` unless the notice is in one of `states`."""
    if notice.state not in states:
        raise IllegalMove(f"This notice is {notice.get_state_display().lower()}; it can't be {doing}.")


def person_of(by: Actor) -> Person | None:
    """Return the person behind an actor, None for a rule or the system."""
    return Person.objects.filter(pk=by.id).first() if by.kind == "person" and by.id else None


def record(notice: Notice, verb: str, *, by: Actor, now: datetime, payload: Mapping[str, JSON] | None = None) -> None:
    """Write what happened to the notice into the chain of its reset, and tell the screens. The last lock."""
    news = News(notice.reset, by=by, now=now)
    news.say(verb, {"round": notice.round, **(payload or {})})
    news.publish()

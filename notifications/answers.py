"""What somebody hears or reads back after they answered a page: one short sentence or two, in their language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import translation
from django.utils.translation import gettext as _

from notifications.models import Page
from people.models import Person


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What an answer to a page did: the page after it, whether anything changed, and the words for whoever answered."""

    page: Page
    changed: bool
    sentence: str


def acknowledged(person: Person, *, waiting_for: Sequence[str], complete: bool) -> str:
    """Say that their acknowledgement counts, and who is still called."""
    with translation.override(person.language):
        own = _("%(name)s, you have acknowledged it.") % {"name": person.get_short_name()}
        if complete:
            return own
        return f"{own} {still_called(waiting_for)}"


def acknowledged_on_behalf(person: Person, *, by: str) -> str:
    """Say that an answer for somebody else was recorded and what it does not do. For the one who gave it."""
    return _(
        "Recorded that %(by)s answered for %(name)s. It stops their messages, but their own answer is still needed."
    ) % {
        "by": by,
        "name": person.name,
    }


def joined(person: Person, *, holder: Person | None, since: datetime | None) -> str:
    """Say to somebody who answers a page that others have already that their answer is noted."""
    with translation.override(person.language):
        own = _("%(name)s, you have acknowledged it.") % {"name": person.get_short_name()}
        return f"{own} {held_by(person, holder=holder, since=since)}".strip()


def held_by(reader: Person, *, holder: Person | None, since: datetime | None) -> str:
    """Say who has the page, and since when in the reader's own time zone; empty when nobody has."""
    if holder is None or since is None:
        return ""
    with translation.override(reader.language):
        if holder == reader:
            return _("You have it since %(time)s.") % {"time": local_time(since, reader)}
        return _("%(holder)s has it since %(time)s.") % {"holder": holder.name, "time": local_time(since, reader)}


def over(person: Person, *, page: Page) -> str:
    """Say that an ended page needs nobody any more."""
    with translation.override(person.language):
        if page.state == Page.State.CANCELLED:
            reason = Page.CancelReason(page.cancel_reason).label.lower()
            return _("This is over (%(reason)s); you need not do anything.") % {"reason": reason}
        return _("Nobody answered in time. Your answer is recorded: you have it.")


def still_called(names: Sequence[str]) -> str:
    """Say who is being called, by name up to three; that the next ones follow when nobody is."""
    if not names:
        return _("The next ones are called now.")
    if len(names) == 1:
        return _("%(name)s is still being called.") % {"name": names[0]}
    if len(names) > 3:
        return _("%(names)s and %(count)d more are still being called.") % {
            "names": ", ".join(names[:2]),
            "count": len(names) - 2,
        }
    return _("%(names)s are still being called.") % {"names": _and(names)}


def called_now(names: Sequence[str]) -> str:
    """Say who was called just now; the fallback when nobody of the policy was left."""
    if not names:
        return _("Nobody else is left on this policy: everybody and the administrators are called now.")
    if len(names) > 3:
        return _("%(names)s and %(count)d more are called now.") % {
            "names": ", ".join(names[:2]),
            "count": len(names) - 2,
        }
    if len(names) == 1:
        return _("%(name)s is called now.") % {"name": names[0]}
    return _("%(names)s are called now.") % {"names": _and(names)}


def local_time(moment: datetime, person: Person) -> str:
    """Return hours and minutes where the person lives; UTC, said so, when their zone is unknown."""
    try:
        return moment.astimezone(ZoneInfo(person.time_zone)).strftime("%H:%M")
    except (ZoneInfoNotFoundError, ValueError):
        return moment.strftime("%H:%M UTC")


def _and(names: Sequence[str]) -> str:
    return _("%(first)s and %(last)s") % {"first": ", ".join(names[:-1]), "last": names[-1]}


def declined(person: Person, *, waiting_for: Sequence[str], called: Sequence[str] | None) -> str:
    """Say that it is understood, and who is asked instead: `called` just now, or None with those `waiting_for`."""
    with translation.override(person.language):
        own = _("Understood, %(name)s.") % {"name": person.get_short_name()}
        if called is not None:
            return f"{own} {called_now(called)}"
        return f"{own} {still_called(waiting_for)}" if waiting_for else own


def declined_after_end(person: Person) -> str:
    """Say that nobody expects anything any more."""
    with translation.override(person.language):
        return _("This is over; you need not do anything.")


def escalated(called: Sequence[str], *, page: Page, reader: Person | None) -> str:
    """Say who is called by an escalation."""
    with translation.override(reader.language if reader else translation.get_language() or "en"):
        if called or page.state == Page.State.EXHAUSTED:
            return " ".join([_("Escalated."), called_now(called)])
        return _("Escalated. Those already called are still being called.")


def snoozed(person: Person, *, until: datetime) -> str:
    """Say until when it is quiet and what comes then."""
    with translation.override(person.language):
        return _("Quiet until %(time)s; then the page starts again.") % {"time": local_time(until, person)}


def reassigned(called: Sequence[str], *, to: str, page: Page) -> str:
    """Say who has it now and who is called."""
    own = _("Reassigned to %(to)s.") % {"to": to}
    return f"{own} {called_now(called)}" if called or page.state == Page.State.EXHAUSTED else own


def added(called: Sequence[str]) -> str:
    """Say who was added; nobody when all of them had been called already."""
    return called_now(called) if called else _("All of them are being called already.")

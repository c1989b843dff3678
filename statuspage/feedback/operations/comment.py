"""A customer writes under an incident; staff let it through, hide it, answer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _

from ledger.actor import Actor
from ledger.operations.append import append
from ledger.rules import JSON
from people.models import Person
from statuspage.feedback.rules import LONGEST_REPLY, cleaned, fit_comment, fit_name
from statuspage.models import Comment, PublicIncident
from statuspage.operations.request_publication import request_publication
from web import live
from web.errors import BadInput, IllegalMove, NotFound

MOST_WAITING: Final = 200
"""Comments of one incident that nobody looked at yet. Beyond it nobody will, and a flood ends."""
SAME_WITHIN: Final = timedelta(days=1)
State = Comment.State


def write_comment(
    *, page_id: str, public_incident_id: str, name: str, text: str, reporter: str, now: datetime
) -> Comment | None:
    """Keep a comment until staff look at it; None for words that are there already, said within the last day.

    `reporter` is a keyed digest of who wrote. Raises `UnfitComment`, `NotFound` for an incident that customers don't
    know or that is over, `IllegalMove` when too many wait.
    """
    words = fit_comment(text)
    incident = _open_incident(page_id, public_incident_id)
    waiting = Comment.objects.filter(public_incident=incident)
    if waiting.filter(text=words, created_at__gt=now - SAME_WITHIN).exists():
        return None
    if waiting.filter(state=State.WAITING).count() >= MOST_WAITING:
        raise IllegalMove(_("So many comments wait to be read that we take no more just now."))
    comment = Comment.objects.create(
        public_incident=incident, name=fit_name(name), text=words, reporter=reporter, created_at=now
    )
    live.changed("feedback")
    return comment


def moderate(*, comment_id: int, state: str, person: Person, by: Actor, now: datetime) -> Comment:
    """Show a comment to everybody, hide it, or lay it back among those that wait. Locks it. Twice is as once."""
    comment = _locked(comment_id)
    if state not in State.values:
        raise BadInput("A comment waits, is shown or is hidden.", errors={"state": "waiting, shown or hidden"})
    if comment.state == state:
        return comment
    was, comment.state, comment.moderated_by = comment.state, state, person
    comment.save(update_fields=["state", "moderated_by"])
    _record(comment, f"status.comment_{state}", by=by, now=now, published=State.SHOWN in (was, state))
    return comment


def reply(*, comment_id: int, text: str, person: Person, by: Actor, now: datetime) -> Comment:
    """Answer a comment in the company's name; it is shown with it. An empty text takes the answer back. Locks it."""
    words = cleaned(text)
    if len(words) > LONGEST_REPLY:
        sentence = f"An answer has at most {LONGEST_REPLY} characters."
        raise BadInput(sentence, errors={"reply": sentence})
    comment = _locked(comment_id)
    if comment.state == State.HIDDEN and words:
        raise IllegalMove("This comment is hidden. Show it first: an answer to nothing puzzles readers.")
    if comment.reply == words:
        return comment
    comment.reply, comment.moderated_by = words, person
    comment.replied_at = now if words else None
    if words:
        comment.state = State.SHOWN
    comment.save(update_fields=["reply", "replied_at", "state", "moderated_by"])
    _record(comment, "status.comment_answered", by=by, now=now, published=comment.state == State.SHOWN, personal=words)
    return comment


def _open_incident(page_id: str, public_incident_id: str) -> PublicIncident:
    known = PublicIncident.objects.filter(page=page_id, published_at__isnull=False, discarded_at=None)
    incident = known.filter(pk=public_incident_id).first()
    if incident is None or incident.resolved_at is not None:
        raise NotFound(_("There is no open incident to comment on."))
    return incident


def _locked(comment_id: int) -> Comment:
    rows = Comment.objects.select_for_update(no_key=True, of=("self",)).select_related("public_incident__page")
    comment = rows.filter(pk=comment_id).first()
    if comment is None:
        raise NotFound("There is no such comment.")
    return comment


def _record(comment: Comment, verb: str, *, by: Actor, now: datetime, published: bool, personal: str = "") -> None:
    incident = comment.public_incident
    if published:
        request_publication()
    payload: dict[str, JSON] = {"comment": comment.pk, "state": comment.state, "page": incident.page.name}
    append(subject=incident.subject, verb=verb, by=by, now=now, payload=payload, personal=personal)
    live.changed("feedback", incident.subject)

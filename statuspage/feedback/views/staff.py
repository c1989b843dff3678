"""`/status-pages/comments/`: what customers wrote, let through, hidden or answered."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from engine import clock
from people.actors import actor_for
from people.doors import signed_in
from people.models import Person
from people.permissions import DRAFT_UPDATE
from statuspage.feedback.operations.comment import moderate, reply
from statuspage.feedback.queries import comments_seen_by, waiting_comments
from statuspage.models import Comment
from web.errors import NotFound
from web.middleware import came_from

PER_PAGE: Final = 30
State = Comment.State
TABS: Final = (
    (State.WAITING, gettext_lazy("Waiting")),
    (State.SHOWN, gettext_lazy("Shown")),
    (State.HIDDEN, gettext_lazy("Hidden")),
)
SAID: Final = {
    State.SHOWN: gettext_lazy("Everybody reads it in a few seconds."),
    State.HIDDEN: gettext_lazy("Nobody reads it any more."),
    State.WAITING: gettext_lazy("It waits again."),
}


@require_safe
@signed_in(DRAFT_UPDATE)
def status_comments(request: HttpRequest, person: Person) -> HttpResponse:
    """List comments of one state, newest first, from `before` downward."""
    state = request.GET.get("state", State.WAITING)
    if state not in State.values:
        state = State.WAITING
    found = comments_seen_by(person).filter(state=state)
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit() and len(before) < 19:
        found = found.filter(pk__lt=int(before))
    rows = list(found[: PER_PAGE + 1])
    waiting = waiting_comments()
    context = {
        "rows": rows[:PER_PAGE],
        "state": state,
        "tabs": [
            {
                "label": label,
                "url": f"?{urlencode({'state': value})}",
                "current": value == state,
                "count": waiting if value == State.WAITING and waiting else None,
            }
            for value, label in TABS
        ],
        "older": f"?{urlencode({'state': state, 'before': rows[PER_PAGE - 1].pk})}" if len(rows) > PER_PAGE else "",
        "newer": f"?{urlencode({'state': state})}" if before else "",
    }
    return render(request, "statuspage/feedback/comments.html", context)


@require_POST
@signed_in(DRAFT_UPDATE)
def status_comment_moderate(request: HttpRequest, person: Person, comment_id: int) -> HttpResponse:
    """Show a comment, hide it, or lay it back; each can be taken back in the list it went to."""
    _must_see(person, comment_id)
    by, now, state = actor_for(person, via="web"), clock.now(), request.POST.get("state", "")
    with transaction.atomic():
        comment = moderate(comment_id=comment_id, state=state, person=person, by=by, now=now)
    messages.success(request, SAID[State(comment.state)])
    return _back(request)


@require_POST
@signed_in(DRAFT_UPDATE)
def status_comment_reply(request: HttpRequest, person: Person, comment_id: int) -> HttpResponse:
    """Answer a comment in the company's name; it is shown with the answer."""
    _must_see(person, comment_id)
    by, now, text = actor_for(person, via="web"), clock.now(), request.POST.get("reply", "")
    with transaction.atomic():
        comment = reply(comment_id=comment_id, text=text, person=person, by=by, now=now)
    messages.success(request, _("The answer is shown in a few seconds.") if comment.reply else _("The answer is gone."))
    return _back(request)


def _must_see(person: Person, comment_id: int) -> None:
    if not comments_seen_by(person).filter(pk=comment_id).exists():
        raise NotFound(_("There is no such comment."))


def _back(request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect(came_from(request) or reverse("status_comments"))

"""A notice as customers read it, in each of its languages; and its words changed while nobody has approved them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from engine import clock
from people.actors import actor_for
from people.doors import signed_in
from people.editing import Editor, edit
from people.models import Person
from people.permissions import APPROVE_UPDATE, READ, RUN_PLAN, may
from resets import screen
from resets.access import access_reset
from resets.models import Notice, Reset
from resets.notices.form import NoticeForm
from resets.notices.operations.changing import check_state, lock_notice
from resets.notices.operations.draft_notice import edit_notice
from resets.notices.preview import preview
from resets.notices.texts import digest_of
from web.errors import IllegalMove, NotFound


@require_safe
@signed_in(READ)
def reset_notice(request: HttpRequest, person: Person, reset_id: str, notice_id: int) -> HttpResponse:
    """Show a notice as customers read it, in each of its languages, and let another person approve it."""
    reset = access_reset(person, reset_id)
    notice = _notice(reset, notice_id)
    shown = [(language, *preview(notice, language)[:2]) for language in sorted(notice.texts)]
    context = {
        "reset": reset,
        "notice": notice,
        "state": screen.NOTICE_STATES[notice.state],
        "shown": shown,
        "digest": digest_of(notice.texts, language=notice.language),
        "may_run": may(person, RUN_PLAN),
        "may_approve": may(person, APPROVE_UPDATE),
        "wrote": str(person.pk) in notice.writers,
    }
    return render(request, "resets/notice.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(RUN_PLAN)
def reset_notice_edit(request: HttpRequest, person: Person, reset_id: str, notice_id: int) -> HttpResponse:
    """Change the words of a draft. Who does can't approve it."""
    notice = _notice(access_reset(person, reset_id), notice_id)
    check_state(notice, Notice.State.DRAFT, doing=_("changed"))
    form = NoticeForm(request.POST or None, notice=notice)
    back = reverse("reset_notice", args=[reset_id, notice_id])

    def save(given: dict[str, Any]) -> str:
        known = lock_notice(notice)
        check_state(known, Notice.State.DRAFT, doing=_("changed"))
        if given["read"] != digest_of(known.texts, language=known.language):
            raise IllegalMove(_("Somebody changed these texts after you opened them. Read them again, then write."))
        texts, who = form.texts(), actor_for(person, via="web")
        edit_notice(notice=known, texts=texts, language=given["language"], by=who, now=clock.now())
        return back

    editor = Editor(
        title=_("What the customers read"),
        intro=_("Another person than those who wrote in it approves it. A language left empty is left out."),
        back=back,
        said=_("The words are kept. Another person reads and approves them."),
        template="resets/notice_form.html",
    )
    return edit(request, form, editor, save=save)


def _notice(reset: Reset, notice_id: int) -> Notice:
    found = Notice.objects.select_related("reset").filter(pk=notice_id, reset=reset).first()
    if found is None:
        raise NotFound(_("This reset has no such notice."))
    return found

"""`/status-pages/<page>/report` and `/comment`: what customers send from the static page."""

from __future__ import annotations

from typing import Final

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from engine import clock
from statuspage.feedback import rules
from statuspage.feedback.operations.comment import write_comment
from statuspage.feedback.operations.report import report
from statuspage.feedback.rules import LONGEST_COMMENT, LONGEST_NAME, UnfitComment
from statuspage.models import StatusPage
from statuspage.public_forms import Limits, check_form, hidden_fields
from statuspage.public_pages import answer, public_view
from web.errors import BadInput, NotFound

REPORTS: Final = Limits(per_key=60_000, per_place=60, overall=60_000)
"""An hour's worth. A page has some twenty components, and each place counts once a day for each of them anyway."""
COMMENTS: Final = Limits(per_key=300, per_place=12, overall=1_000)
"""An hour's worth. Writing takes two steps, so six comments from one place, and 150 under one incident."""


@public_view("POST")
def report_view(request: HttpRequest, page: StatusPage) -> HttpResponse:
    """Count "I'm affected" or "it works for me", and say thank you to whoever said it, however often."""
    _must_take_feedback(page)
    now = clock.now()
    visit = check_form(request, purpose="report", page=page, limits=REPORTS, now=now)
    if not visit.robot:
        with transaction.atomic():
            report(
                page_id=page.pk,
                component_id=request.POST.get("component", "").replace("\0", "")[:12],
                says=request.POST.get("says", ""),
                reporter=visit.sender,
                now=now,
            )
    return answer(request, page, "statuspage/site/reported.html", now=now, says=request.POST.get("says", ""))


@public_view("POST")
def comment_view(request: HttpRequest, page: StatusPage) -> HttpResponse:
    """Show the words once more to whoever wrote them, then keep them until staff look at them.

    The static page's form has no token of ours, so its first answer is always the second look: a program that posts
    there achieves nothing.
    """
    _must_take_feedback(page)
    now = clock.now()
    incident = request.POST.get("incident", "").replace("\0", "")[:12]
    visit = check_form(request, purpose="comment", page=page, limits=COMMENTS, now=now, key=incident)
    name, text = request.POST.get("name", "")[: 2 * LONGEST_NAME], request.POST.get("text", "")[: 2 * LONGEST_COMMENT]
    if visit.robot:
        return answer(request, page, "statuspage/site/commented.html", now=now)
    fault = ""
    try:
        words = rules.fit_comment(text)
        if visit.token == "fresh":  # noqa: S105  (what is known of it)
            with transaction.atomic():
                write_comment(
                    page_id=page.pk,
                    public_incident_id=incident,
                    name=name,
                    text=text,
                    reporter=visit.sender,
                    now=now,
                )
            return answer(request, page, "statuspage/site/commented.html", now=now)
    except UnfitComment as error:
        words, fault = rules.cleaned(text), _why(error)
    fields = hidden_fields(purpose="comment", page=page, now=now)
    return answer(
        request,
        page,
        "statuspage/site/comment.html",
        now=now,
        status=BadInput.status if fault else 200,
        incident=incident,
        name=rules.fit_name(name),
        # Line ends as references: what is between the tags of our pages is not preformatted, and this is.
        text=SafeString(escape(words).replace("\n", "&#10;")),
        fault=fault,
        fields=fields,
        early=visit.token == "early",  # noqa: S105
    )


def _must_take_feedback(page: StatusPage) -> None:
    if not page.takes_feedback:
        raise NotFound(_("This page takes no feedback."))


def _why(error: UnfitComment) -> str:
    if error.why == rules.TOO_LONG:
        return _("A comment has at most %(count)d characters.") % {"count": LONGEST_COMMENT}
    if error.why == rules.TOO_MANY_LINKS:
        return _("Please leave links out.")
    return _("Write a few words.")

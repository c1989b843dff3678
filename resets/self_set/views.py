"""`/reset/`: ask for a code; `/reset/code/`: enter it; `/reset/set/`: choose the password."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from engine import clock
from resets.models import Token
from resets.self_set.codes import digest_of
from resets.self_set.operations.ask import ask
from resets.self_set.operations.set_password import Away, check_open, set_password, token_for
from resets.self_set.pages import language_of, reset_view, show
from resets.self_set.rules import LONGEST, SHORTEST
from statuspage.models import StatusPage
from statuspage.public_forms import Limits, Visit, check_form, hidden_fields
from web.errors import BadInput

ASK: Final = "reset-ask"
ASK_LIMITS: Final = Limits(per_key=5, per_place=60, overall=100_000)
"""An hour's worth. Nobody's mailbox is filled from here; an agency behind one address has many accounts; on the day of
a mass reset everybody comes."""
CODE: Final = "reset-code"
CODE_LIMITS: Final = Limits(per_key=30, per_place=60, overall=100_000)
"""Codes have 60 bits: sixty guesses an hour find none. A key is one code."""
LONGEST_LOGIN: Final = 254


@reset_view("GET", "HEAD", "POST")
def reset_ask(request: HttpRequest, page: StatusPage) -> HttpResponse:
    """Show the form; on POST keep the request and lead on, to the same page at the same pace whatever was asked."""
    now = clock.now()
    login = request.POST.get("login", "").strip().replace("\0", "")[:LONGEST_LOGIN]
    if request.method != "POST":
        return _ask_form(request, page, now=now, login=login)
    visit = check_form(request, purpose=ASK, page=page, limits=ASK_LIMITS, now=now, key=login)
    if not login:
        return _ask_form(request, page, now=now, login=login, error=_("Enter the name you sign in with."))
    if not visit.robot:
        if visit.token != "fresh":  # noqa: S105 - a word of ours
            return _ask_form(request, page, now=now, login=login, error=_old_or_hasty(visit))
        with transaction.atomic():
            ask(login=login, language=language_of(request, page), now=now)
    return HttpResponseRedirect(f"{reverse('reset_code')}?asked=1&lang={language_of(request, page)}")


@reset_view("GET", "HEAD", "POST")
def reset_code(request: HttpRequest, page: StatusPage) -> HttpResponse:
    """Take a code. Opening the mail's link only fills it in: scanners of mails open links, and use nothing up."""
    now = clock.now()
    code = (request.POST if request.method == "POST" else request.GET).get("code", "")[:100].replace("\0", "")
    if request.method != "POST":
        return _code_form(request, page, now=now, code=code)
    _check(request, page, now=now, code=code)
    token = token_for(code, now=now)
    check_open(token.account, now=now)
    return _password_form(request, page, token, now=now, code=code)


@reset_view("POST")
def reset_set(request: HttpRequest, page: StatusPage) -> HttpResponse:
    """Set the password; what is not taken is said beside its field, and the code goes on working."""
    now = clock.now()
    code = request.POST.get("code", "")[:100].replace("\0", "")
    _check(request, page, now=now, code=code)
    try:
        account = set_password(
            code=code,
            password=request.POST.get("password", "")[:1000],
            repeated=request.POST.get("repeated", "")[:1000],
            number=request.POST.get("number", "")[:100].replace("\0", ""),
            proof=request.POST.get("proof", "")[:100].replace("\0", ""),
            now=now,
        )
    except BadInput as refusal:
        token = token_for(code, now=now)
        return _password_form(request, page, token, now=now, code=code, errors=refusal.errors, status=422)
    except Away as away:
        token = token_for(code, now=now)
        errors = {"form": away.sentence}
        response = _password_form(request, page, token, now=now, code=code, errors=errors, status=away.status)
        response["Retry-After"] = "60"
        return response
    return show(request, page, "resets/self_set/done.html", now=now, account=account)


def _check(request: HttpRequest, page: StatusPage, *, now: datetime, code: str) -> None:
    """Count a use of a code; refuse a form that stands on another site, or that no person filled in."""
    visit = check_form(request, purpose=CODE, page=page, limits=CODE_LIMITS, now=now, key=digest_of("token", code))
    if visit.robot or visit.token in ("missing", "late"):
        sentence = _("This form was open for too long. Start again from the mail with your code.")
        raise BadInput(sentence)


def _old_or_hasty(visit: Visit) -> str:
    if visit.token == "early":  # noqa: S105 - a word of ours
        return _("That was very fast. Press the button once more.")
    return _("This form was open for too long. Press the button once more.")


def _ask_form(request: HttpRequest, page: StatusPage, *, now: datetime, login: str, error: str = "") -> HttpResponse:
    return show(
        request,
        page,
        "resets/self_set/ask.html",
        now=now,
        status=422 if error else 200,
        login=login,
        error=error,
        hidden_fields=hidden_fields(purpose=ASK, page=page, now=now),
    )


def _code_form(request: HttpRequest, page: StatusPage, *, now: datetime, code: str) -> HttpResponse:
    return show(
        request,
        page,
        "resets/self_set/code.html",
        now=now,
        code=code,
        asked="asked" in request.GET,
        hidden_fields=hidden_fields(purpose=CODE, page=page, now=now),
    )


def _password_form(
    request: HttpRequest,
    page: StatusPage,
    token: Token,
    *,
    now: datetime,
    code: str,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    return show(
        request,
        page,
        "resets/self_set/set.html",
        now=now,
        status=status,
        code=code,
        account=token.account,
        needs_proof=token.needs_proof,
        errors=errors or {},
        shortest=SHORTEST,
        longest=LONGEST,
        hidden_fields=hidden_fields(purpose=CODE, page=page, now=now),
    )

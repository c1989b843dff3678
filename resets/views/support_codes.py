"""Support gives an owner whom it has identified a code for the reset page: shown once, to whoever issued it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from engine import clock
from people.actors import actor_for
from people.doors import signed_in
from people.editing import Editor, attempt
from people.models import Person
from people.permissions import DRAFT_UPDATE
from resets.access import visible_resets
from resets.forms import SupportCodeForm
from resets.models import Account
from resets.self_set.operations.issue_code import LIFE, issue_code
from resets.self_set.rules import needs_proof
from resets.self_set.standing import accounts_called, standing_of
from web.errors import NotFound

STANDINGS: Final[dict[str, tuple[str, str, str | Promise]]] = {
    "open": ("calm", "lock", gettext_lazy("Waits for its owner")),
    "later": ("watch", "hourglass", gettext_lazy("Not all of it is secured yet")),
    "returned": ("ok", "check", gettext_lazy("Its owner has set a password")),
    "closed": ("quiet", "stop", gettext_lazy("The reset page can't open it")),
}


@dataclass(frozen=True)
class Owned:
    """An account as support sees it. `may`: a code can be given; `must`: the mailed code alone is not enough."""

    account: Account
    kind: str
    icon: str
    word: str | Promise
    may: bool
    must: bool


@require_safe
@signed_in(DRAFT_UPDATE)
def support_codes(request: HttpRequest, person: Person) -> HttpResponse:
    """Look up the accounts of a login: how each stands, and which of them a code can be given for."""
    login, now = request.GET.get("login", "").replace("\0", "").strip()[:254], clock.now()
    seen = set(visible_resets(person).order_by().values_list("pk", flat=True)) if login else set()
    rows = [_owned(each, now=now) for each in accounts_called(login, now=now) if each.reset_id in seen]
    return render(request, "resets/support_codes.html", {"login": login, "rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(DRAFT_UPDATE)
def support_code(request: HttpRequest, person: Person, account_id: int) -> HttpResponse:
    """Ask how the owner was identified, then show the code: the answer to that POST is the only page that holds it."""
    account = _account(person, account_id)
    form, now = SupportCodeForm(request.POST or None), clock.now()

    def issue(given: dict[str, Any]) -> str:
        return issue_code(account=account, reason=given["reason"], by=actor_for(person, via="web"), now=now)

    if request.method == "POST" and form.is_valid() and (code := attempt(form, issue)):
        context = {"account": account, "code": code, "until": now + LIFE}
        return render(request, "resets/support_code_issued.html", context, status=201)
    editor = Editor(
        title=_("Code for {login}").format(login=account.login),
        intro=_("It opens nothing by itself: the mailed code and the customer number are needed too."),
        back=f"{reverse('support_codes')}?login={account.login}",
        said="",
    )
    context = {"form": form, "editor": editor, "owned": _owned(account, now=now)}
    return render(request, "resets/support_code.html", context, status=422 if form.errors else 200)


def _owned(account: Account, *, now: datetime) -> Owned:
    standing = standing_of(account, now=now)
    must = needs_proof(
        email_changed_at=account.email_changed_at,
        cutoff=account.reset.cutoff,
        trusts_mail=account.system.trusts_mail,
    )
    return Owned(account, *STANDINGS[standing], may=standing in ("open", "later"), must=must)


def _account(person: Person, account_id: int) -> Account:
    found = Account.objects.select_related("reset", "system").filter(pk=account_id).first()
    if found is None or not visible_resets(person).filter(pk=found.reset_id).exists():
        raise NotFound(_("There is no such account."))
    return found

"""`/tokens/`: my API tokens, and everybody's for administrators. A token's text is shown once."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from engine import clock
from people.actors import actor_for
from people.doors import signed_in
from people.forms import TokenForm
from people.models import ApiToken, Person
from people.operations.issue_token import issue_token, revoke_token
from people.permissions import ADMINISTER, may, require
from people.views.people import access_person, live_tokens
from web.errors import BadInput, NotFound


@require_safe
@signed_in()
def tokens(request: HttpRequest, person: Person) -> HttpResponse:
    """List what opens the API: one's own tokens, and those of others for administrators."""
    context = {
        "mine": list(person.api_tokens.all()),
        "others": list(live_tokens().exclude(person=person)) if may(person, ADMINISTER) else [],
        "token_form": TokenForm(),
        "reader": person,
    }
    return render(request, "people/tokens.html", context)


@require_POST
@signed_in()
def token_issue(request: HttpRequest, person: Person, person_id: UUID) -> HttpResponse:
    """Issue a token and show it: the answer to this POST is the only page that ever holds its text."""
    owner = access_person(person_id)
    if owner != person:
        require(person, ADMINISTER)
    if not owner.is_active:
        raise BadInput(_("{name} left; a token would open nothing.").format(name=owner.name))
    form = TokenForm(request.POST)
    if not form.is_valid():
        raise BadInput(_("Say what the token is for."))
    by = actor_for(person, via="web")
    with transaction.atomic():
        token, secret = issue_token(person=owner, name=form.cleaned_data["name"], by=by, now=clock.now())
    context = {"token": token, "secret": secret, "owner": owner, "address": request.build_absolute_uri("/api/v1/")}
    return render(request, "people/token_issued.html", context, status=201)


@require_POST
@signed_in()
def token_revoke(request: HttpRequest, person: Person, token_id: int) -> HttpResponse:
    """Revoke one of one's own tokens, or anybody's as an administrator."""
    token = ApiToken.objects.filter(pk=token_id).first()
    if token is None or (token.person_id != person.pk and not may(person, ADMINISTER)):
        raise NotFound(_("There is no such token."))
    with transaction.atomic():
        revoke_token(token_id=token.pk, by=actor_for(person, via="web"), now=clock.now())
    messages.success(request, _("“{name}” opens nothing any more.").format(name=token.name))
    return HttpResponseRedirect(reverse("tokens"))

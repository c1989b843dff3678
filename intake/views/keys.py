"""`/keys/`: by which keys monitoring tools reach us, each with what to paste into the tool."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from engine import clock
from intake.forms import KeyForm
from intake.models import IntegrationKey
from intake.operations.issue_key import issue_key, revoke_key
from people.actors import actor_for
from people.doors import signed_in
from people.editing import Editor, edit
from people.models import Person
from people.permissions import ADMINISTER
from web.errors import NotFound


@require_safe
@signed_in(ADMINISTER)
def keys(request: HttpRequest, person: Person) -> HttpResponse:  # noqa: ARG001  (the door's shape)
    """List the keys, those in use first; those of heartbeats stand with them."""
    found = IntegrationKey.objects.select_related("service").filter(heartbeat=None)
    context = {"live": found.filter(revoked_at=None), "revoked": found.exclude(revoked_at=None)}
    return render(request, "intake/keys.html", context)


@require_safe
@signed_in(ADMINISTER)
def key_page(request: HttpRequest, person: Person, key_id: int) -> HttpResponse:  # noqa: ARG001
    """Show a key's address and an example for its tool, to copy."""
    key = IntegrationKey.objects.select_related("service", "heartbeat").filter(pk=key_id).first()
    if key is not None and hasattr(key, "heartbeat"):
        return HttpResponseRedirect(reverse("heartbeat", args=[key.heartbeat.pk]))
    if key is None:
        raise NotFound(_("There is no such integration key."))
    context = {"key": key, "address": address_of(key), "host": settings.PUBLIC_URL}
    return render(request, "intake/key.html", context)


def address_of(key: IntegrationKey) -> str:
    """Return the address that the tool posts to."""
    if key.kind == IntegrationKey.Kind.EVENTS_V2:
        return f"{settings.PUBLIC_URL}/v2/enqueue"
    return f"{settings.PUBLIC_URL}/integrations/{key.kind}/{key.key}"


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(ADMINISTER)
def key_add(request: HttpRequest, person: Person) -> HttpResponse:
    """Give a tool a key."""
    form = KeyForm(request.POST or None)

    def save(given: dict[str, Any]) -> str:
        key, _secret = issue_key(**given, by=actor_for(person, via="web"), now=clock.now())
        return reverse("key", args=[key.pk])

    editor = Editor(
        title=_("New integration key"),
        intro=_("One key for each tool: you see which one speaks, and can revoke it alone."),
        back=reverse("keys"),
        said=_("Here is the key. Paste the example into the tool."),
    )
    return edit(request, form, editor, save=save)


@require_POST
@signed_in(ADMINISTER)
def key_revoke(request: HttpRequest, person: Person, key_id: int) -> HttpResponse:
    """Revoke a key: what comes by it is refused from now on."""
    with transaction.atomic():
        key = revoke_key(key_id=key_id, by=actor_for(person, via="web"), now=clock.now())
    messages.success(request, _("“{name}” is revoked. What comes by it goes to quarantine.").format(name=key.name))
    return HttpResponseRedirect(reverse("keys"))

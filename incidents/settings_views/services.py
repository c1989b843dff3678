"""`/services/`: what the company runs, and who is paged for it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from engine import clock
from incidents.models import Service
from incidents.operations.change_service import ServiceDraft, add_service, change_service, remove_service
from incidents.settings_forms import ServiceForm
from people.actors import actor_for
from people.doors import signed_in
from people.editing import Editor, edit
from people.models import Person
from people.permissions import ADMINISTER, READ, may
from web.errors import NotFound


@require_safe
@signed_in(READ)
def services(request: HttpRequest, person: Person) -> HttpResponse:
    """List the services with their policies and teams."""
    found = Service.objects.select_related("policy", "team")
    context = {"services": found, "may_administer": may(person, ADMINISTER)}
    return render(request, "incidents/settings/services.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(ADMINISTER)
def service_edit(request: HttpRequest, person: Person, service_id: int | None = None) -> HttpResponse:
    """Make a service or change one."""
    service = _service(service_id) if service_id is not None else None
    form = ServiceForm(request.POST or None, service=service)
    by = actor_for(person, via="web")

    def save(given: dict[str, Any]) -> None:
        draft = ServiceDraft(**given)
        if service is None:
            add_service(draft=draft, by=by, now=clock.now())
        else:
            change_service(service_id=service.pk, draft=draft, by=by, now=clock.now())

    intro = (
        _("Tools name it by its key, {key}.").format(key=service.key)
        if service
        else _("Its key is made of its name; tools name it by that key.")
    )
    editor = Editor(
        title=service.name if service else _("New service"),
        intro=intro,
        back=reverse("services"),
        said=_("The service is saved."),
        remove_url=reverse("service_remove", args=[service.pk]) if service else "",
        remove_word=_("Remove the service"),
        remove_text=_("Only a service that nothing names yet can be removed."),
    )
    return edit(request, form, editor, save=save)


@require_POST
@signed_in(ADMINISTER)
def service_remove(request: HttpRequest, person: Person, service_id: int) -> HttpResponse:
    """Take a service away."""
    with transaction.atomic():
        remove_service(service_id=service_id, by=actor_for(person, via="web"), now=clock.now())
    messages.success(request, _("The service is removed."))
    return HttpResponseRedirect(reverse("services"))


def _service(service_id: int) -> Service:
    found = Service.objects.filter(pk=service_id).first()
    if found is None:
        raise NotFound(_("There is no such service."))
    return found

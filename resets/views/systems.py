"""`/account-systems/`: what holds the accounts, and whether we may do there what a reset will need."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from eap.actions.base import Trouble
from engine import clock
from people.actors import actor_for
from people.doors import signed_in
from people.editing import Editor, edit
from people.models import Person
from people.permissions import ADMINISTER, READ, may
from resets.backends.base import Probe
from resets.backends.registry import PLACES, kind_of
from resets.describing import able, about, read
from resets.forms_systems import SystemForm
from resets.models import System
from resets.opening import open_backend
from resets.operations.save_system import archive_system, save_system
from web.errors import NotFound
from web.middleware import send_to

PROBE_S: Final = 15.0


@require_safe
@signed_in(READ)
def systems(request: HttpRequest, person: Person) -> HttpResponse:
    """List the systems, those put away last."""
    found = System.objects.order_by("archived_at", "name")
    rows = [(system, kind_of(system.kind).title if system.kind in PLACES else system.kind) for system in found]
    return render(request, "resets/systems.html", {"rows": rows, "may_change": may(person, ADMINISTER)})


@require_safe
@signed_in(READ)
def system(request: HttpRequest, person: Person, system_id: int) -> HttpResponse:
    """Show a system: its kind, what it can do, its settings by name."""
    return _shown(request, person, _system(system_id))


@require_POST
@signed_in(ADMINISTER)
def system_probe(request: HttpRequest, person: Person, system_id: int) -> HttpResponse:
    """Try there every right that a reset will need, changing nothing, and show what came out."""
    found = _system(system_id)
    said: list[str] = []
    try:
        backend = open_backend(found, say=said.append, stopped=lambda: False, timeout_s=PROBE_S)
        try:
            probes = list(backend.probe())
        finally:
            backend.close()
    except Trouble as trouble:
        probes = [Probe(name=_("Reaching it"), granted=False, sentence=trouble.sentence)]
    return _shown(request, person, found, probes=probes, said=said)


def _shown(request: HttpRequest, person: Person, found: System, **more: Any) -> HttpResponse:
    kind = kind_of(found.kind) if found.kind in PLACES else None
    context = {
        "system": found,
        "kind": kind.title if kind else found.kind,
        "able": able(kind) if kind else [],
        "tried": kind.tried if kind else "",
        "settings": sorted(found.settings.items()),
        "hosts": list(found.hosts.exclude(sentence="").order_by("shard")[:50]),
        "resets": list(found.resets.order_by("-created_at")[:10]) if may(person, ADMINISTER) else [],
        "may_change": may(person, ADMINISTER),
        **more,
    }
    return render(request, "resets/system.html", context)


@require_safe
@signed_in(ADMINISTER)
def system_kind(request: HttpRequest, person: Person) -> HttpResponse:  # noqa: ARG001 - the door's shape
    """Ask what kind of system it is."""
    kinds = [(name, kind_of(name)) for name in PLACES]
    rows = [(name, kind.title, able(kind), kind.tried) for name, kind in kinds]
    return render(request, "resets/system_kind.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(ADMINISTER)
def system_add(request: HttpRequest, person: Person, kind: str) -> HttpResponse:
    """Describe a new system of a kind."""
    if kind not in PLACES:
        raise NotFound(_("There is no such kind of system."))
    return _edited(request, person, kind, None)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(ADMINISTER)
def system_edit(request: HttpRequest, person: Person, system_id: int) -> HttpResponse:
    """Change a system."""
    found = _system(system_id)
    return _edited(request, person, found.kind, found)


def _edited(request: HttpRequest, person: Person, kind: str, found: System | None) -> HttpResponse:
    form = SystemForm(request.POST or None, kind=kind, system=found)

    def save(given: dict[str, Any]) -> str:
        settings = read(given.pop("settings"))
        who: dict[str, Any] = {"by": actor_for(person, via="web"), "now": clock.now()}
        key = found.key if found else given.pop("key")
        saved = save_system(
            **given, key=key, kind=kind, settings=settings, system_id=found.pk if found else None, **who
        )
        return reverse("account_system", args=[saved.pk])

    backend = kind_of(kind)
    editor = Editor(
        title=found.name if found else _("New system: {kind}").format(kind=backend.title),
        intro=_("Save it, then test it: testing tries every right and changes nothing."),
        back=reverse("account_system", args=[found.pk]) if found else reverse("account_systems"),
        said=_("The system is kept."),
        template="resets/system_form.html",
        more={"about": about(kind)},
    )
    return edit(request, form, editor, save=save)


@require_POST
@signed_in(ADMINISTER)
def system_archive(request: HttpRequest, person: Person, system_id: int) -> HttpResponse:
    """Put a system away, or bring it back."""
    away = request.POST.get("away", "1") == "1"
    with transaction.atomic():
        saved = archive_system(system_id=system_id, away=away, by=actor_for(person, via="web"), now=clock.now())
    messages.success(
        request, _("Put away: no further reset covers it.") if saved.archived_at else _("It is in use again.")
    )
    return send_to(request, reverse("account_system", args=[system_id]))


def _system(system_id: int) -> System:
    found = System.objects.filter(pk=system_id).first()
    if found is None:
        raise NotFound(_("There is no such system."))
    return found

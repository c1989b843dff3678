"""`/status-targets/`: where the published files go besides the folder on this host, and how that goes."""

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
from people.actors import actor_for
from people.doors import signed_in
from people.editing import Editor, edit
from people.models import Person
from people.permissions import ADMINISTER
from statuspage.models import Target
from statuspage.publishing.change_target import check_soon, remove_target, save_target
from statuspage.publishing.forms import FORMS
from statuspage.publishing.publish import folder
from web.errors import NotFound


@require_safe
@signed_in(ADMINISTER)
def status_targets(request: HttpRequest, person: Person) -> HttpResponse:  # noqa: ARG001  (the door's shape)
    """List the folder of this host and every target, with what each holds and what ails it."""
    held = folder().manifest()
    context = {
        "held": held if held.generation else None,
        "root": folder().root,
        "targets": Target.objects.defer("secret"),
        "kinds": Target.Kind.choices,
    }
    return render(request, "statuspage/publishing/targets.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(ADMINISTER)
def status_target_add(request: HttpRequest, person: Person, kind: str) -> HttpResponse:
    """Name a further place of a kind."""
    if kind not in FORMS:
        raise NotFound(_("There is no such kind of target."))
    return _edit(request, person, kind=kind, target=None)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(ADMINISTER)
def status_target_edit(request: HttpRequest, person: Person, target_id: int) -> HttpResponse:
    """Change a target; its secrets are never shown."""
    target = Target.objects.filter(pk=target_id).first()
    if target is None:
        raise NotFound(_("There is no such target."))
    return _edit(request, person, kind=target.kind, target=target)


@require_POST
@signed_in(ADMINISTER)
def status_target_check(request: HttpRequest, person: Person, target_id: int) -> HttpResponse:  # noqa: ARG001
    """Have every file there fetched back and compared."""
    with transaction.atomic():
        target = check_soon(target_id=target_id)
    said = _("“{name}” is being compared file by file. What comes of it shows here.").format(name=target.name)
    messages.info(request, said)
    return HttpResponseRedirect(reverse("status_targets"))


@require_POST
@signed_in(ADMINISTER)
def status_target_remove(request: HttpRequest, person: Person, target_id: int) -> HttpResponse:
    """Forget a target."""
    with transaction.atomic():
        target = remove_target(target_id=target_id, by=actor_for(person, via="web"), now=clock.now())
    messages.success(request, _("“{name}” is removed. The files there stay.").format(name=target.name))
    return HttpResponseRedirect(reverse("status_targets"))


def _edit(request: HttpRequest, person: Person, *, kind: str, target: Target | None) -> HttpResponse:
    form = FORMS[kind](request.POST or None, target=target)

    def save(_given: dict[str, Any]) -> None:
        save_target(target=target, kind=kind, **form.arguments(), by=actor_for(person, via="web"), now=clock.now())

    label = Target.Kind(kind).label
    editor = Editor(
        title=target.name if target else _("New target: {kind}").format(kind=label),
        intro=_("It gets every file of the status page, within seconds of each change, and at least every minute."),
        back=reverse("status_targets"),
        said=_("Saved. The files are on their way."),
        remove_url=reverse("status_target_remove", args=[target.pk]) if target else "",
        remove_word=_("Remove the target"),
        remove_text=_("Its keys are forgotten. The files there stay, and grow old."),
    )
    return edit(request, form, editor, save=save)

"""`/people/`: everybody, one person, and what administrators change about them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from engine import clock
from people import panels
from people.actors import actor_for
from people.doors import signed_in
from people.editing import Editor, edit
from people.forms import NewPersonForm, ProfileForm, TokenForm
from people.models import ApiToken, Person
from people.operations.add_person import add_person
from people.operations.change_person import change_person, deactivate_person, reactivate_person
from people.permissions import ADMINISTER, READ, may
from web.errors import NotFound


@require_safe
@signed_in(READ)
def people(request: HttpRequest, person: Person) -> HttpResponse:
    """List everybody who is here, or who left; search by name, title or address."""
    words = request.GET.get("q", "").strip()
    left = request.GET.get("left") == "1"
    found = Person.objects.get_queryset().filter(is_active=not left).prefetch_related("tiers", "teams")
    if words:
        found = found.filter(Q(name__icontains=words) | Q(title__icontains=words) | Q(email__icontains=words))
    context = {
        "people": found,
        "words": words,
        "left": left,
        "filters": [
            {"label": _("Here"), "url": reverse("people"), "current": not left},
            {"label": _("Left"), "url": "?left=1", "current": left},
        ],
        "may_administer": may(person, ADMINISTER),
    }
    return render(request, "people/people.html", context)


@require_safe
@signed_in(READ)
def person_page(request: HttpRequest, person: Person, person_id: UUID) -> HttpResponse:
    """Show who somebody is, where they stand, how they are reached, and their tokens (to themselves and to
    administrators)."""
    shown = access_person(person_id)
    administers = may(person, ADMINISTER)
    context: dict[str, Any] = {
        "shown": shown,
        "stands_in": places_of(shown),
        "panels": [mark_safe(html) for html in panels.rendered(request, shown)],  # noqa: S308  (our own templates)
        "may_administer": administers,
        "may_issue": administers or shown == person,
        "tokens": list(shown.api_tokens.all()) if administers or shown == person else [],
        "token_form": TokenForm(auto_id="token-%s"),
    }
    return render(request, "people/person.html", context)


def access_person(person_id: UUID) -> Person:
    """Return a person by id; raise `NotFound`."""
    found = Person.objects.get_queryset().filter(pk=person_id).first()
    if found is None:
        raise NotFound(_("There is no such person."))
    return found


def places_of(person: Person) -> list[tuple[str, str]]:
    """Return where somebody stands, in words, each with the address of that place: what would miss them."""
    tiers = [(_("Tier {name}").format(name=tier.name), reverse("tiers")) for tier in person.tiers.all()]
    lines = [(_("Stands in for {name}").format(name=tier.name), reverse("tiers")) for tier in person.succeeds_in.all()]
    teams = [(_("Team {name}").format(name=team.name), reverse("teams")) for team in person.teams.all()]
    rotations = person.rotation_set.select_related("schedule")
    schedules = {rotation.schedule for rotation in rotations}
    duties = [
        (_("On call in {name}").format(name=schedule.name), reverse("schedule", args=[schedule.pk]))
        for schedule in sorted(schedules, key=str)
    ]
    return [*tiers, *lines, *teams, *duties]


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(ADMINISTER)
def person_add(request: HttpRequest, person: Person) -> HttpResponse:
    """Give somebody an account."""
    form = NewPersonForm(request.POST or None, initial={"time_zone": person.time_zone})

    def save(given: dict[str, Any]) -> str:
        added = add_person(**given, by=actor_for(person, via="web"), now=clock.now())
        return reverse("person", args=[added.pk])

    editor = Editor(
        title=_("Add somebody"),
        intro=_("They choose a password with “Forgot it?” on the sign-in page."),
        back=reverse("people"),
        said=_("Added. Next: give them a contact method, or let them do it themselves."),
    )
    return edit(request, form, editor, save=save)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(ADMINISTER)
def person_edit(request: HttpRequest, person: Person, person_id: UUID) -> HttpResponse:
    """Change a profile or a role."""
    shown = access_person(person_id)
    names = ("name", "title", "role", "time_zone")
    form = ProfileForm(request.POST or None, initial={name: getattr(shown, name) for name in names})

    def save(given: dict[str, Any]) -> None:
        change_person(person_id=shown.pk, **given, by=actor_for(person, via="web"), now=clock.now())

    back = reverse("person", args=[shown.pk])
    return edit(request, form, Editor(title=shown.name, back=back, said=_("Changed.")), save=save)


@require_POST
@signed_in(ADMINISTER)
def person_deactivate(request: HttpRequest, person: Person, person_id: UUID) -> HttpResponse:
    """Take somebody out; the way back is one button on the page it leads to."""
    with transaction.atomic():
        gone = deactivate_person(person_id=person_id, by=actor_for(person, via="web"), now=clock.now())
    messages.success(
        request,
        _("{name} can't sign in or be paged any more. The readiness report says what misses them.").format(
            name=gone.name
        ),
    )
    return HttpResponseRedirect(reverse("person", args=[person_id]))


@require_POST
@signed_in(ADMINISTER)
def person_reactivate(request: HttpRequest, person: Person, person_id: UUID) -> HttpResponse:
    """Take somebody back."""
    with transaction.atomic():
        back = reactivate_person(person_id=person_id, by=actor_for(person, via="web"), now=clock.now())
    messages.success(request, _("{name} is back. Their tokens stay revoked.").format(name=back.name))
    return HttpResponseRedirect(reverse("person", args=[person_id]))


def live_tokens() -> Any:
    """Return every token that opens something, with its owner, newest first."""
    return ApiToken.objects.filter(revoked_at=None, person__is_active=True).select_related("person")

"""`/teams/` and `/tiers/`: who belongs together, and which leaders an incident musters."""

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
from people.forms import TeamForm, TierForm
from people.models import Person, Team, Tier
from people.operations.change_team import add_team, change_team, remove_team
from people.operations.change_tier import TierDraft, add_tier, change_tier, remove_tier
from people.permissions import ADMINISTER, READ, may
from people.queries import tier_line, tier_people
from web.errors import NotFound


@require_safe
@signed_in(READ)
def teams(request: HttpRequest, person: Person) -> HttpResponse:
    """List the teams with their members in order."""
    found = Team.objects.prefetch_related("teammember_set__person")
    return render(request, "people/teams.html", {"teams": found, "may_administer": may(person, ADMINISTER)})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(ADMINISTER)
def team_edit(request: HttpRequest, person: Person, team_id: int | None = None) -> HttpResponse:
    """Make a team or change one."""
    team = _team(team_id) if team_id is not None else None
    form = TeamForm(request.POST or None, team=team)
    by = actor_for(person, via="web")

    def save(given: dict[str, Any]) -> None:
        if team is None:
            add_team(**given, by=by, now=clock.now())
        else:
            change_team(team_id=team.pk, **given, by=by, now=clock.now())

    editor = Editor(
        title=team.name if team else _("New team"),
        intro=_("Teams own services and are paged together."),
        back=reverse("teams"),
        said=_("The team is saved."),
        remove_url=reverse("team_remove", args=[team.pk]) if team else "",
        remove_word=_("Remove the team"),
        remove_text=_("Its people stay. Policies and services that rely on it must be changed first."),
    )
    return edit(request, form, editor, save=save)


@require_POST
@signed_in(ADMINISTER)
def team_remove(request: HttpRequest, person: Person, team_id: int) -> HttpResponse:
    """Take a team away."""
    with transaction.atomic():
        remove_team(team_id=team_id, by=actor_for(person, via="web"), now=clock.now())
    messages.success(request, _("The team is removed."))
    return HttpResponseRedirect(reverse("teams"))


@require_safe
@signed_in(READ)
def tiers(request: HttpRequest, person: Person) -> HttpResponse:
    """Show each tier with who would be called now and who stands in."""
    now = clock.now()
    shown = [
        (tier, tier_people(tier.pk, now), tier_line(tier.pk)) for tier in Tier.objects.select_related("schedule").all()
    ]
    return render(request, "people/tiers.html", {"tiers": shown, "may_administer": may(person, ADMINISTER)})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(ADMINISTER)
def tier_edit(request: HttpRequest, person: Person, tier_id: int | None = None) -> HttpResponse:
    """Make a tier or change one."""
    tier = _tier(tier_id) if tier_id is not None else None
    form = TierForm(request.POST or None, tier=tier)
    by = actor_for(person, via="web")

    def save(given: dict[str, Any]) -> None:
        schedule = given.pop("schedule")
        draft = TierDraft(**given, schedule_id=schedule.pk if schedule else None)
        if tier is None:
            add_tier(draft=draft, by=by, now=clock.now())
        else:
            change_tier(tier_id=tier.pk, draft=draft, by=by, now=clock.now())

    editor = Editor(
        title=tier.name if tier else _("New tier"),
        intro=_("A level of leadership that an incident may need. Musters under way keep their people."),
        back=reverse("tiers"),
        said=_("The tier is saved."),
        remove_url=reverse("tier_remove", args=[tier.pk]) if tier else "",
        remove_word=_("Remove the tier"),
        remove_text=_("Severities and policies that need it must be changed first."),
    )
    return edit(request, form, editor, save=save)


@require_POST
@signed_in(ADMINISTER)
def tier_remove(request: HttpRequest, person: Person, tier_id: int) -> HttpResponse:
    """Take a tier away."""
    with transaction.atomic():
        remove_tier(tier_id=tier_id, by=actor_for(person, via="web"), now=clock.now())
    messages.success(request, _("The tier is removed."))
    return HttpResponseRedirect(reverse("tiers"))


def _team(team_id: int) -> Team:
    found = Team.objects.filter(pk=team_id).first()
    if found is None:
        raise NotFound(_("There is no such team."))
    return found


def _tier(tier_id: int) -> Tier:
    found = Tier.objects.filter(pk=tier_id).first()
    if found is None:
        raise NotFound(_("There is no such tier."))
    return found

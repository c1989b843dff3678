"""`/schedules/`: who holds which duty when, as a picture of 14 days; rotations and overrides."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from engine import clock
from people.actors import actor_for
from people.calendar import days_of
from people.doors import signed_in
from people.editing import Editor, edit
from people.forms import OverrideForm, RotationForm, ScheduleForm
from people.models import Override, Person, Rotation, Schedule
from people.operations.change_rotation import RotationDraft, add_rotation, change_rotation, remove_rotation
from people.operations.change_schedule import add_schedule, change_schedule, remove_schedule
from people.operations.override_schedule import add_override, remove_override
from people.permissions import ADMINISTER, OVERRIDE_SCHEDULE, READ, may
from people.queries import on_call_people
from web.errors import NotFound


@require_safe
@signed_in(READ)
def schedules(request: HttpRequest, person: Person) -> HttpResponse:
    """List the schedules with who is on call now."""
    now = clock.now()
    shown = [(schedule, on_call_people(schedule.pk, now)) for schedule in Schedule.objects.all()]
    return render(request, "people/schedules.html", {"schedules": shown, "may_administer": may(person, ADMINISTER)})


@require_safe
@signed_in(READ)
def schedule_page(request: HttpRequest, person: Person, schedule_id: int) -> HttpResponse:
    """Show one schedule: now, the next 14 days as a picture, its rotations and overrides."""
    schedule = access_schedule(schedule_id)
    now = clock.now()
    rotations = schedule.rotations.prefetch_related("places__person").order_by("-position", "-id")
    context = {
        "schedule": schedule,
        "on_call": on_call_people(schedule.pk, now),
        "days": days_of(schedule, now=now),
        "rotations": [(rotation, [place.person for place in rotation.places.all()]) for rotation in rotations],
        "overrides": schedule.overrides.filter(ends_at__gt=now).select_related("person"),
        "may_administer": may(person, ADMINISTER),
        "may_override": may(person, OVERRIDE_SCHEDULE),
    }
    return render(request, "people/schedule.html", context)


def access_schedule(schedule_id: int) -> Schedule:
    """Return a schedule by id; raise `NotFound`."""
    found = Schedule.objects.filter(pk=schedule_id).first()
    if found is None:
        raise NotFound(_("There is no such schedule."))
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(ADMINISTER)
def schedule_edit(request: HttpRequest, person: Person, schedule_id: int | None = None) -> HttpResponse:
    """Make a schedule, rename one, or move it to another zone."""
    schedule = access_schedule(schedule_id) if schedule_id is not None else None
    initial = {"name": schedule.name, "time_zone": schedule.time_zone} if schedule else {"time_zone": person.time_zone}
    form = ScheduleForm(request.POST or None, initial=initial)
    by = actor_for(person, via="web")

    def save(given: dict[str, Any]) -> str:
        if schedule is None:
            saved = add_schedule(**given, by=by, now=clock.now())
        else:
            saved = change_schedule(schedule_id=schedule.pk, **given, by=by, now=clock.now())
        return reverse("schedule", args=[saved.pk])

    editor = Editor(
        title=schedule.name if schedule else _("New schedule"),
        intro=_("A duty that somebody holds at any moment. Who takes turns comes next."),
        back=reverse("schedule", args=[schedule.pk]) if schedule else reverse("schedules"),
        said=_("The schedule is saved."),
        remove_url=reverse("schedule_remove", args=[schedule.pk]) if schedule else "",
        remove_word=_("Remove the schedule"),
        remove_text=_("Its rotations and overrides go with it. Tiers and policies that name it must be changed first."),
    )
    return edit(request, form, editor, save=save)


@require_POST
@signed_in(ADMINISTER)
def schedule_remove(request: HttpRequest, person: Person, schedule_id: int) -> HttpResponse:
    """Take a schedule away."""
    with transaction.atomic():
        remove_schedule(schedule_id=schedule_id, by=actor_for(person, via="web"), now=clock.now())
    messages.success(request, _("The schedule is removed."))
    return HttpResponseRedirect(reverse("schedules"))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(ADMINISTER)
def rotation_edit(
    request: HttpRequest, person: Person, schedule_id: int, rotation_id: int | None = None
) -> HttpResponse:
    """Give a schedule people who take turns, or change their turns."""
    schedule = access_schedule(schedule_id)
    rotation = schedule.rotations.filter(pk=rotation_id).first() if rotation_id is not None else None
    if rotation_id is not None and rotation is None:
        raise NotFound(_("There is no such rotation."))
    form = RotationForm(request.POST or None, rotation=rotation)
    by = actor_for(person, via="web")

    def save(given: dict[str, Any]) -> None:
        draft = RotationDraft(**given)
        if rotation is None:
            add_rotation(schedule_id=schedule.pk, draft=draft, by=by, now=clock.now())
        else:
            change_rotation(rotation_id=rotation.pk, draft=draft, by=by, now=clock.now())

    editor = Editor(
        title=_("Turns in {name}").format(name=schedule.name),
        intro=_("Where two rotations name somebody for the same hour, the newer one wins; an override wins over all."),
        back=reverse("schedule", args=[schedule.pk]),
        said=_("The turns are saved. Look at the picture."),
        remove_url=reverse("rotation_remove", args=[schedule.pk, rotation.pk]) if rotation else "",
        remove_word=_("Remove the rotation"),
        remove_text=_("Its hours fall to the other rotations, or to nobody."),
    )
    return edit(request, form, editor, save=save)


@require_POST
@signed_in(ADMINISTER)
def rotation_remove(request: HttpRequest, person: Person, schedule_id: int, rotation_id: int) -> HttpResponse:
    """Take a rotation away."""
    if not Rotation.objects.filter(pk=rotation_id, schedule_id=schedule_id).exists():
        raise NotFound(_("There is no such rotation."))
    with transaction.atomic():
        remove_rotation(rotation_id=rotation_id, by=actor_for(person, via="web"), now=clock.now())
    messages.success(request, _("The rotation is removed. Look at the picture."))
    return HttpResponseRedirect(reverse("schedule", args=[schedule_id]))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(OVERRIDE_SCHEDULE)
def override_add(request: HttpRequest, person: Person, schedule_id: int) -> HttpResponse:
    """Put somebody on call for a while, whatever the rotations say."""
    schedule = access_schedule(schedule_id)
    now = clock.now()
    initial = {"person": person.pk, "starts_at": _full_hour(now), "ends_at": _full_hour(now) + timedelta(hours=8)}
    form = OverrideForm(request.POST or None, initial=initial)

    def save(given: dict[str, Any]) -> None:
        add_override(schedule_id=schedule.pk, **given, by=actor_for(person, via="web"), now=clock.now())

    zone = timezone.get_current_timezone_name()
    editor = Editor(
        title=_("Take over in {name}").format(name=schedule.name),
        intro=_("Times are in your own zone, {zone}.").format(zone=zone),
        back=reverse("schedule", args=[schedule.pk]),
        said=_("The override is saved."),
    )
    return edit(request, form, editor, save=save)


@require_POST
@signed_in(OVERRIDE_SCHEDULE)
def override_remove(request: HttpRequest, person: Person, schedule_id: int, override_id: int) -> HttpResponse:
    """Take an override away; the rotation counts again."""
    if not Override.objects.filter(pk=override_id, schedule_id=schedule_id).exists():
        raise NotFound(_("There is no such override; perhaps it was removed already."))
    with transaction.atomic():
        remove_override(override_id=override_id, by=actor_for(person, via="web"), now=clock.now())
    messages.success(request, _("The override is removed; the rotation counts again."))
    return HttpResponseRedirect(reverse("schedule", args=[schedule_id]))


def _full_hour(moment: datetime) -> datetime:
    return timezone.localtime(moment).replace(minute=0, second=0, microsecond=0)

"""Maintenance: what is planned, planning it, moving it, cancelling it. Starting and ending early are further words."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final

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
from people.doors import signed_in
from people.editing import Editor, attempt, edit
from people.models import Person
from people.permissions import APPROVE_UPDATE, DRAFT_UPDATE, READ, may
from statuspage.doors import access_public_incident, visible_updates
from statuspage.drafting import Prepared, prepared_texts
from statuspage.forms_maintenance import BehaviourForm, MaintenanceForm, MoveForm, WordForm
from statuspage.models import PublicIncident, StatusPage, StatusUpdate
from statuspage.operations.edit_draft import edit_draft
from statuspage.operations.maintenance import cancel, change_maintenance, draft_maintenance, reschedule
from statuspage.overview import upcoming_maintenance
from statuspage.views.composing import choose_page, drafted, page_of, posted, typed
from web.errors import BadInput, IllegalMove

AHEAD: Final = timedelta(days=7)
"""When a new maintenance is offered to begin: customers can plan for it."""
LASTS: Final = timedelta(hours=2)
DONE: Final = 20


@require_safe
@signed_in(READ)
def status_maintenance(request: HttpRequest, person: Person) -> HttpResponse:
    """List what runs and what is planned day by day, then what waits and what is over."""
    planned = list(upcoming_maintenance().prefetch_related("affected__component").defer("page__logo"))
    running = [each for each in planned if each.status != "scheduled"]
    ahead = [each for each in planned if each.status == "scheduled"]
    done = PublicIncident.objects.filter(kind="maintenance", status="completed", published_at__isnull=False)
    waiting = visible_updates(person).filter(
        public_incident__kind="maintenance", state__in=["draft", "approved"], public_incident__discarded_at=None
    )
    context = {
        "running": running,
        "days": [(day, list(rows)) for day, rows in groupby(ahead, key=_day)],
        "done": done.select_related("page").defer("page__logo").order_by("-scheduled_for")[:DONE],
        "waiting": waiting.order_by("created_at"),
        "may_draft": may(person, DRAFT_UPDATE),
        "may_approve": may(person, APPROVE_UPDATE),
        "has_page": StatusPage.objects.filter(archived_at=None).exists(),
        "now": clock.now(),
    }
    return render(request, "statuspage/staff/maintenance.html", context)


def _day(maintenance: PublicIncident) -> datetime:
    begins = maintenance.scheduled_for or maintenance.started_at
    return timezone.localtime(begins).replace(hour=0, minute=0, second=0, microsecond=0)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(DRAFT_UPDATE)
def status_maintenance_add(request: HttpRequest, person: Person) -> HttpResponse:
    """Plan a maintenance."""
    page = page_of(request)
    if page is None:
        return choose_page(request)
    begins = timezone.localtime(clock.now() + AHEAD).replace(hour=2, minute=0, second=0, microsecond=0)
    prepared = prepared_texts(page=page, incident=None, stage="scheduled", components=[], names=True)
    initial = {
        "scheduled_for": begins,
        "scheduled_until": begins + LASTS,
        "deliver": True,
        **(prepared[0].initial if prepared else {}),
    }
    form = MaintenanceForm(
        posted(request), page=page, named=True, statuses={}, initial=typed(request, initial, prepared)
    )
    behaviour = BehaviourForm(
        request.POST if form.is_bound else None,
        initial={"remind_before_s": "86400", "auto_start": True, "auto_end": True, "mutes_alerts": True},
    )
    if form.is_bound and form.is_valid() and behaviour.is_valid():
        made: list[StatusUpdate] = []

        def save(_given: dict[str, Any]) -> None:
            scheduled_for, scheduled_until = form.times()
            update = draft_maintenance(
                page=page,
                name=form.name(),
                names=form.names(),
                texts=form.texts(),
                components=form.said(),
                servers=form.cleaned_data["servers"],
                scheduled_for=scheduled_for,
                scheduled_until=scheduled_until,
                deliver=form.cleaned_data["deliver"],
                **behaviour.cleaned_data,
                by=actor_for(person, via="web"),
                now=clock.now(),
            )
            made.append(update)

        if attempt(form, save) is not None:
            return drafted(request, made[0])
    title, back = _("Plan maintenance"), reverse("status_maintenance")
    return _form(request, form, page=page, title=title, back=back, prepared=prepared, behaviour=behaviour)


def edit_planned(request: HttpRequest, person: Person, update: StatusUpdate) -> HttpResponse:
    """Change a draft that announces a maintenance or moves it."""
    public = update.public_incident
    fresh = public.published_at is None
    form = MaintenanceForm(
        posted(request),
        page=public.page,
        named=fresh,
        statuses=dict(public.affected.values_list("component_id", "status")),
        initial={
            "scheduled_for": update.scheduled_for or public.scheduled_for,
            "scheduled_until": update.scheduled_until or public.scheduled_until,
            "deliver": update.deliver,
            "servers": "\n".join(public.hit_servers.values_list("server__name", flat=True)),
            f"name_{public.page.language}": public.name,
            **{f"name_{code}": name for code, name in public.names.items()},
            **{f"text_{code}": text for code, text in update.texts.items()},
        },
    )
    if form.is_bound and form.is_valid():

        def save(_given: dict[str, Any]) -> None:
            edit_draft(
                update=update,
                texts=form.texts(),
                components=form.said(),
                deliver=form.cleaned_data["deliver"],
                name=form.name() if fresh else None,
                names=form.names() if fresh else None,
                servers=form.cleaned_data["servers"] if fresh else None,
                scheduled=form.times(),
                by=actor_for(person, via="web"),
                now=clock.now(),
            )

        if attempt(form, save) is not None:
            return drafted(request, update)
    title = _("Change the draft: {name}").format(name=public.name)
    back = reverse("status_update", args=[update.pk])
    return _form(request, form, page=public.page, title=title, back=back, prepared=[])


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(DRAFT_UPDATE)
def status_maintenance_move(request: HttpRequest, person: Person, public_id: str) -> HttpResponse:
    """Draft other times for a maintenance."""
    public = _maintenance(person, public_id)
    initial = {"scheduled_for": public.scheduled_for, "scheduled_until": public.scheduled_until}
    form = MoveForm(request.POST or None, page=public.page, initial=initial)
    form.order_fields(["scheduled_for", "scheduled_until", *(f"text_{code}" for code in form.codes), "deliver"])

    def save(given: dict[str, Any]) -> str:
        update = reschedule(
            public_incident=public,
            scheduled_for=given["scheduled_for"],
            scheduled_until=given["scheduled_until"],
            texts=form.texts(),
            deliver=given["deliver"],
            by=actor_for(person, via="web"),
            now=clock.now(),
        )
        return reverse("status_update", args=[update.pk])

    editor = Editor(
        title=_("Other times: {name}").format(name=public.name),
        intro=_("They hold, and customers read them, once this update is published."),
        back=reverse("status_incident", args=[public.pk]),
        said=_("Drafted. Let it be approved."),
    )
    return edit(request, form, editor, save=save)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(DRAFT_UPDATE)
def status_maintenance_cancel(request: HttpRequest, person: Person, public_id: str) -> HttpResponse:
    """Draft the word that a maintenance does not take place."""
    public = _maintenance(person, public_id)
    form = WordForm(request.POST or None, page=public.page)

    def save(given: dict[str, Any]) -> str:
        update = cancel(
            public_incident=public,
            texts=form.texts(),
            deliver=given["deliver"],
            by=actor_for(person, via="web"),
            now=clock.now(),
        )
        return reverse("status_update", args=[update.pk])

    editor = Editor(
        title=_("Cancel: {name}").format(name=public.name),
        intro=_("It is off, and customers read so, once this update is published. Until then it begins as planned."),
        back=reverse("status_incident", args=[public.pk]),
        said=_("Drafted. Let it be approved before the maintenance begins."),
    )
    return edit(request, form, editor, save=save)


@require_POST
@signed_in(DRAFT_UPDATE)
def status_maintenance_behaviour(request: HttpRequest, person: Person, public_id: str) -> HttpResponse:
    """Set what Muster does by itself for a maintenance; it holds at once."""
    public = _maintenance(person, public_id)
    form = BehaviourForm(request.POST, public=public)
    if not form.is_valid():
        raise BadInput(" ".join(str(found[0]) for found in form.errors.values()))
    with transaction.atomic():
        change_maintenance(
            public_incident=public, **form.cleaned_data, by=actor_for(person, via="web"), now=clock.now()
        )
    messages.success(request, _("Saved; it holds from now on."))
    return HttpResponseRedirect(reverse("status_incident", args=[public.pk]))


def maintenance_forms(public: PublicIncident) -> dict[str, Any]:
    """Return what the page of a maintenance that is not over offers; nothing for an incident."""
    if public.kind != PublicIncident.Kind.MAINTENANCE or public.status == "completed":
        return {}
    return {"behaviour": BehaviourForm(public=public), "planned": public.status == "scheduled"}


def _maintenance(person: Person, public_id: str) -> PublicIncident:
    public = access_public_incident(person, public_id)
    if public.kind != PublicIncident.Kind.MAINTENANCE:
        raise IllegalMove(_("This is an incident; only a maintenance has times."))
    return public


def _form(
    request: HttpRequest,
    form: MaintenanceForm,
    *,
    page: StatusPage,
    title: str,
    back: str,
    prepared: list[Prepared],
    behaviour: BehaviourForm | None = None,
) -> HttpResponse:
    context = {
        "form": form, "page": page, "title": title, "back": back, "prepared": prepared, "behaviour": behaviour,
    }  # fmt: skip
    failed = bool(form.errors) or bool(behaviour and behaviour.errors)
    return render(request, "statuspage/staff/draft.html", context, status=422 if failed else 200)

"""Writing what customers will read: a first word, a further one, a change of a draft."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from engine import clock
from incidents.models import Incident
from incidents.queries import access_incident
from people.actors import actor_for
from people.doors import signed_in
from people.editing import attempt
from people.models import Person
from people.permissions import DRAFT_UPDATE
from statuspage.doors import access_public_incident, access_update
from statuspage.drafting import Prepared, policy_of, prepared_texts, usual_next
from statuspage.forms_draft import KEEP, DraftForm, nearest_promise
from statuspage.models import PublicIncident, StatusPage, StatusUpdate
from statuspage.operations.draft_again import draft_again
from statuspage.operations.draft_update import draft_incident, draft_update
from statuspage.operations.edit_draft import Keep, discard_draft, edit_draft
from statuspage.queries import suggest_components
from statuspage.rules.stages import ENDED, FIRST_OF_INCIDENT, FOLLOWING
from statuspage.views.composing import choose_page, drafted, page_of, posted, spoken_of, typed
from statuspage.views.maintaining import edit_planned

_PROMISED: Final = ("investigating", "identified", "monitoring")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(DRAFT_UPDATE)
def status_draft(request: HttpRequest, person: Person) -> HttpResponse:
    """Draft a first word: `?page=` where there are several, `?incident=` the number of the incident behind it."""
    page = page_of(request)
    if page is None:
        return choose_page(request)
    number = request.GET.get("incident", "")
    incident = access_incident(person, number) if number else None
    stage = _wanted(request, FIRST_OF_INCIDENT, usual="investigating")
    suggested = suggest_components(incident, page) if incident is not None else {}
    prepared = prepared_texts(
        page=page, incident=incident, stage=stage, components=spoken_of(request, suggested), names=True
    )
    policy = policy_of(incident)
    initial = {
        "stage": stage,
        "deliver": True,
        "promise": nearest_promise(policy.promise_s),
        **(prepared[0].initial if prepared else {}),
    }
    form = DraftForm(
        posted(request),
        page=page,
        stages=FIRST_OF_INCIDENT,
        named=True,
        statuses={},
        suggested=suggested,
        initial=typed(request, initial, prepared),
    )
    if form.is_bound and form.is_valid():
        made: list[StatusUpdate] = []

        def save(_given: dict[str, Any]) -> None:
            now = clock.now()
            update = draft_incident(
                page=page,
                incident=incident,
                name=form.name(),
                names=form.names(),
                stage=form.cleaned_data["stage"],
                texts=form.texts(),
                components=form.said(),
                servers=form.cleaned_data["servers"],
                deliver=form.cleaned_data["deliver"],
                next_update_at=form.next_update_at(now=now),
                impact_override=form.cleaned_data["impact_override"],
                by=actor_for(person, via="web"),
                now=now,
            )
            made.append(update)

        if attempt(form, save) is not None:
            return drafted(request, made[0])
    title = (
        _("Tell customers about incident {number}").format(number=incident.number) if incident else _("Tell customers")
    )
    return _form(request, form, page=page, title=title, prepared=prepared, incident=incident)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(DRAFT_UPDATE)
def status_incident_draft(request: HttpRequest, person: Person, public_id: str) -> HttpResponse:
    """Draft a further word about a public incident or a maintenance."""
    public = access_public_incident(person, public_id)
    statuses = dict(public.affected.values_list("component_id", "status"))
    stages = FOLLOWING[public.status]
    stage = _wanted(request, stages, usual=usual_next(public.status))
    prepared = prepared_texts(
        page=public.page, incident=public.incident, stage=stage, components=spoken_of(request, statuses), names=False
    )
    initial = {
        "stage": stage,
        "deliver": True,
        "promise": nearest_promise(policy_of(public.incident).promise_s) if stage in _PROMISED else "",
        **(prepared[0].initial if prepared else {}),
    }
    form = DraftForm(
        posted(request),
        page=public.page,
        stages=stages,
        named=False,
        statuses=dict.fromkeys(statuses, "") if stage in ENDED else statuses,
        initial=typed(request, initial, prepared),
    )
    if form.is_bound and form.is_valid():
        made: list[StatusUpdate] = []

        def save(_given: dict[str, Any]) -> None:
            now = clock.now()
            update = draft_update(
                public_incident=public,
                stage=form.cleaned_data["stage"],
                texts=form.texts(),
                components=_changed(form.said(), statuses),
                deliver=form.cleaned_data["deliver"],
                next_update_at=form.next_update_at(now=now),
                by=actor_for(person, via="web"),
                now=now,
            )
            made.append(update)

        if attempt(form, save) is not None:
            return drafted(request, made[0])
    title = _("Next word: {name}").format(name=public.name)
    back = reverse("status_incident", args=[public.pk])
    return _form(request, form, page=public.page, title=title, prepared=prepared, public=public, back=back)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(DRAFT_UPDATE)
def status_update_edit(request: HttpRequest, person: Person, update_id: str) -> HttpResponse:
    """Change a draft. Whoever does counts as the one who wrote it, and an approval is void."""
    update = access_update(person, update_id)
    public = update.public_incident
    if update.stage == "scheduled":
        return edit_planned(request, person, update)
    fresh = public.published_at is None and public.kind == PublicIncident.Kind.INCIDENT
    said = dict(update.components.values_list("component_id", "new_status"))
    statuses = {**dict.fromkeys(public.affected.values_list("component_id", flat=True), ""), **said}
    prepared = prepared_texts(
        page=public.page,
        incident=public.incident,
        stage=update.stage,
        components=spoken_of(request, said or statuses),
        names=fresh,
    )
    form = DraftForm(
        posted(request),
        page=public.page,
        stages=FIRST_OF_INCIDENT if fresh else FOLLOWING[public.status],
        named=fresh,
        statuses=statuses,
        promised_at=update.next_update_at,
        initial=typed(request, _as_drafted(update), prepared),
    )
    if form.is_bound and form.is_valid():

        def save(_given: dict[str, Any]) -> None:
            now = clock.now()
            promise = form.next_update_at(now=now)
            edit_draft(
                update=update,
                stage=form.cleaned_data["stage"],
                texts=form.texts(),
                components=form.said(),
                deliver=form.cleaned_data["deliver"],
                next_update_at=Keep.KEEP if promise == update.next_update_at else promise,
                name=form.name() if fresh else None,
                names=form.names() if fresh else None,
                servers=form.cleaned_data["servers"] if fresh else None,
                impact_override=form.cleaned_data["impact_override"],
                by=actor_for(person, via="web"),
                now=now,
            )

        if attempt(form, save) is not None:
            return drafted(request, update)
    back = reverse("status_update", args=[update.pk])
    title = _("Change the draft: {name}").format(name=public.name)
    return _form(request, form, page=public.page, title=title, prepared=prepared, public=public, back=back)


@require_POST
@signed_in(DRAFT_UPDATE)
def status_update_discard(request: HttpRequest, person: Person, update_id: str) -> HttpResponse:
    """Put a draft away; the page it leads to offers to write it again."""
    update = access_update(person, update_id)
    with transaction.atomic():
        discard_draft(update=update, by=actor_for(person, via="web"), now=clock.now())
    messages.success(request, _("The draft is discarded; customers never saw it."))
    return HttpResponseRedirect(reverse("status_update", args=[update.pk]))


@require_POST
@signed_in(DRAFT_UPDATE)
def status_update_again(request: HttpRequest, person: Person, update_id: str) -> HttpResponse:
    """Take a discarded draft up again, as a new one that says the same."""
    old = access_update(person, update_id)
    with transaction.atomic():
        update = draft_again(update=old, by=actor_for(person, via="web"), now=clock.now())
    messages.success(request, _("The draft is back, as a new one."))
    return HttpResponseRedirect(reverse("status_update", args=[update.pk]))


def _wanted(request: HttpRequest, stages: tuple[str, ...], *, usual: str) -> str:
    """Return the stage that the reader chose, or the usual one."""
    chosen = request.POST.get("stage", request.GET.get("stage", ""))
    return chosen if chosen in stages else usual if usual in stages else stages[0]


def _as_drafted(update: StatusUpdate) -> dict[str, Any]:
    public = update.public_incident
    servers = public.hit_servers.values_list("server__name", flat=True)
    return {
        "stage": update.stage,
        "deliver": update.deliver,
        "promise": KEEP if update.next_update_at else "",
        "impact_override": public.impact_override,
        "servers": "\n".join(servers),
        f"name_{public.page.language}": public.name,
        **{f"name_{code}": name for code, name in public.names.items()},
        **{f"text_{code}": text for code, text in update.texts.items()},
    }


def _changed(said: Mapping[str, str], before: Mapping[str, str]) -> dict[str, str]:
    """Return what an update says anew; what stays as it was need not be said."""
    return {pk: status for pk, status in said.items() if before.get(pk) != status}


def _form(
    request: HttpRequest,
    form: DraftForm,
    *,
    page: StatusPage,
    title: str,
    prepared: list[Prepared],
    incident: Incident | None = None,
    public: PublicIncident | None = None,
    back: str = "",
) -> HttpResponse:
    context = {
        "form": form,
        "page": page,
        "title": title,
        "prepared": prepared,
        "incident": incident,
        "public": public,
        "back": back or reverse("status_pages"),
    }
    return render(request, "statuspage/staff/draft.html", context, status=422 if form.errors else 200)

"""One component: its state, set by hand where need be, and its timeline, corrected but never rewritten."""

from __future__ import annotations

from typing import Any, Final

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
from people.permissions import ADMINISTER, APPROVE_UPDATE, READ, may
from statuspage.doors import access_component
from statuspage.forms_components import CorrectionForm, StateForm
from statuspage.models import ImpactChange
from statuspage.operations.components import set_component_status
from statuspage.operations.correct_impact import correct_impact
from web.errors import BadInput, NotFound

PER_PAGE: Final = 50


@require_safe
@signed_in(READ)
def status_component(request: HttpRequest, person: Person, component_id: str) -> HttpResponse:
    """Show a component's state and its timeline, newest first; corrected rows stay readable."""
    component = access_component(component_id)
    before = request.GET.get("before", "")
    rows = ImpactChange.objects.filter(component=component).select_related("source", "supersedes", "superseded_by")
    rows = rows.order_by("-at", "-id")
    offset = int(before) if before.isascii() and before.isdigit() and len(before) < 7 else 0
    found = list(rows[offset : offset + PER_PAGE + 1])
    context = {
        "component": component,
        "page": component.page,
        "rows": found[:PER_PAGE],
        "older": f"?before={offset + PER_PAGE}" if len(found) > PER_PAGE else "",
        "newer": f"?before={max(offset - PER_PAGE, 0)}" if offset else "",
        "services": component.services.all(),
        "may_set": may(person, APPROVE_UPDATE) and component.archived_at is None,
        "may_administer": may(person, ADMINISTER),
        "state_form": StateForm(auto_id="state-%s", initial={"status": component.status}),
    }
    return render(request, "statuspage/staff/component.html", context)


@require_POST
@signed_in(APPROVE_UPDATE)
def status_component_state(request: HttpRequest, person: Person, component_id: str) -> HttpResponse:
    """Say by hand what state a component is in; subscribers are not told."""
    component, form = access_component(component_id), StateForm(request.POST)
    if not form.is_valid():
        raise BadInput(_("Choose one of the states."))
    by, now = actor_for(person, via="web"), clock.now()
    with transaction.atomic():
        set_component_status(component=component, status=form.cleaned_data["status"], by=by, now=now)
    messages.success(request, _("The page shows it within seconds. Subscribers are not told of it."))
    return HttpResponseRedirect(reverse("status_component", args=[component.pk]))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(ADMINISTER)
def status_impact_correct(request: HttpRequest, person: Person, change_id: int) -> HttpResponse:
    """Write down what a timeline should have said."""
    change = ImpactChange.objects.select_related("component", "source").filter(pk=change_id).first()
    if change is None:
        raise NotFound(_("There is no such row."))
    form = CorrectionForm(request.POST or None, change=change)

    def save(given: dict[str, Any]) -> None:
        correct_impact(change=change, **given, by=actor_for(person, via="web"), now=clock.now())

    editor = Editor(
        title=_("Correct: {component}").format(component=change.component.name),
        intro=_("Customers see the corrected history; that it was recorded later stays visible."),
        back=reverse("status_component", args=[change.component_id]),
        said=_("Corrected. The old row stays readable."),
    )
    return edit(request, form, editor, save=save)

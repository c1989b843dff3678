"""The list of accounts that a reset leaves alone: written by one person, approved by another, printed."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from engine import clock
from people.actors import actor_for
from people.doors import signed_in
from people.editing import add_refusal
from people.models import Person
from people.permissions import READ, RUN_PLAN, may
from resets.access import access_reset
from resets.forms import SpareForm, read_spared
from resets.models import Reset
from resets.operations.exclude import approve_exclusions, digest_of, exclude, include
from web.errors import BadInput, NotAllowed
from web.middleware import send_to


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(READ)
def reset_exclusions(request: HttpRequest, person: Person, reset_id: str) -> HttpResponse:
    """Show the list, as it is printed too; take further accounts while the reset is a draft."""
    reset = access_reset(person, reset_id)
    form = SpareForm(request.POST or None)
    if request.method == "POST":
        if not may(person, RUN_PLAN):
            raise NotAllowed(_("You may read this list, not change it."))
        if form.is_valid() and _added(form, reset, person):
            messages.success(request, _("They are on the list. Another person approves it."))
            return send_to(request, reverse("reset_exclusions", args=[reset_id]))
    rows = list(reset.exclusions.select_related("system", "approved_by").order_by("system__name", "login"))
    mine = any(row.added_by_id == person.pk for row in rows)
    context = {
        "reset": reset,
        "rows": rows,
        "form": form if reset.state == Reset.State.DRAFT and may(person, RUN_PLAN) else None,
        "digest": digest_of(rows),
        "approved": bool(rows) and all(row.approved_at for row in rows),
        "may_approve": may(person, RUN_PLAN) and not mine and reset.state == Reset.State.DRAFT,
        "mine": mine,
        "printed_at": clock.now(),
    }
    return render(request, "resets/exclusions.html", context, status=422 if form.errors else 200)


def _added(form: SpareForm, reset: Reset, person: Person) -> bool:
    systems = {system.key: system for system in reset.systems.all()}
    try:
        spared = read_spared(form.cleaned_data["lines"], systems)
        with transaction.atomic():
            exclude(reset_id=reset.pk, spared=spared, by=actor_for(person, via="web"), now=clock.now())
    except BadInput as refusal:
        add_refusal(form, refusal)
        return False
    return True


@require_POST
@signed_in(RUN_PLAN)
def reset_exclusions_approve(request: HttpRequest, person: Person, reset_id: str) -> HttpResponse:
    """Approve the list as it was read."""
    reset = access_reset(person, reset_id)
    with transaction.atomic():
        count = approve_exclusions(
            reset_id=reset.pk,
            digest=request.POST.get("digest", ""),
            by=actor_for(person, via="web"),
            now=clock.now(),
        )
    said = ngettext("Approved: %(count)s account is left alone.", "Approved: %(count)s accounts are left alone.", count)
    messages.success(request, said % {"count": f"{count:,}"})
    return send_to(request, reverse("reset_exclusions", args=[reset_id]))


@require_POST
@signed_in(RUN_PLAN)
def reset_exclusion_remove(request: HttpRequest, person: Person, reset_id: str, exclusion_id: int) -> HttpResponse:
    """Take an account off the list."""
    reset = access_reset(person, reset_id)
    with transaction.atomic():
        include(reset_id=reset.pk, exclusion_id=exclusion_id, by=actor_for(person, via="web"), now=clock.now())
    messages.success(request, _("It is off the list and will be reset like the others."))
    return send_to(request, reverse("reset_exclusions", args=[reset_id]))

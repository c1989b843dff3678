"""What people do with plans and versions: each a plain form POST that leads back."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from eap.documents import pinned
from eap.models import Plan, PlanVersion
from eap.operations.plans import review
from eap.operations.plans.draft import discard_draft, propose_change
from eap.plan_queries import access_plan, access_version
from eap.run_facts import facts_of
from eap.run_queries import access_run, steps_of
from eap.views.plans import to_plan, to_version
from engine import clock
from people.actors import actor_for
from people.doors import signed_in
from people.models import Person
from people.permissions import REVIEW_PLAN, WRITE_PLAN
from web.errors import IllegalMove, NotFound

Move = Callable[[HttpRequest, Person, PlanVersion], HttpResponse]


def _of_version(capability: str) -> Callable[[Move], Callable[..., HttpResponse]]:
    """Turn a move into a view: POST only, for who holds `capability`, in one transaction."""

    def wrap(move: Move) -> Callable[..., HttpResponse]:
        @require_POST
        @signed_in(capability)
        def view(request: HttpRequest, person: Person, plan_key: str, version_number: int) -> HttpResponse:
            with transaction.atomic():
                return move(request, person, access_version(plan_key, version_number))

        return view

    return wrap


@_of_version(WRITE_PLAN)
def submit(request: HttpRequest, person: Person, version: PlanVersion) -> HttpResponse:
    """Hand a draft in."""
    review.submit(version_id=version.pk, person=person, by=actor_for(person, via="web"), now=clock.now())
    messages.success(request, _("Handed in. A second person can publish it now."))
    return to_version(version)


@_of_version(WRITE_PLAN)
def take_back(request: HttpRequest, person: Person, version: PlanVersion) -> HttpResponse:
    """Make a version in review a draft again and open it."""
    review.take_back(version_id=version.pk, by=actor_for(person, via="web"), now=clock.now())
    messages.info(request, _("It is a draft again."))
    return HttpResponseRedirect(reverse("plan_edit", args=[version.plan.key, version.number]))


@_of_version(REVIEW_PLAN)
def publish(request: HttpRequest, person: Person, version: PlanVersion) -> HttpResponse:
    """Publish a version as its second person."""
    review.publish(
        version_id=version.pk,
        digest=request.POST.get("digest", ""),
        person=person,
        by=actor_for(person, via="web"),
        now=clock.now(),
    )
    messages.success(request, _("Published. Runs that start from now on use it; those under way go on as they began."))
    return to_plan(version.plan)


@_of_version(REVIEW_PLAN)
def reject(request: HttpRequest, person: Person, version: PlanVersion) -> HttpResponse:
    """Send a version back, saying why."""
    review.reject(
        version_id=version.pk,
        reason=request.POST.get("reason", ""),
        person=person,
        by=actor_for(person, via="web"),
        now=clock.now(),
    )
    messages.success(request, _("Sent back with your reason."))
    return to_version(version)


@_of_version(WRITE_PLAN)
def discard(request: HttpRequest, person: Person, version: PlanVersion) -> HttpResponse:
    """Throw a draft away."""
    plan = discard_draft(version_id=version.pk, by=actor_for(person, via="web"), now=clock.now())
    messages.info(request, _("The draft is gone."))
    return to_plan(plan) if plan else HttpResponseRedirect(reverse("plans"))


@require_POST
@signed_in(WRITE_PLAN)
def propose(request: HttpRequest, person: Person, plan_key: str) -> HttpResponse:
    """Open the plan's next version, with notes that say why; one that is under work is gone on with.

    `?run=` of an ended run puts its facts into the notes.
    """
    plan = access_plan(plan_key)
    base = request.POST.get("from", "")
    text = None
    if base.isascii() and base.isdigit() and len(base) < 7:
        text = access_version(plan_key, int(base)).text
    notes = request.POST.get("notes", "")
    if run_id := request.GET.get("run", ""):
        notes = f"{notes}\n\n{_facts_for(person, plan, run_id)}".strip()
    with transaction.atomic():
        version = propose_change(
            plan=plan, person=person, by=actor_for(person, via="web"), now=clock.now(), notes=notes, text=text
        )
    return HttpResponseRedirect(reverse("plan_edit", args=[plan.key, version.number]))


def _facts_for(person: Person, plan: Plan, run_id: str) -> str:
    run = access_run(person, run_id)
    if run.plan_id != plan.pk:
        raise NotFound(_("This plan has no such run."))
    if run.is_open:
        raise IllegalMove(_("This run is still under way. Propose a change when it has ended."))
    return facts_of(run, list(steps_of(run)), pinned(run.version_id), now=clock.now())


@require_POST
@signed_in(REVIEW_PLAN)
def archive(request: HttpRequest, person: Person, plan_key: str) -> HttpResponse:
    """Take a plan out of use, or put it back."""
    plan = access_plan(plan_key)
    move = review.restore if plan.archived_at else review.archive
    with transaction.atomic():
        plan = move(plan_id=plan.pk, by=actor_for(person, via="web"), now=clock.now())
    messages.success(request, _("It is out of use.") if plan.archived_at else _("It is back in use."))
    return to_plan(plan)

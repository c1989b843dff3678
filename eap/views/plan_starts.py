"""What starts a plan without anybody: its schedules and the addresses that other systems call."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from eap.documents import Pinned, pinned
from eap.forms_runs import PREFIX
from eap.forms_starts import HookForm, ScheduleForm
from eap.models import Plan, RunHook, RunSchedule
from eap.operations.starts.by_schedule import remove_schedule, save_schedule, switch_off_schedule
from eap.operations.starts.by_webhook import issue_hook, revoke_hook
from eap.plan_queries import access_plan
from eap.views.plans import to_plan
from engine import clock
from people.actors import actor_for
from people.doors import signed_in
from people.editing import Editor, attempt, edit
from people.models import Person
from people.permissions import ADMINISTER, RUN_PLAN
from web.errors import BadInput, IllegalMove, NotFound


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(RUN_PLAN)
def schedule_edit(
    request: HttpRequest, person: Person, plan_key: str, run_schedule_id: int | None = None
) -> HttpResponse:
    """Run a plan again and again, or change when. Saving one that was switched off switches it on."""
    plan = access_plan(plan_key)
    schedule = _schedule(plan, run_schedule_id) if run_schedule_id is not None else None
    form = ScheduleForm(request.POST or None, inputs=_in_use(plan).document.inputs, schedule=schedule)

    def save(given: dict[str, Any]) -> None:
        when = {name: given[name] for name in ("every", "weekday", "day", "at", "time_zone", "drill")}
        # What the chosen rhythm has no use for may still stand in the form.
        when["weekday"] = when["weekday"] if when["every"] == "week" else None
        when["day"] = when["day"] if when["every"] == "month" else None
        try:
            save_schedule(
                plan=plan,
                schedule=schedule,
                inputs=form.given(),
                by=actor_for(person, via="web"),
                now=clock.now(),
                **when,
            )
        except BadInput as refusal:
            beside = {name.replace("inputs.", PREFIX): text for name, text in refusal.errors.items()}
            raise BadInput(refusal.sentence, errors=beside) from None

    editor = Editor(
        title=_("Schedule of “{title}”").format(title=plan.title),
        intro=_("It starts the version that is published then, and calls its people."),
        back=reverse("plan", args=[plan.key]),
        said=_("It starts by itself from now on."),
        remove_url=reverse("plan_schedule_remove", args=[plan.key, schedule.pk]) if schedule else "",
        remove_word=_("Remove"),
        remove_text=_("Nothing starts by it any more. The runs that it started stay."),
    )
    return edit(request, form, editor, save=save)


@require_POST
@signed_in(RUN_PLAN)
def schedule_off(request: HttpRequest, person: Person, plan_key: str, run_schedule_id: int) -> HttpResponse:
    """Switch a schedule off; it is kept, and saving it again switches it on."""
    plan = access_plan(plan_key)
    with transaction.atomic():
        schedule = _schedule(plan, run_schedule_id)
        switch_off_schedule(schedule=schedule, by=actor_for(person, via="web"), now=clock.now())
    messages.success(request, _("It is off. Save it again to switch it on."))
    return to_plan(plan)


@require_POST
@signed_in(RUN_PLAN)
def schedule_remove(request: HttpRequest, person: Person, plan_key: str, run_schedule_id: int) -> HttpResponse:
    """Take a schedule away."""
    plan = access_plan(plan_key)
    with transaction.atomic():
        schedule = _schedule(plan, run_schedule_id)
        remove_schedule(schedule=schedule, by=actor_for(person, via="web"), now=clock.now())
    messages.success(request, _("The schedule is gone."))
    return to_plan(plan)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(ADMINISTER)
def hook_add(request: HttpRequest, person: Person, plan_key: str) -> HttpResponse:
    """Make an address that starts a plan; the answer to the POST is the only page that ever holds it."""
    plan = access_plan(plan_key)
    form = HookForm(request.POST or None, inputs=_in_use(plan).document.inputs)
    issued: list[tuple[RunHook, str]] = []

    def save(given: dict[str, Any]) -> None:
        by = actor_for(person, via="web")
        issued.append(
            issue_hook(plan=plan, name=given["name"], drill=given["drill"], inputs=form.given(), by=by, now=clock.now())
        )

    if request.method == "POST" and form.is_valid() and attempt(form, save) is not None:
        hook, key = issued[0]
        address = f"{settings.PUBLIC_URL}/integrations/plans/{key}"
        context = {"plan": plan, "hook": hook, "address": address}
        return render(request, "eap/plans/hook_issued.html", context, status=201)
    editor = Editor(
        title=_("An address that starts “{title}”").format(title=plan.title),
        intro=_("Whoever knows it can start this plan, without signing in. Inputs of the call win over these."),
        back=reverse("plan", args=[plan.key]),
        said="",
    )
    return render(request, editor.template, {"form": form, "editor": editor}, status=422 if form.errors else 200)


@require_POST
@signed_in(ADMINISTER)
def hook_revoke(request: HttpRequest, person: Person, plan_key: str, hook_id: int) -> HttpResponse:
    """Let an address start nothing any more."""
    plan = access_plan(plan_key)
    hook = RunHook.objects.filter(pk=hook_id, plan=plan).select_related("plan").first()
    if hook is None:
        raise NotFound(_("This plan has no such address."))
    with transaction.atomic():
        revoke_hook(hook=hook, by=actor_for(person, via="web"), now=clock.now())
    messages.success(request, _("“{name}” starts nothing any more.").format(name=hook.name))
    return to_plan(plan)


def _schedule(plan: Plan, schedule_id: int) -> RunSchedule:
    found = RunSchedule.objects.filter(pk=schedule_id, plan=plan).select_related("plan").first()
    if found is None:
        raise NotFound(_("This plan has no such schedule."))
    return found


def _in_use(plan: Plan) -> Pinned:
    if plan.published_id is None or plan.archived_at is not None:
        raise IllegalMove(_("This plan has no published version in use, so it can't be run."))
    return pinned(plan.published_id)

"""`/runs/`: runs, one of them, its steps, its log; and starting one."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from eap import run_screen
from eap.belongings import belongings_of
from eap.documents import pinned
from eap.forms_runs import AddStepForm, ProofForm, ReasonForm, ReassignForm, StartForm, StopForm
from eap.models import Evidence, LineAnswer, Run, RunStep, StepTarget, Vote
from eap.operations.runs.start_run import start_run
from eap.plan_queries import access_plan
from eap.run_queries import (
    access_run,
    access_step,
    last_lines,
    listed_runs,
    log_lines,
    my_steps,
    open_approvals,
    steps_of,
    targets_of,
)
from engine import clock
from incidents.queries import access_incident
from people import second_factor
from people.actors import actor_for
from people.doors import signed_in
from people.editing import Editor, edit
from people.models import Person
from people.permissions import READ, RUN_PLAN, WRITE_PLAN, may
from web.errors import BadInput, IllegalMove, NotFound

PER_PAGE: Final = 30
DRAWN_AT_ONCE: Final = 60
"""Larger plans' pictures are fetched apart, so that the page itself is there at once."""
TARGETS_SHOWN: Final = 200
LINES_SHOWN: Final = 200
FILTERS: Final = (("open", gettext_lazy("Open")), ("", gettext_lazy("All")), ("drills", gettext_lazy("Drills")))


@require_safe
@signed_in(READ)
def runs(request: HttpRequest, person: Person) -> HttpResponse:
    """List what waits for the reader, then the runs, newest first."""
    wanted = request.GET.get("show", "open")
    found = listed_runs(person, state="open" if wanted == "open" else "", drill=True if wanted == "drills" else None)
    page = max(1, int(given)) if (given := request.GET.get("page", "1")).isdecimal() and len(given) < 6 else 1
    listed = list(found[(page - 1) * PER_PAGE : page * PER_PAGE + 1])
    context = {
        "rows": [(run, *run_screen.RUN_STATES[run.state]) for run in listed[:PER_PAGE]],
        "tasks": [*open_approvals(person), *my_steps(person)][:20],
        "tabs": [{"label": label, "url": f"?show={value}", "current": value == wanted} for value, label in FILTERS],
        "newer": f"?show={wanted}&page={page - 1}" if page > 1 else "",
        "older": f"?show={wanted}&page={page + 1}" if len(listed) > PER_PAGE else "",
        "may_run": may(person, RUN_PLAN),
    }
    return render(request, "eap/runs/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(RUN_PLAN)
def run_start(request: HttpRequest, person: Person, plan_key: str) -> HttpResponse:
    """Ask for a plan's inputs and start it."""
    plan = access_plan(plan_key)
    if plan.published is None or plan.archived_at is not None:
        raise IllegalMove(_("This plan has no published version in use, so it can't be run."))
    version = plan.published
    document = version.read()
    initial: dict[str, Any] = {"drill": request.GET.get("drill") == "1"}
    if number := request.GET.get("incident", ""):
        initial["incident"] = access_incident(person, number)
    form = StartForm(request.POST or None, inputs=document.inputs, person=person, initial=initial)

    def save(given: dict[str, Any]) -> str:
        try:
            run = start_run(
                version=version,
                inputs=form.given(),
                incident=given["incident"],
                drill=given["drill"],
                reason=given["reason"],
                by=actor_for(person, via="web"),
                now=clock.now(),
            )
        except BadInput as refusal:
            beside = {name.replace("inputs.", "input_"): text for name, text in refusal.errors.items()}
            raise BadInput(refusal.sentence, errors=beside) from None
        return reverse("run", args=[run.pk])

    editor = Editor(
        title=_("Start “{title}”").format(title=plan.title),
        intro=_("Version {number}. The first steps begin at once, and their people are called.").format(
            number=version.number
        ),
        template="eap/runs/start.html",
        back=reverse("plan", args=[plan.key]),
        said=_("It runs."),
        more={"document": document},
    )
    return edit(request, form, editor, save=save)


@require_safe
@signed_in(READ)
def run(request: HttpRequest, person: Person, run_id: str) -> HttpResponse:
    """Show a run: the one thing that waits for the reader on top."""
    found = access_run(person, run_id)
    document, steps, now = pinned(found.version_id), list(steps_of(found)), clock.now()
    rows = run_screen.rows(found, steps, document, now=now)
    voted = _voted(found, person)
    mine = [row for row in rows if found.is_open and run_screen.waits_for(row.step, person, voted=row.step.pk in voted)]
    first = run_screen.task(found, mine[0], document, person, waits_for_vote=True) if mine else None
    context = {
        "run": found,
        "document": document.document,
        "number": document.number,
        "run_state": run_screen.RUN_STATES[found.state],
        "task": first,
        "proof_form": ProofForm(auto_id="proof-%s", asked=first.proofs if first else ()),
        "more_for_me": mine[1:],
        "others": [row for row in rows if _open_for_others(row.step) and row not in mine] if found.is_open else [],
        "rows": rows,
        "inputs": run_screen.written(found.inputs, document.document.inputs),
        "bar": run_screen.headline(steps),
        "belongings": belongings_of(found, person),
        "states": run_screen.states(steps) if len(steps) <= DRAWN_AT_ONCE else None,
        "took": run_screen.durations(steps, now=now)[:DRAWN_AT_ONCE],
        "by_role": run_screen.waiting_by_role(steps, document, now=now),
        "lines": last_lines(found, limit=20),
        "logs": any(step.kind in ("automation", "verify") for step in steps),
        "pause_answers": LineAnswer.Answer.choices,
        "my_initials": _initials(person),
        "has_second_factor": first is not None and first.wants_second_factor and second_factor.has_one(person),
        **_moves(found, person),
    }
    return render(request, "eap/runs/run.html", context)


def _initials(person: Person) -> str:
    return "".join(word[0] for word in person.name.split() if word)[:8].upper()


def _open_for_others(step: RunStep) -> bool:
    return step.state in ("ready", "active", "unknown") or (step.state == "failed" and not step.lets_pass)


def _voted(run: Run, person: Person) -> set[int]:
    votes = Vote.objects.filter(step__run=run, person=person, voided_at=None, step__gate=None)
    return set(votes.values_list("step_id", flat=True))


def _moves(run: Run, person: Person) -> dict[str, Any]:
    steers = may(person, RUN_PLAN)
    moves: dict[str, Any] = {"may_run": steers, "may_write": may(person, WRITE_PLAN)}
    if steers:
        moves |= {
            "stop_form": StopForm(auto_id="stop-%s"),
            "undo_form": ReasonForm(auto_id="undo-%s"),
            "add_form": AddStepForm(auto_id="add-%s", run=run) if run.state in ("running", "paused") else None,
        }
    return moves


@require_safe
@signed_in(READ)
def run_picture(request: HttpRequest, person: Person, run_id: str) -> HttpResponse:
    """Draw a run's plan with the state of each step."""
    found = access_run(person, run_id)
    context = {
        "run": found,
        "document": pinned(found.version_id).document,
        "states": run_screen.states(list(steps_of(found))),
    }
    return render(request, "eap/runs/picture.html", context)


@require_safe
@signed_in(READ)
def run_step(request: HttpRequest, person: Person, run_id: str, step_key: str) -> HttpResponse:
    """Show one step with all that is known of it, and all that can be done with it."""
    step = access_step(person, run_id, step_key)
    found, now = step.run, clock.now()
    document = pinned(found.version_id)
    row = next(row for row in run_screen.rows(found, [step], document, now=now))
    voted = _voted(found, person)
    waits = run_screen.waits_for(step, person, voted=step.pk in voted)
    targets = list(targets_of(step)[: TARGETS_SHOWN + 1])
    task = run_screen.task(found, row, document, person, waits_for_vote=waits)
    context = {
        "belongings": belongings_of(found, person),
        "run": found,
        "task": task,
        "row": row,
        "proof_form": ProofForm(auto_id="proof-%s", asked=task.proofs),
        "skip_form": ReasonForm(auto_id="skip-%s"),
        "fail_form": ReasonForm(auto_id="fail-%s"),
        "retry_form": ReasonForm(auto_id="retry-%s"),
        "reassign_form": ReassignForm(auto_id="reassign-%s"),
        "targets": [(target, run_screen.target_shown(target)) for target in targets[:TARGETS_SHOWN]],
        "more_targets": len(targets) > TARGETS_SHOWN,
        "failures": _failures(step),
        "evidence": step.evidence.defer("content"),
        "lines": last_lines(found, limit=50, step=step),
        "pause_answers": LineAnswer.Answer.choices,
        "my_initials": _initials(person),
        "more_proof_form": ProofForm(auto_id="more-proof-%s"),
        "has_second_factor": task.wants_second_factor and second_factor.has_one(person),
        **_moves(found, person),
    }
    return render(request, "eap/runs/step.html", context)


def _failures(step: RunStep) -> list[tuple[str, int, list[str]]]:
    """Return what went wrong, hosts grouped by cause, the most frequent first."""
    causes: dict[str, list[str]] = {}
    bad = StepTarget.objects.filter(step=step, state__in=["failed", "unknown"]).exclude(purpose="preview")
    for name, sentence in bad.order_by("position").values_list("name", "sentence")[:5_000]:
        causes.setdefault(sentence.replace(name, "…") if name else sentence, []).append(name)
    return sorted(((cause, len(hosts), hosts[:20]) for cause, hosts in causes.items()), key=lambda each: -each[1])


@require_safe
@signed_in(READ)
def run_log(request: HttpRequest, person: Person, run_id: str) -> HttpResponse:
    """Show a run's log from a cursor on, 200 lines a page; `step` and `target` narrow it. With `tail`, give the last
    lines alone, as the pages of run and step take them in."""
    found = access_run(person, run_id)
    given = request.GET.get("after", "0")
    after = int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0
    key, target = request.GET.get("step", ""), request.GET.get("target", "")[:200]
    step = access_step(person, run_id, key) if key else None
    if tail := _tail(request):
        lines = last_lines(found, limit=tail, step=step)
        return render(request, "eap/runs/parts/lines.html", {"run": found, "lines": lines, "tail": tail, "of": key})
    lines = log_lines(found, after=after, limit=LINES_SHOWN + 1, step=step, target=target)
    further = lines[LINES_SHOWN - 1].pk if len(lines) > LINES_SHOWN else None
    context = {"run": found, "step": step, "target": target, "lines": lines[:LINES_SHOWN], "further": further}
    return render(request, "eap/runs/log.html", context)


def _tail(request: HttpRequest) -> int:
    given = request.GET.get("tail", "")
    return min(int(given), LINES_SHOWN) if given.isascii() and given.isdigit() and len(given) < 5 else 0


@require_safe
@signed_in(READ)
def run_evidence(request: HttpRequest, person: Person, run_id: str, evidence_id: int) -> HttpResponse:  # noqa: ARG001
    """Give a file of the evidence as a download, never to be shown inside our pages."""
    found = access_run(person, run_id)
    evidence = Evidence.objects.filter(pk=evidence_id, step__run=found, kind=Evidence.Kind.FILE).first()
    if evidence is None or evidence.content is None:
        raise NotFound(_("There is no such file."))
    answer = HttpResponse(bytes(evidence.content), content_type="application/octet-stream")
    plain = "".join(
        letter if letter.isascii() and (letter.isalnum() or letter in "._-") else "_" for letter in evidence.name
    )
    answer["Content-Disposition"] = f'attachment; filename="{plain or "evidence"}"'
    answer["Content-Security-Policy"] = "sandbox"
    return answer

"""What is allowed in a plan and still likely to hurt: warnings for who writes it and who reviews it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Final

from eap.format.document import Document, Step
from eap.format.kinds import Kind
from eap.format.lint_secrets import secrets_in_clear
from eap.format.order import before, in_order
from eap.format.problems import Path, Problem

MOST_BETWEEN_PAUSES: Final = 9
"""Five to nine items between two pauses (Gawande, The Checklist Manifesto): longer lists are read past."""
WORK: Final = (Kind.MANUAL, Kind.AUTOMATION, Kind.VERIFY, Kind.STATUS_UPDATE, Kind.PAGE)
"""What a person does, starts or follows; the kinds that are lines of a checklist."""
STOPS: Final = (Kind.PAUSE_POINT, Kind.APPROVAL, Kind.DECISION, Kind.END)
"""Where people stop and look up."""
BY_PEOPLE: Final = (Kind.MANUAL, Kind.PAUSE_POINT, Kind.DECISION)


def lint(document: Document, *, today: date | None = None) -> list[Problem]:
    """Return the warnings about a document that was read from its text, by their place in it.

    `today` finds a review date that has passed. A document restored from what is stored says every default as if
    somebody had written it, so it can't be asked what was left out.
    """
    found = [problem for each in _LINTS for problem in each(document)]
    if today is not None and document.review_by < today:
        sentence = f"This plan was to be reviewed by {document.review_by}. Read it through and set a new date."
        found.append(_warning(sentence, ("review_by",)))
    return found


def _warning(sentence: str, path: Path) -> Problem:
    return Problem(sentence=sentence, level="warning", path=path)


def _long_stretches(document: Document) -> Iterator[Problem]:
    """Count the longest run of work before each step since people last stopped, along `needs`."""
    steps = {step.id: (number, step) for number, step in enumerate(document.steps)}
    stretch: dict[str, int] = {}
    for identity in in_order(document.steps):
        number, step = steps[identity]
        longest = max((stretch.get(need, 0) for need in step.needs), default=0)
        if step.kind in STOPS:
            stretch[identity] = 0
            continue
        stretch[identity] = longest + (1 if step.kind in WORK else 0)
        if stretch[identity] == MOST_BETWEEN_PAUSES + 1 and step.kind in WORK:
            sentence = (
                f"More than {MOST_BETWEEN_PAUSES} steps lie before this one without a pause. "
                "Put a pause point, a decision or an approval in between."
            )
            yield _warning(sentence, ("steps", number))
    for number, step in enumerate(document.steps):
        if len(step.lines) > MOST_BETWEEN_PAUSES:
            sentence = f"A pause point with {len(step.lines)} lines is read past. Nine at most; split it."
            yield _warning(sentence, ("steps", number, "lines"))


def _nobody(document: Document) -> Iterator[Problem]:
    for key, role in document.roles.items():
        if not (role.incident_role or role.schedule or role.team or role.tier or role.person):
            sentence = f'Nothing says who "{key}" is: give an incident_role, schedule, team, tier or person.'
            yield _warning(sentence, ("roles", key))
    for number, step in enumerate(document.steps):
        lane = document.lanes.get(step.lane or "")
        if step.kind in BY_PEOPLE and step.role is None and lane is None:
            sentence = f'"{step.id}" has no role and no lane with an owner; it goes to the incident commander.'
            yield _warning(sentence, ("steps", number))
    used = _roles_used(document)
    for key in document.roles.keys() - used:
        yield _warning(f'Nothing uses the role "{key}".', ("roles", key))
    for name in document.lanes.keys() - {step.lane for step in document.steps}:
        yield _warning(f'No step lies in the lane "{name}".', ("lanes", name))


def _roles_used(document: Document) -> set[str]:
    used = {lane.owner for lane in document.lanes.values()}
    for step in document.steps:
        used.update(role for role in (step.role, step.page.role if step.page else None) if role)
        used.update(step.approval.roles if step.approval else ())
    return used


def _destructive(document: Document) -> Iterator[Problem]:
    """Every way to a destructive step, and to a point of no return, has to lead through an approval."""
    guarded = _behind_approval(document)
    for number, step in enumerate(document.steps):
        if step.id in guarded or step.kind == Kind.APPROVAL:
            continue
        path = ("steps", number)
        if step.destructive:
            sentence = f'"{step.id}" destroys something, and there is a way to it without any approval.'
            yield _warning(sentence, (*path, "destructive"))
        elif step.point_of_no_return:
            sentence = f'After "{step.id}" there is no way back, and there is a way to it without any approval.'
            yield _warning(sentence, (*path, "point_of_no_return"))
    for number, step in enumerate(document.steps):
        if step.destructive and step.id in guarded and not _second_factor(document, step):
            sentence = (
                f'No approval before "{step.id}" is marked `destructive: true`, so none asks for a second factor.'
            )
            yield _warning(sentence, ("steps", number, "destructive"))


def _behind_approval(document: Document) -> set[str]:
    """Return the steps that can't begin before somebody approved something.

    With `join: all` one way with an approval is enough, because all of them have to be walked; with `any`, each way
    needs its own. A skipped approval approves nothing, so one with a `when` counts only where nothing else leads to the
    step: what needs skipped steps alone is skipped with them.
    """
    steps = {step.id: step for step in document.steps}
    surely: set[str] = set()
    guarded: set[str] = set()
    for identity in in_order(document.steps):
        step = steps[identity]
        needs = [steps[need] for need in step.needs if need in steps]
        holding = [need.id in surely or (need.kind == Kind.APPROVAL and need.when is None) for need in needs]
        if holding and (all(holding) if step.join == "any" else any(holding)):
            surely.add(identity)
        if identity in surely or (needs and all(need.id in guarded or need.kind == Kind.APPROVAL for need in needs)):
            guarded.add(identity)
    return guarded


def _second_factor(document: Document, step: Step) -> bool:
    earlier = before(document.steps)[step.id]
    return any(
        other.approval is not None and other.approval.destructive for other in document.steps if other.id in earlier
    )


def _never_fails(document: Document) -> Iterator[Problem]:
    """What follows a failed run needs a run that can end as failed."""
    stops = (
        step.on_failure == "stop" or (step.end is not None and step.end.outcome == "failed") for step in document.steps
    )
    if document.on_failure is not None and not any(stops):
        sentence = "A run of this plan never ends as failed: no step says `on_failure: stop`, and none ends it so."
        yield _warning(sentence, ("on_failure",))


def _waits(document: Document) -> Iterator[Problem]:
    for number, step in enumerate(document.steps):
        if step.wait is not None and step.wait.until is not None and "at_most" not in step.wait.model_fields_set:
            sentence = f'"{step.id}" does not say how long it waits at most (`at_most`); it is a day.'
            yield _warning(sentence, ("steps", number, "wait"))


def _automations(document: Document) -> Iterator[Problem]:
    verified = _verified(document)
    for number, step in enumerate(document.steps):
        if step.kind != Kind.AUTOMATION:
            continue
        if "timeout" not in step.model_fields_set:
            sentence = f'"{step.id}" has no `timeout`; it is ten minutes.'
            yield _warning(sentence, ("steps", number))
        if step.id not in verified and step.expect is None:
            sentence = f'Nothing verifies what "{step.id}" did: no verify step after it, and no `expect`.'
            yield _warning(sentence, ("steps", number))


def _verified(document: Document) -> set[str]:
    """Return the steps with a verify step somewhere after them."""
    earlier = before(document.steps)
    checks = [step.id for step in document.steps if step.kind == Kind.VERIFY]
    return set().union(*(earlier[identity] for identity in checks)) if checks else set()


def _unused(document: Document) -> Iterator[Problem]:
    said = document.model_dump_json(exclude={"inputs"}, by_alias=True)
    for name in document.inputs:
        if not re.search(rf"\b(inputs|secrets)\.{name}\b", said):
            yield _warning(f'Nothing uses the input "{name}".', ("inputs", name))
    for number, step in enumerate(document.steps):
        for place, option in enumerate(step.decision.options if step.decision else ()):
            if not re.search(rf"steps\.{step.id}\.choice", said):
                sentence = f'Nothing follows from the answer to "{step.id}": no `when` asks for its choice.'
                yield _warning(sentence, ("steps", number, "decision"))
                break
            if option.key not in _choices_asked(document, step.id):
                sentence = f'No `when` asks for the answer "{option.key}"; only steps without a `when` follow it.'
                yield _warning(sentence, ("steps", number, "decision", "options", place))


def _choices_asked(document: Document, identity: str) -> set[str]:
    conditions = [step.when for step in document.steps if step.when and f"steps.{identity}.choice" in step.when]
    return {word for condition in conditions for word in re.findall(r"[\"']([a-z0-9_]+)[\"']", condition)}


_LINTS: Final[tuple[Callable[[Document], Iterator[Problem]], ...]] = (
    _long_stretches,
    _nobody,
    _destructive,
    _never_fails,
    _waits,
    _automations,
    _unused,
    secrets_in_clear,
)

"""A plan's steps as a list: what the picture shows, for reading, for screen readers and for paper."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from eap.format.document import Call, Document, Step
from eap.format.drawing import ICONS, Shown
from eap.format.durations import written
from eap.format.kinds import Kind


@dataclass(frozen=True)
class Line:
    """One step as it is read: who, when, what, and the particulars of its kind as label and text."""

    step: Step
    number: int
    kind: str
    icon: str
    who: str
    lane: str
    after: str
    particulars: list[tuple[str, str]] = field(default_factory=list)
    approvers: list[str] = field(default_factory=list)
    state: Shown | None = None


KIND_WORDS: Final = {
    Kind.MANUAL: gettext_lazy("By hand"),
    Kind.PAUSE_POINT: gettext_lazy("Pause point"),
    Kind.APPROVAL: gettext_lazy("Approval"),
    Kind.PAGE: gettext_lazy("Page"),
    Kind.STATUS_UPDATE: gettext_lazy("Status update"),
    Kind.WAIT: gettext_lazy("Wait"),
    Kind.AUTOMATION: gettext_lazy("Automation"),
    Kind.VERIFY: gettext_lazy("Verify"),
    Kind.DECISION: gettext_lazy("Decision"),
    Kind.SUB_PLAN: gettext_lazy("Sub-plan"),
    Kind.END: gettext_lazy("End"),
}


def outline(document: Document, *, states: Mapping[str, Shown] | None = None) -> list[Line]:
    """Return every step in the order of the plan, ready to be read. `states` by step id, as for the picture."""
    numbers = {step.id: number for number, step in enumerate(document.steps, start=1)}
    return [
        Line(
            step=step,
            number=numbers[step.id],
            kind=str(KIND_WORDS[step.kind]),
            icon=ICONS[step.kind],
            who=_who(document, step),
            lane=document.lanes[step.lane].title if step.lane in document.lanes else "",
            after=_after(step, numbers),
            particulars=list(_particulars(document, step)),
            approvers=_approvers(document, step),
            state=(states or {}).get(step.id),
        )
        for step in document.steps
    ]


def _who(document: Document, step: Step) -> str:
    lane = document.lanes.get(step.lane or "")
    role = step.role or (lane.owner if lane else None)
    return document.roles[role].title if role in document.roles else ""


def _after(step: Step, numbers: Mapping[str, int]) -> str:
    needs = [str(numbers[need]) for need in step.needs if need in numbers]
    if not needs:
        return _("at the start")
    if len(needs) == 1:
        return _("after {number}").format(number=needs[0])
    joined = _("or") if step.join == "any" else _("and")
    return _("after {numbers} {joined} {last}").format(numbers=", ".join(needs[:-1]), joined=joined, last=needs[-1])


def _approvers(document: Document, step: Step) -> list[str]:
    roles = step.approval.roles if step.approval else ()
    return [document.roles[role].title for role in roles if role in document.roles]


def _particulars(document: Document, step: Step) -> Iterator[tuple[str, str]]:
    if step.when:
        yield _("Only when"), step.when
    if step.due is not None:
        yield _("Due within"), written(step.due)
    yield from _of_kind(document, step)
    if step.call is not None:
        yield from _of_call(step)
    evidence = [word for given, word in _evidence_words(step) if given]
    if evidence:
        yield _("Evidence"), ", ".join(evidence)


def _evidence_words(step: Step) -> tuple[tuple[bool, str], ...]:
    return (
        (step.evidence.note, _("a note")),
        (step.evidence.file, _("a file")),
        (step.evidence.hash, _("a hash (SHA-256)")),
    )


def _of_kind(document: Document, step: Step) -> Iterator[tuple[str, str]]:
    if step.approval is not None:
        roles = ", ".join(_approvers(document, step))
        yield _("Needs"), _("{count} of: {roles}").format(count=step.approval.count, roles=roles)
        yield _("Expires after"), written(step.approval.expires)
        if step.approval.destructive:
            yield _("Second factor"), _("yes: it destroys something")
    if step.page is not None:
        role = document.roles.get(step.page.role or "")
        yield _("Pages"), role.title if role else step.page.policy
        yield _("Says"), step.page.title
    if step.update is not None:
        yield _("Drafts"), f"{step.update.name} ({step.update.stage})"
        yield from step.update.texts.items()
    if step.wait is not None and step.wait.time is not None:
        yield _("Waits"), written(step.wait.time)
    if step.wait is not None and step.wait.until is not None:
        yield _("Waits until"), step.wait.until
        yield _("At most"), written(step.wait.at_most)
    if step.decision is not None:
        yield _("Asks"), step.decision.question
        yield _("Answers"), " / ".join(option.title for option in step.decision.options)
    if step.sub_plan is not None:
        yield _("Starts the plan"), step.sub_plan.plan


def _of_call(step: Step) -> Iterator[tuple[str, str]]:
    assert step.call is not None  # noqa: S101  (asked by the caller)
    yield _("Does"), _called(step.call)
    if step.targets is not None:
        yield _("On"), step.targets.hosts
        waves = [_("canary {count}").format(count=step.targets.canary), *step.targets.waves, _("the rest")]
        yield _("In waves"), ", ".join(waves)
    if step.expect:
        yield _("Expects"), step.expect
    yield _("Time limit"), written(step.timeout)
    if step.retry.times:
        yield _("Tried again"), _("{times} times").format(times=step.retry.times)
    if step.undo is not None:
        yield _("Undo"), _called(step.undo)


def _called(call: Call) -> str:
    """Return the action with its short inputs: many steps of a plan may call the same one."""
    plain = {name: value for name, value in call.with_.items() if isinstance(value, str | int | float)}
    said = [f"{name}: {Truncator(' '.join(str(value).split())).chars(60)}" for name, value in plain.items()]
    return f"{call.action} ({', '.join(said)})" if said else call.action

"""Whether each step has the part that its kind needs, and none that belongs to another kind."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from eap.format.document import Document, Retry, Step
from eap.format.kinds import Kind
from eap.format.problems import Problem

NEEDED: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.MANUAL: (),
    Kind.PAUSE_POINT: ("lines",),
    Kind.APPROVAL: ("approval",),
    Kind.PAGE: ("page",),
    Kind.STATUS_UPDATE: ("update",),
    Kind.WAIT: ("wait",),
    Kind.AUTOMATION: ("call",),
    Kind.VERIFY: ("call",),
    Kind.DECISION: ("decision",),
    Kind.SUB_PLAN: ("sub_plan",),
    Kind.END: (),
}
ALLOWED: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.MANUAL: ("evidence",),
    Kind.PAUSE_POINT: ("evidence",),
    Kind.AUTOMATION: ("targets", "retry", "timeout", "undo", "expect"),
    Kind.VERIFY: ("targets", "retry", "timeout", "expect"),
    Kind.WAIT: ("timeout",),
    Kind.END: ("end",),
}
"""What a kind may have besides what it needs."""
_PARTS: Final = tuple(dict.fromkeys(part for parts in (*NEEDED.values(), *ALLOWED.values()) for part in parts))


def kinds(document: Document) -> Iterator[Problem]:
    """Check every step against its kind."""
    for number, step in enumerate(document.steps):
        path = ("steps", number)
        for part in NEEDED[step.kind]:
            if not getattr(step, part):
                sentence = f'"{step.id}" is of kind {step.kind} and needs `{part}`.'
                yield Problem(sentence=sentence, path=(*path, "kind"))
        fitting = (*NEEDED[step.kind], *ALLOWED.get(step.kind, ()))
        for part in _PARTS:
            if part not in fitting and _given(step, part):
                sentence = f"A step of kind {step.kind} has no `{part}`.{_owner(part)}"
                yield Problem(sentence=sentence, path=(*path, part))
        yield from _inside(document, step, path)


def _given(step: Step, part: str) -> bool:
    return bool(getattr(step, part) != Step.model_fields[part].get_default(call_default_factory=True))


def _owner(part: str) -> str:
    owners = [kind for kind in Kind if part in (*NEEDED[kind], *ALLOWED.get(kind, ()))]
    return f" It belongs to {' and '.join(owners)}."


def _inside(document: Document, step: Step, path: tuple[str | int, ...]) -> Iterator[Problem]:
    if step.undo is not None and step.call is None:
        yield Problem(sentence="`undo` takes back what `call` did; there is no `call`.", path=(*path, "undo"))
    if step.undo is not None and step.point_of_no_return:
        sentence = "A point of no return has no `undo`: there is no way back over it."
        yield Problem(sentence=sentence, path=(*path, "undo"))
    if step.retry != Retry() and step.call is None:
        yield Problem(sentence="`retry` repeats a `call`; there is no `call`.", path=(*path, "retry"))
    if step.wait is not None and (step.wait.time is None) == (step.wait.until is None):
        yield Problem(sentence="Wait for a `time`, or `until` a condition holds: one of the two.", path=(*path, "wait"))
    if step.page is not None and (step.page.role is None) == (not step.page.policy):
        yield Problem(sentence="Page a `role` or a `policy`: one of the two.", path=(*path, "page"))
    yield from _approval(step, path)
    yield from _options(step, path)
    yield from _targets(document, step, path)


def _approval(step: Step, path: tuple[str | int, ...]) -> Iterator[Problem]:
    if step.approval is not None and not step.approval.roles:
        sentence = "Nobody could approve this: name the `roles` that may."
        yield Problem(sentence=sentence, path=(*path, "approval", "roles"))
    if step.update is not None and not step.update.texts:
        sentence = "Write the text in one language at least, as `en: …`."
        yield Problem(sentence=sentence, path=(*path, "update", "texts"))


def _options(step: Step, path: tuple[str | int, ...]) -> Iterator[Problem]:
    seen: set[str] = set()
    for place, option in enumerate(step.decision.options if step.decision else ()):
        if option.key in seen:
            sentence = f'Two answers have the key "{option.key}".'
            yield Problem(sentence=sentence, path=(*path, "decision", "options", place, "key"))
        seen.add(option.key)


def _targets(document: Document, step: Step, path: tuple[str | int, ...]) -> Iterator[Problem]:
    if step.targets is None:
        return
    inside = (*path, "targets")
    match = re.fullmatch(r"inputs\.(\w+)", step.targets.hosts)
    if match:
        given = document.inputs.get(match[1])
        if given is None or given.type != "hosts":
            sentence = f'"{match[1]}" is not an input of type hosts.'
            yield Problem(sentence=sentence, path=(*inside, "hosts"))
    elif not step.targets.hosts.strip():
        yield Problem(sentence="Name a group of the inventory, or `inputs.<name>`.", path=(*inside, "hosts"))
    shares = [int(wave[:-1]) for wave in step.targets.waves if wave.endswith("%")]
    if any(share == 0 or share > 100 for share in shares):
        yield Problem(sentence="A wave's share is between 1% and 100%.", path=(*inside, "waves"))

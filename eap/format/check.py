"""Whether the parts of a plan fit together: what keeps a version from being handed in."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Final

from eap.format.check_conditions import conditions
from eap.format.check_kinds import kinds
from eap.format.check_texts import texts
from eap.format.document import Document, Input, Step
from eap.format.kinds import Kind
from eap.format.names import INCIDENT_ROLES, INCIDENT_TYPES
from eap.format.order import before, circle
from eap.format.patterns import is_pattern
from eap.format.problems import Problem, nearest

Check = Callable[[Document], Iterator[Problem]]


def check(document: Document, *, known: Mapping[str, Collection[str]] | None = None) -> list[Problem]:
    """Return every error in how the parts of `document` refer to each other.

    `known`: the keys of the plans there are and which plans each of them calls, to find sub-plans that don't exist or
    call each other in a circle; None when that can't be known.
    """
    found = [problem for each in _CHECKS for problem in each(document)]
    if known is not None:
        found += sub_plans(document, known)
    return found


def _ids(document: Document) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for number, step in enumerate(document.steps):
        if step.id in first:
            sentence = f'Two steps are called "{step.id}" (steps {first[step.id] + 1} and {number + 1}). Rename one.'
            yield Problem(sentence=sentence, path=("steps", number, "id"))
        first.setdefault(step.id, number)


def _needs(document: Document) -> Iterator[Problem]:
    ids = {step.id for step in document.steps}
    for number, step in enumerate(document.steps):
        for place, need in enumerate(step.needs):
            path = ("steps", number, "needs", place)
            if need == step.id:
                yield Problem(sentence=f'"{step.id}" needs itself and could never begin.', path=path)
            elif need not in ids:
                yield Problem(sentence=f'No step is called "{need}".{nearest(need, ids)}', path=path)
            elif need in step.needs[:place]:
                yield Problem(sentence=f'"{need}" stands here twice.', path=path)


def _circle(document: Document) -> Iterator[Problem]:
    ids = circle(document.steps)
    if len(ids) > 1:
        number = next(number for number, step in enumerate(document.steps) if step.id == ids[0])
        way = " needs ".join(f'"{identity}"' for identity in [*ids, ids[0]])
        yield Problem(sentence=f"These steps wait for each other: {way}.", path=("steps", number, "needs"))


def _after_the_end(document: Document) -> Iterator[Problem]:
    ends = {step.id for step in document.steps if step.kind == Kind.END}
    earlier = before(document.steps)
    for number, step in enumerate(document.steps):
        past = earlier[step.id] & ends
        if past and step.join == "all":
            end = min(past)
            sentence = f'"{step.id}" comes after "{end}", where the run ends; it could never begin.'
            yield Problem(sentence=sentence, path=("steps", number, "needs"))


def _roles(document: Document) -> Iterator[Problem]:
    for name, lane in document.lanes.items():
        if lane.owner not in document.roles:
            yield _no_role(document, lane.owner, ("lanes", name, "owner"))
    for number, step in enumerate(document.steps):
        for path, role in _roles_of(step):
            if role not in document.roles:
                yield _no_role(document, role, ("steps", number, *path))
        if step.lane is not None and step.lane not in document.lanes:
            sentence = f'No lane is called "{step.lane}".{nearest(step.lane, document.lanes)}'
            yield Problem(sentence=sentence, path=("steps", number, "lane"))


def _roles_of(step: Step) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if step.role is not None:
        yield ("role",), step.role
    if step.page is not None and step.page.role is not None:
        yield ("page", "role"), step.page.role
    if step.approval is not None:
        for place, role in enumerate(step.approval.roles):
            yield ("approval", "roles", place), role


def _no_role(document: Document, role: str, path: tuple[str | int, ...]) -> Problem:
    return Problem(sentence=f'No role is called "{role}".{nearest(role, document.roles)}', path=path)


def _sources(document: Document) -> Iterator[Problem]:
    for key, role in document.roles.items():
        if role.incident_role and role.incident_role not in INCIDENT_ROLES:
            sentence = f'Incidents have no role "{role.incident_role}".{nearest(role.incident_role, INCIDENT_ROLES)}'
            yield Problem(sentence=sentence, path=("roles", key, "incident_role"))
    if document.on_failure is not None and document.on_failure.incident.type not in INCIDENT_TYPES:
        kind = document.on_failure.incident.type
        sentence = f'Incidents have no type "{kind}".{nearest(kind, INCIDENT_TYPES)}'
        yield Problem(sentence=sentence, path=("on_failure", "incident", "type"))
    for name in ("suggested_for", "started_for"):
        for place, kind in enumerate(getattr(document, name).types):
            if kind not in INCIDENT_TYPES:
                sentence = f'Incidents have no type "{kind}".{nearest(kind, INCIDENT_TYPES)}'
                yield Problem(sentence=sentence, path=(name, "types", place))


def _inputs(document: Document) -> Iterator[Problem]:
    for name, given in document.inputs.items():
        path = ("inputs", name)
        if given.type == "choice" and len(given.options) < 2:
            yield Problem(sentence=f'"{name}" is a choice and needs two `options` or more.', path=path)
        if given.type != "choice" and given.options:
            yield Problem(sentence="Only an input of type choice has `options`.", path=(*path, "options"))
        if given.type == "secret" and given.default is not None:
            sentence = "A secret can't have a default: it would stand here for everybody to read."
            yield Problem(sentence=sentence, path=(*path, "default"))
        if given.pattern and not is_pattern(given.pattern):
            sentence = (
                "This is no regular expression that can be used: look around and back references are none of them."
            )
            yield Problem(sentence=sentence, path=(*path, "pattern"))
        if given.minimum is not None and given.maximum is not None and given.minimum > given.maximum:
            yield Problem(sentence="`minimum` is above `maximum`; nothing would fit.", path=(*path, "minimum"))
        yield from _default(name, given)


def _default(name: str, given: Input) -> Iterator[Problem]:
    default, path = given.default, ("inputs", name, "default")
    if default is None:
        return
    fits = {
        "number": isinstance(default, int | float) and not isinstance(default, bool),
        "boolean": isinstance(default, bool),
        "choice": default in given.options,
        "hosts": isinstance(default, str | list),
    }.get(given.type, isinstance(default, str))
    if not fits:
        what = f"one of {', '.join(given.options)}" if given.type == "choice" else f"of type {given.type}"
        yield Problem(sentence=f'The default of "{name}" has to be {what}.', path=path)


def sub_plans(document: Document, known: Mapping[str, Collection[str]]) -> Iterator[Problem]:
    """Give a problem for each sub-plan that does not exist, and for one that would start this plan again."""
    for number, step in enumerate(document.steps):
        if step.sub_plan is None:
            continue
        path = ("steps", number, "sub_plan", "plan")
        called = step.sub_plan.plan
        if called == document.key or document.key in _reached(called, known):
            sentence = f'"{called}" would start "{document.key}" again, and that without end.'
            yield Problem(sentence=sentence, path=path)
        elif called not in known:
            yield Problem(sentence=f'No plan has the key "{called}".{nearest(called, known)}', path=path)


def _reached(start: str, known: Mapping[str, Collection[str]]) -> set[str]:
    found: set[str] = set()
    left = [start]
    while left:
        key = left.pop()
        if key not in found:
            found.add(key)
            left.extend(known.get(key, ()))
    return found


def called_by(document: Document) -> frozenset[str]:
    """Return the keys of the plans that a plan starts as parts of itself: what `known` maps its key to."""
    return frozenset(step.sub_plan.plan for step in document.steps if step.sub_plan is not None)


_CHECKS: Final[tuple[Check, ...]] = (
    _ids,
    _needs,
    _circle,
    _after_the_end,
    _roles,
    _sources,
    _inputs,
    kinds,
    conditions,
    texts,
)

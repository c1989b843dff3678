"""Reads of plans and their versions."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import HttpRequest

from eap.actions.base import Inputs
from eap.actions.registry import actions
from eap.format.check import called_by, sub_plans
from eap.format.check_calls import calls
from eap.format.host_names import names_of_hosts
from eap.format.lint import lint
from eap.format.problems import Problem
from eap.format.read import Reading, read
from eap.hosts import unknown_names
from eap.models import Plan, PlanVersion
from people.models import Person
from people.permissions import REVIEW_PLAN, may
from web.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

KEPT_CHARACTERS: Final = 100_000
"""Longer texts are read anew each time: what is known of one takes some fifty times its size in memory."""


def known_plans() -> Mapping[str, Collection[str]]:
    """Return the keys of the plans in use, and which plans the published version of each starts as parts of itself."""
    found: dict[str, frozenset[str]] = {}
    for plan in Plan.objects.filter(archived_at=None).select_related("published").only("key", "published__document"):
        document = plan.published.document if plan.published else None
        steps = document["steps"] if document else []
        found[plan.key] = frozenset(step["sub_plan"]["plan"] for step in steps if step.get("sub_plan"))
    return found


def read_among_plans(text: str) -> Reading:
    """Read a plan's YAML as it stands here: its actions and sub-plans have to exist, and plans not to go in circles."""
    reading = _read_again(text) if len(text) <= KEPT_CHARACTERS else read(text)
    if reading.document is None:
        return reading
    more = reading.placed(calls(reading.document, inputs_of_actions()))
    if called_by(reading.document):
        more += reading.placed(sub_plans(reading.document, known_plans()))
    problems = sorted([*reading.problems, *more], key=lambda problem: (problem.line, problem.column))
    return replace(reading, problems=problems)


def likely_to_hurt(reading: Reading, *, now: datetime) -> list[Problem]:
    """Return what is likely to hurt in a text, each at its line: the format's own warnings, and hosts nobody knows."""
    if reading.document is None:
        return []
    places = list(names_of_hosts(reading.document))
    strange = unknown_names((name for name, _ in places), now=now)
    unknown = [
        Problem(sentence=f"No inventory has a host or a group called {name}.", level="warning", path=path)
        for name, path in places
        if name in strange
    ]
    return reading.placed([*lint(reading.document, today=now.date()), *unknown])


def inputs_of_actions() -> dict[str, type[Inputs]]:
    """Return what each registered action takes, by its name."""
    return {action.name: action.inputs for action in actions.all()}


@lru_cache(maxsize=16)
def _read_again(text: str) -> Reading:
    """Read a text; one move reads it several times (written, handed in, shown), and pure YAML takes its moment."""
    return read(text)


def listed_plans(*, words: str = "", archived: bool = False) -> QuerySet[Plan]:
    """Return plans by title, each with what is under work in `under_work` and its number of versions."""
    open_versions = PlanVersion.objects.filter(state__in=PlanVersion.OPEN).defer("text", "document")
    plans = Plan.objects.filter(archived_at__isnull=not archived).select_related("published")
    plans = plans.defer("published__text", "published__document")
    if words:
        plans = plans.filter(Q(title__icontains=words) | Q(key__icontains=words) | Q(owner__icontains=words))
    return plans.annotate(number_of_versions=Count("versions")).prefetch_related(
        Prefetch("versions", queryset=open_versions, to_attr="under_work")
    )


def access_plan(key: str) -> Plan:
    """Return a plan by its key or its id. Raises `NotFound`."""
    plans = Plan.objects.select_related("published")
    plan = plans.filter(key=key).first()
    if plan is None and len(key) == 36:
        plan = plans.filter(pk=key).first() if _is_uuid(key) else None
    if plan is None:
        raise NotFound("There is no such plan.")
    return plan


def access_version(key: str, number: int) -> PlanVersion:
    """Return a version of a plan by its number. Raises `NotFound`."""
    people = ("created_by", "edited_by", "submitted_by")
    version = PlanVersion.objects.select_related("plan", "plan__published", *people).filter(
        plan__key=key, number=number
    )
    found = version.first()
    if found is None:
        raise NotFound("There is no such version.")
    return found


def waiting_for_me(request: HttpRequest) -> int:
    """Return how many versions wait for a second person, for somebody who may be that; one indexed count."""
    person = request.user
    if not isinstance(person, Person) or not may(person, REVIEW_PLAN):
        return 0
    return PlanVersion.objects.filter(state=PlanVersion.State.IN_REVIEW).exclude(edits__person=person).count()


def _is_uuid(text: str) -> bool:
    import uuid

    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True

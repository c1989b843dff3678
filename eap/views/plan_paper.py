"""A plan on paper, with whom to call, for the day when nothing works."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from eap.format.document import Document, PlanRole
from eap.models import Run
from eap.outline import outline
from eap.plan_queries import access_version
from eap.roles import Roles
from engine import clock
from notifications.models import ContactMethod
from people.doors import signed_in
from people.models import Person
from people.permissions import RUN_PLAN
from web.errors import IllegalMove

NUMBERS = ("voice", "sms")
"""What a person with any telephone can use; other channels need what may be down."""


@dataclass(frozen=True)
class Callee:
    """Somebody on the call tree: name, what they do, and their telephone numbers and addresses."""

    name: str
    title: str
    numbers: list[str]


@dataclass(frozen=True)
class Branch:
    """A role, who holds it now and who stands in, in the order they are called."""

    title: str
    source: str
    people: list[Callee]


@require_safe
@signed_in(RUN_PLAN)
def plan_paper(request: HttpRequest, _person: Person, plan_key: str, version_number: int) -> HttpResponse:
    """Write a version as a checklist to print. The people are those of this moment: the page says when it was made.

    It holds telephone numbers, so it is for those who run plans.
    """
    version = access_version(plan_key, version_number)
    if version.document is None:
        raise IllegalMove("This draft can't be read yet. Mend what the editor shows, then print it.")
    document = version.read()
    now = clock.now()
    context = {
        "plan": version.plan,
        "version": version,
        "document": document,
        "lines": outline(document),
        "tree": call_tree(document),
        "inputs": list(document.inputs.items()),
        "printed_at": now,
    }
    return render(request, "eap/plans/paper.html", context)


def call_tree(document: Document) -> list[Branch]:
    """Return who is called for each role, in order, with every telephone number that was verified."""
    resolve, nobody_runs_it = Roles(now=clock.now()), Run()
    lines = {key: resolve.line(nobody_runs_it, role) for key, role in document.roles.items()}
    numbers = _numbers({person.pk for line in lines.values() for person in line})
    return [
        Branch(
            title=role.title,
            source=_source(role),
            people=[Callee(person.name, person.title, numbers.get(person.pk, [])) for person in lines[key]],
        )
        for key, role in document.roles.items()
    ]


def _numbers(people: set[UUID]) -> dict[UUID, list[str]]:
    methods = ContactMethod.objects.filter(person__in=people, channel__in=NUMBERS, verified_at__isnull=False)
    found: dict[UUID, list[str]] = {}
    for method in methods.order_by("channel", "pk"):
        known = found.setdefault(method.person_id, [])
        if method.address not in known:
            known.append(method.address)
    return found


def _source(role: PlanRole) -> str:
    if role.incident_role:
        return role.incident_role
    return role.schedule or role.team or role.tier or role.person

"""`/readiness/`: what would go wrong at the next incident, worst first, each with the way to mend it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from engine import clock
from incidents.models import Service
from incidents.readiness import Finding, checks, report
from people.doors import signed_in
from people.models import Person, Tier
from people.permissions import ADMINISTER, READ, may

GRADES: Final = {
    "broken": ("bad", "warn", _("Broken: somebody would not be reached")),
    "weak": ("watch", "late", _("Weak: one failure more and somebody would not be reached")),
    "advice": ("calm", "facts", _("Could be better")),
}


@require_safe
@signed_in(READ)
def readiness(request: HttpRequest, person: Person) -> HttpResponse:
    """Show the report; administrators are led to what mends each finding."""
    made = report(now=clock.now())
    groups = [
        (kind, icon, title, [(each, mended_at(each)) for each in made.findings if each.grade == grade])
        for grade, (kind, icon, title) in GRADES.items()
    ]
    context = {
        "report": made,
        "groups": [group for group in groups if group[3]],
        "may_administer": may(person, ADMINISTER),
    }
    return render(request, "incidents/settings/readiness.html", context)


def mended_at(finding: Finding) -> str:
    """Return the address at which a finding is mended; "" where that is not a page."""
    kind, _separator, id_ = finding.subject.partition(":")
    find = _ADDRESSES.get(kind) or checks.address_of(kind)
    return find(id_) if find is not None else ""


def _tier(key: str) -> str:
    tier = Tier.objects.filter(key=key).first()
    return reverse("tier_edit", args=[tier.pk]) if tier else reverse("tiers")


def _service(key: str) -> str:
    service = Service.objects.filter(key=key).first()
    return reverse("service_edit", args=[service.pk]) if service else reverse("services")


_ADDRESSES: Final[dict[str, Callable[[str], str]]] = {
    "person": lambda id_: reverse("person", args=[id_]),
    "people": lambda _id: reverse("people"),
    "schedule": lambda id_: reverse("schedule", args=[id_]),
    "policy": lambda id_: reverse("policy_edit", args=[id_]),
    "tier": _tier,
    "service": _service,
    "severity": lambda number: reverse("severity_edit", args=[number]),
}

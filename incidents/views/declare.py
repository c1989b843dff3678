"""`/declare/`: ten seconds from the thought to the calls."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from engine import clock
from incidents.forms import DeclareForm
from incidents.models import IncidentType, MusterRequirement, SeverityPolicy
from incidents.operations.declare import declare
from incidents.rules.numbers import severity_name
from people.actors import actor_for
from people.doors import signed_in
from people.models import Person
from people.permissions import DECLARE
from people.queries import tier_people
from web.errors import BadInput


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(DECLARE)
def declare_incident(request: HttpRequest, person: Person) -> HttpResponse:
    """Ask for one line; what is wrong is said beside its field and nothing typed is lost."""
    form = DeclareForm(request.POST or None, initial={"severity": "3", "type": IncidentType.OTHER})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            with transaction.atomic():
                incident = declare(
                    title=given["title"],
                    severity=int(given["severity"]),
                    type=given["type"] or IncidentType.OTHER,
                    summary=given["summary"],
                    service=given["service"],
                    private=given["private"],
                    by=actor_for(person, via="web"),
                    now=clock.now(),
                )
        except BadInput as refusal:
            for field, sentence in refusal.errors.items():
                form.add_error(field if field in form.fields else None, sentence)
        else:
            messages.success(request, _("Declared as incident {number}.").format(number=incident.number))
            return HttpResponseRedirect(reverse("incident", args=[incident.number]))
    context = {"form": form, "severities": _severities(chosen=str(form["severity"].value()))}
    return render(request, "incidents/declare.html", context, status=422 if form.errors else 200)


@dataclass(frozen=True, kw_only=True)
class SeverityChoice:
    """One severity to choose: what it means and whom it calls at once, so that nobody presses without knowing."""

    number: int
    meaning: str
    called: list[str]
    chosen: bool

    @property
    def name(self) -> str:
        """Return "SEV1" to "SEV4"."""
        return severity_name(self.number)


def _severities(*, chosen: str) -> list[SeverityChoice]:
    """Return SEV1 to SEV4; one query for the meanings, one for the tiers, and those of the people of each tier."""
    meanings = dict(SeverityPolicy.objects.values_list("severity", "meaning"))
    moment = clock.now()
    people: dict[int, list[str]] = {}
    called: dict[int, list[str]] = {number: [] for number in range(1, 5)}
    for requirement in MusterRequirement.objects.order_by("tier__rank", "pk"):
        if requirement.tier_id not in people:
            people[requirement.tier_id] = [p.get_short_name() for p in tier_people(requirement.tier_id, moment)]
        known = called[requirement.severity_id]
        known += [name for name in people[requirement.tier_id] if name not in known]
    return [
        SeverityChoice(number=number, meaning=meanings.get(number, ""), called=names, chosen=str(number) == chosen)
        for number, names in called.items()
    ]

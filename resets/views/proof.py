"""What proves a reset: the completion report, and the outcome of each account as a file."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from engine import clock
from people.actors import actor_for
from people.doors import signed_in
from people.models import Person
from people.permissions import READ, RUN_PLAN
from resets import screen
from resets.access import access_reset
from resets.chart import chart
from resets.models import Reset
from resets.proof.handing_out import TYPES, handed_out
from resets.proof.report import report
from web.errors import NotFound


@require_safe
@signed_in(READ)
def reset_report(request: HttpRequest, person: Person, reset_id: str) -> HttpResponse:
    """Show the report as things stand now, and which report was kept last."""
    reset, now = access_reset(person, reset_id), clock.now()
    facts = report(reset)
    kept = reset.reports.last()
    context = {
        "reset": reset,
        "facts": facts,
        "modes": dict(Reset.Mode.choices),
        "waves": [(name, count) for name, count in zip(screen.WAVES, facts.waves, strict=False)],
        "chart": chart(reset, now=now),
        "kept": kept,
        "is_current": kept is not None and kept.fingerprint == facts.fingerprint(),
        "printed_at": now,
    }
    return render(request, "resets/report.html", context)


@require_safe
@signed_in(RUN_PLAN)
def reset_export(request: HttpRequest, person: Person, reset_id: str, form: str) -> HttpResponse:  # noqa: ARG001
    """Hand out what became of each account, as it is read from the database."""
    reset = access_reset(person, reset_id)
    if form not in TYPES:
        raise NotFound(_("There is no such file."))
    return handed_out(reset, form=form, by=actor_for(person, via="web"), clock=clock.now)

"""The resets of an incident, for its room: a line each, with how far the newest phase is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db.models import F, Sum
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from eap.belongings import Belonging
from eap.models import Run
from incidents.models import Incident
from people.models import Person
from resets.access import visible_resets
from resets.models import Chunk, Phase, Reset
from resets.screen import STATES

SHOWN: Final = 5


@dataclass(frozen=True)
class Line:
    """A reset of the room: how it stands, and what its newest phase has come to. `phase` is "" before the first."""

    reset: Reset
    kind: str
    icon: str
    phase: str = ""
    done: int = 0
    text: str = ""
    trouble: str = ""


def resets_of(request: HttpRequest, incident: Incident) -> str:
    """Return the newest resets of this incident's runs that the reader may see; "" where there is none. Three
    queries, however many there are."""
    if not isinstance(request.user, Person):
        return ""
    found = list(visible_resets(request.user).filter(run__incident=incident)[:SHOWN])
    if not found:
        return ""
    newest: dict[object, Phase] = {}
    for phase in Phase.objects.filter(reset__in=found).order_by("started_at", "pk"):
        newest[phase.reset_id] = phase
    done = _done(list(newest.values()))
    lines = [_line(reset, newest.get(reset.pk), done) for reset in found]
    return render_to_string("resets/panel.html", {"lines": lines}, request)


def resets_of_run(run: Run, person: Person) -> list[Belonging]:
    """Return the resets that this run drives, if this person may see them, with their addresses."""
    return [
        Belonging(
            kind=_("Credential reset"),
            title=reset.title,
            address=reverse("reset", args=[reset.pk]),
            state=reset.get_state_display(),
        )
        for reset in visible_resets(person).filter(run=run)[:SHOWN]
    ]


def _done(phases: list[Phase]) -> dict[int, tuple[int, int]]:
    """Return by phase how many accounts it has come to, and how many of them were missed."""
    reached = Sum(F("applied") + F("unchanged") + F("skipped") + F("missed"))
    chunks = Chunk.objects.filter(phase__in=phases).order_by().values("phase")
    rows = chunks.annotate(reached=reached, failed=Sum("missed")).values_list("phase", "reached", "failed")
    return {phase: (done, missed) for phase, done, missed in rows}


def _line(reset: Reset, phase: Phase | None, figures: dict[int, tuple[int, int]]) -> Line:
    kind, icon = STATES[reset.state]
    if phase is None:
        return Line(reset, kind, icon, trouble=reset.trouble)
    done, missed = figures.get(phase.pk, (0, 0))
    text = _("%(done)s of %(all)s") % {"done": f"{done:,}", "all": f"{reset.count:,}"}
    if missed:
        text += " · " + _("%(count)s missed") % {"count": f"{missed:,}"}
    trouble = reset.trouble or (phase.held_because if phase.state == Phase.State.HELD else "")
    return Line(reset, kind, icon, str(phase.get_name_display()), done, text, trouble)

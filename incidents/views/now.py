"""`/`: everything that is open now."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from engine import clock
from incidents.briefing import now_board
from incidents.queries import visible_incidents
from people.doors import signed_in
from people.models import Person
from people.permissions import DECLARE, READ, may


@require_safe
@signed_in(READ)
def now(request: HttpRequest, person: Person) -> HttpResponse:
    """Show my pages first, then the open incidents, who is late and who is on call."""
    moment = clock.now()
    board = now_board(person, now=moment)
    context = {
        "board": board,
        "last": visible_incidents(person).first() if not board.incidents else None,
        "may_declare": may(person, DECLARE),
    }
    return render(request, "incidents/now.html", context)

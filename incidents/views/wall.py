"""`/wall/`: what is open now, large, for a screen that everybody in the room can read."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from engine import clock
from incidents.briefing import now_board
from people.doors import signed_in
from people.models import Person
from people.permissions import READ


@require_safe
@signed_in(READ)
def wall(request: HttpRequest, person: Person) -> HttpResponse:
    """Show the open incidents, who is late and who is on call. Private incidents are left out, whoever is signed in:
    a wall is read by whoever passes."""
    board = now_board(person, now=clock.now(), in_public=True)
    return render(request, "incidents/wall.html", {"board": board, "bare": True})

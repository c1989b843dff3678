"""`/settings/`: everything that is set up before an incident, and the records of what was done."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from people.doors import signed_in
from people.models import Person
from people.settings_index import entries_for


@require_safe
@signed_in()
def settings_page(request: HttpRequest, person: Person) -> HttpResponse:
    """Show the places that this person may open, each with what it is for."""
    return render(request, "settings/index.html", {"groups": entries_for(person)})

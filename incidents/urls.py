"""Addresses of the incidents' screens."""

from django.urls import path

from incidents.views import declare, listing, moves, now, room

urlpatterns = [
    path("", now.now, name="now"),
    path("declare/", declare.declare_incident, name="declare"),
    path("incidents/", listing.incidents, name="incidents"),
    path("incidents/<int:number>/", room.room, name="incident"),
    path("incidents/<int:number>/briefing/", room.brief, name="briefing"),
    path("incidents/<int:number>/timeline/", room.whole_timeline, name="incident_timeline"),
    *(path(f"incidents/<int:number>/{verb}/", view, name=f"incident_{verb}") for verb, view in moves.MOVES.items()),
]

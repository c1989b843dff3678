"""Addresses of the incidents' screens."""

from django.urls import path

from incidents.settings_views import ledger, readiness, services, severities
from incidents.views import declare, listing, moves, now, room, wall

urlpatterns = [
    path("", now.now, name="now"),
    path("wall/", wall.wall, name="wall"),
    path("declare/", declare.declare_incident, name="declare"),
    path("incidents/", listing.incidents, name="incidents"),
    path("incidents/<int:number>/", room.room, name="incident"),
    path("incidents/<int:number>/briefing/", room.brief, name="briefing"),
    path("incidents/<int:number>/timeline/", room.whole_timeline, name="incident_timeline"),
    *(path(f"incidents/<int:number>/{verb}/", view, name=f"incident_{verb}") for verb, view in moves.MOVES.items()),
    path("services/", services.services, name="services"),
    path("services/new/", services.service_edit, name="service_add"),
    path("services/<int:service_id>/", services.service_edit, name="service_edit"),
    path("services/<int:service_id>/remove/", services.service_remove, name="service_remove"),
    path("severities/", severities.severities, name="severities"),
    path("severities/<int:severity>/", severities.severity_edit, name="severity_edit"),
    path("readiness/", readiness.readiness, name="readiness"),
    path("ledger/", ledger.ledger, name="ledger"),
    path("ledger/verify/", ledger.ledger_verify, name="ledger_verify"),
]

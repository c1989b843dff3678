"""Incidents, roles, the muster, timeline, readiness."""

from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    """The incidents floor."""

    name = "incidents"
    verbose_name = "Incidents"

"""Incidents, roles, the muster, timeline, readiness."""

from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    """The incidents floor."""

    name = "incidents"
    verbose_name = "Incidents"

    def ready(self) -> None:
        """Say how messages speak of an incident, and take in the news of its pages."""
        from engine.duties import register
        from incidents.duties import MUSTERS
        from incidents.subject import KIND
        from notifications.registry import subjects

        subjects.register(KIND)
        register(MUSTERS)

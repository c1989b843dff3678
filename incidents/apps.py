"""Incidents, roles, the muster, timeline, readiness."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


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
        from people.permissions import DECLARE, READ
        from web import navigation
        from web.navigation import Item

        subjects.register(KIND)
        register(MUSTERS)
        places = (
            Item(label=_("Now"), url_name="now", icon="now", order=10, capability=READ),
            Item(label=_("Declare"), url_name="declare", icon="declare", order=15, capability=DECLARE, prominent=True),
            Item(label=_("Incidents"), url_name="incidents", icon="flame", order=30, capability=READ),
        )
        for place in places:
            navigation.register(place)

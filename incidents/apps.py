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
        from incidents.subject_door import DOOR
        from notifications.registry import subjects
        from notifications.subject_doors import subject_doors
        from people.permissions import AUDIT, DECLARE, READ
        from web import navigation
        from web.navigation import Item

        subjects.register(KIND)
        subject_doors.register(DOOR)
        register(MUSTERS)
        group, records = _("Settings"), _("Records")
        places = (
            Item(label=_("Now"), url_name="now", icon="now", order=10, capability=READ),
            Item(label=_("Declare"), url_name="declare", icon="declare", order=15, capability=DECLARE, prominent=True),
            Item(label=_("Incidents"), url_name="incidents", icon="flame", order=30, capability=READ),
            Item(label=_("Readiness"), url_name="readiness", icon="shield", order=60, capability=READ),
            Item(label=_("Services"), url_name="services", icon="server", order=225, capability=READ, group=group),
            Item(label=_("Severities"), url_name="severities", icon="level-1", order=230, capability=READ, group=group),
            Item(label=_("Ledger"), url_name="ledger", icon="chain", order=330, capability=AUDIT, group=records),
        )
        for place in places:
            navigation.register(place)

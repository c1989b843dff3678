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
        from incidents.queries import audible_incidents
        from incidents.subject import KIND
        from incidents.subject_door import DOOR
        from notifications.registry import subjects
        from notifications.subject_doors import subject_doors
        from people import settings_index
        from people.permissions import AUDIT, DECLARE, READ
        from people.settings_index import RECORDS, RESPONSE, Entry
        from web import navigation
        from web.listening import listening_doors
        from web.navigation import Item

        subjects.register(KIND)
        subject_doors.register(DOOR)
        listening_doors.register("incident", audible_incidents)
        register(MUSTERS)
        places = (
            Item(label=_("Now"), url_name="now", icon="now", order=10, capability=READ),
            Item(label=_("Declare"), url_name="declare", icon="declare", order=15, capability=DECLARE, prominent=True),
            Item(label=_("Incidents"), url_name="incidents", icon="flame", order=30, capability=READ),
            Item(label=_("Readiness"), url_name="readiness", icon="shield", order=60, capability=READ),
        )
        for place in places:
            navigation.register(place)
        entries = (
            (
                "services",
                "server",
                READ,
                RESPONSE,
                210,
                _("Services"),
                _("What the company runs, and who is paged for it."),
            ),
            (
                "severities",
                "level-1",
                READ,
                RESPONSE,
                220,
                _("Severities"),
                _("What SEV1 to SEV4 mean and whom they muster."),
            ),
            (
                "ledger",
                "chain",
                AUDIT,
                RECORDS,
                430,
                _("Ledger"),
                _("Who did what, when; and whether it is as written."),
            ),
        )
        for url_name, icon, capability, group, order, label, text in entries:
            entry = Entry(
                label=label, text=text, url_name=url_name, icon=icon, group=group, order=order, capability=capability
            )
            settings_index.register(entry)

"""Events, alerts, routing rules, quarantine."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IntakeConfig(AppConfig):
    """The intake floor."""

    name = "intake"
    verbose_name = "Intake"

    def ready(self) -> None:
        """Register the duties, and that alerts follow a merge."""
        from incidents.panels import panels
        from incidents.registry import mergings
        from intake.duties import register_duties
        from intake.operations.follow_merge import follow_merge
        from intake.panel import ALERTS
        from people.permissions import ADMINISTER, AUDIT, READ
        from web import navigation
        from web.navigation import Item

        register_duties()
        mergings.register("alerts", follow_merge)
        panels.register(ALERTS)
        group, records = _("Settings"), _("Records")
        places = (
            Item(label=_("Alerts"), url_name="alerts", icon="inbox", order=40, capability=READ),
            Item(label=_("Routing rules"), url_name="rules", icon="route", order=240, capability=READ, group=group),
            Item(
                label=_("Integration keys"), url_name="keys", icon="plug", order=245, capability=ADMINISTER, group=group
            ),
            Item(label=_("Quarantine"), url_name="quarantine", icon="lock", order=310, capability=AUDIT, group=records),
        )
        for place in places:
            navigation.register(place)

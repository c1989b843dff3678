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
        from incidents.readiness import checks
        from incidents.registry import mergings
        from intake.duties import register_duties
        from intake.measures import intake_measures
        from intake.operations.follow_merge import follow_merge
        from intake.panel import ALERTS
        from intake.readiness import KIND, check_heartbeats, mended_at
        from people import settings_index
        from people.permissions import ADMINISTER, AUDIT, READ
        from people.settings_index import MONITORING, RECORDS, Entry
        from web import metrics, navigation
        from web.navigation import Item

        register_duties()
        metrics.register("intake", intake_measures)
        mergings.register("alerts", follow_merge)
        panels.register(ALERTS)
        checks.register(KIND, check_heartbeats, mended_at=mended_at)
        navigation.register(Item(label=_("Alerts"), url_name="alerts", icon="inbox", order=40, capability=READ))
        entries = (
            ("rules", "route", READ, MONITORING, 300, _("Routing rules"), _("What follows from an alert.")),
            ("keys", "plug", ADMINISTER, MONITORING, 310, _("Integration keys"), _("How tools reach Muster.")),
            ("heartbeats", "now", READ, MONITORING, 320, _("Heartbeats"), _("Jobs that must report.")),
            ("quarantine", "lock", AUDIT, RECORDS, 410, _("Quarantine"), _("What could not be understood.")),
        )
        for url_name, icon, capability, group, order, label, text in entries:
            entry = Entry(
                label=label, text=text, url_name=url_name, icon=icon, group=group, order=order, capability=capability
            )
            settings_index.register(entry)

"""Reaching people: contact methods, escalation policies, pages, deliveries, channels."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    """The notifications floor."""

    name = "notifications"
    verbose_name = "Notifications"

    def ready(self) -> None:
        """Tell the engine what this floor does when it is due, and Prometheus how it stands."""
        from notifications import delivery_duties, duties
        from notifications.metrics import measures
        from notifications.person_panel import panel
        from notifications.queries import count_of_mine
        from people import panels
        from people.permissions import AUDIT, READ
        from web import metrics, navigation
        from web.navigation import Item

        duties.register_duties()
        delivery_duties.register_duties()
        metrics.register("notifications", measures)
        panels.register("contacts", panel)
        settings, records = _("Settings"), _("Records")
        places = (
            Item(label=_("My pages"), url_name="my_pages", icon="bell", order=20, count=count_of_mine),
            Item(label=_("Policies"), url_name="policies", icon="escalate", order=220, capability=READ, group=settings),
            Item(
                label=_("Deliveries"), url_name="deliveries", icon="message", order=320, capability=AUDIT, group=records
            ),
        )
        for place in places:
            navigation.register(place)

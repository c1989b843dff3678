"""Reaching people: contact methods, escalation policies, pages, deliveries, channels."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    """The notifications floor."""

    name = "notifications"
    verbose_name = "Notifications"

    def ready(self) -> None:
        """Tell the engine what this floor does when it is due, and Prometheus how it stands."""
        from django.core import checks

        from notifications import carrier_metrics, delivery_duties, duties
        from notifications.channels.named_in_settings import check_names
        from notifications.doors import audible_pages
        from notifications.metrics import measures
        from notifications.person_panel import panel
        from notifications.queries import count_of_mine
        from people import panels
        from people.permissions import AUDIT, READ
        from people.settings_index import PEOPLE, RECORDS, RESPONSE, Entry, register
        from web import metrics, navigation
        from web.listening import listening_doors
        from web.navigation import Item

        checks.register(check_names)
        duties.register_duties()
        delivery_duties.register_duties()
        metrics.register("notifications", measures)
        metrics.register("carriers", carrier_metrics.measures)
        panels.register("contacts", panel)
        listening_doors.register("page", audible_pages)
        navigation.register(Item(label=_("My pages"), url_name="my_pages", icon="bell", order=20, count=count_of_mine))
        entries = (
            Entry(
                label=_("How I am reached"),
                text=_("Your phones, mail, Slack and devices, when each is used, and a test of each."),
                url_name="my_contacts",
                icon="phone",
                group=PEOPLE,
                order=90,
            ),
            Entry(
                label=_("Escalation policies"),
                text=_("Who is called, in which order, after how long."),
                url_name="policies",
                icon="escalate",
                group=RESPONSE,
                order=200,
                capability=READ,
            ),
            Entry(
                label=_("Deliveries"),
                text=_("Every message, and what became of it."),
                url_name="deliveries",
                icon="message",
                group=RECORDS,
                order=420,
                capability=AUDIT,
            ),
            Entry(
                label=_("Delivery health"),
                text=_("Every channel and provider: does it send, how fast, what was never heard of again."),
                url_name="delivery_health",
                icon="facts",
                group=RECORDS,
                order=425,
                capability=AUDIT,
            ),
        )
        for entry in entries:
            register(entry)

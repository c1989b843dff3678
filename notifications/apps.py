"""Reaching people: contact methods, escalation policies, pages, deliveries, channels."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """The notifications floor."""

    name = "notifications"
    verbose_name = "Notifications"

    def ready(self) -> None:
        """Tell the engine what this floor does when it is due, and Prometheus how it stands."""
        from notifications import delivery_duties, duties
        from notifications.metrics import measures
        from web import metrics

        duties.register_duties()
        delivery_duties.register_duties()
        metrics.register("notifications", measures)

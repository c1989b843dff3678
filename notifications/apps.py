"""Reaching people: contact methods, escalation policies, pages, deliveries, channels."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """The notifications floor."""

    name = "notifications"
    verbose_name = "Notifications"

    def ready(self) -> None:
        """Tell the engine what this floor does when it is due."""
        from notifications.duties import register_duties

        register_duties()

"""Reaching people: contact methods, escalation policies, pages, deliveries, channels."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """The notifications floor."""

    name = "notifications"
    verbose_name = "Notifications"

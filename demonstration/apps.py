"""The demonstration company as an app: only a command; it stores nothing of its own."""

from django.apps import AppConfig


class DemonstrationConfig(AppConfig):
    """Loads Harbor Hosting on `bin/run`."""

    name = "demonstration"

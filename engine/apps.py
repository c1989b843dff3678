"""The engine as a Django app."""

from django.apps import AppConfig


class EngineConfig(AppConfig):
    """Owns the beats of the duties and the alarms that the watch raised."""

    name = "engine"

"""Events, alerts, routing rules, quarantine."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """The intake floor."""

    name = "intake"
    verbose_name = "Intake"

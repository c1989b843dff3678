"""The roof as an app: what the floors of the ground need from each other is joined here."""

from django.apps import AppConfig


class RoofConfig(AppConfig):
    """Registers the ground's own duties and measures, and makes Celery's app the current one."""

    name = "config"
    label = "roof"

    def ready(self) -> None:
        """Join the ground."""
        from config import celery, housekeeping
        from config.health import engine_measures
        from web import metrics

        celery.app.set_default()
        metrics.register("engine", engine_measures)
        housekeeping.register_duty()

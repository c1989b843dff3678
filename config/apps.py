"""The roof as an app: what the floors of the ground need from each other is joined here."""

from contextlib import suppress
from pathlib import Path

from django.apps import AppConfig
from django.conf import settings


class RoofConfig(AppConfig):
    """Registers the ground's own duties and measures."""

    name = "config"
    label = "roof"

    def ready(self) -> None:
        """Join the ground."""
        from config import anchoring, housekeeping, second_factors
        from config.health import engine_measures
        from web import metrics, secrets

        with suppress(OSError):  # a read-only image serves what it was built with
            Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
        metrics.register("engine", engine_measures)
        housekeeping.register_duty()
        anchoring.register_duty()
        secrets.register_rotation("second factors", second_factors.rotate_second_factors)

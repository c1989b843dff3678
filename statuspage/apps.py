"""Components, public incidents, maintenance, subscribers, publishing, feedback."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StatusPageConfig(AppConfig):
    """The status page's floor."""

    name = "statuspage"
    verbose_name = _("Status page")

    def ready(self) -> None:
        """Say which alerts a maintenance explains."""
        from intake.registry import mutings
        from statuspage.muting import muted_by_maintenance

        mutings.register("maintenance", muted_by_maintenance)

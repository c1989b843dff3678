"""Components, public incidents, maintenance, subscribers, publishing, feedback."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StatusPageConfig(AppConfig):
    """The status page's floor."""

    name = "statuspage"
    verbose_name = _("Status page")

    def ready(self) -> None:
        """Say which alerts a maintenance explains, and who keeps the published files fresh."""
        from intake.registry import mutings
        from statuspage.muting import muted_by_maintenance
        from statuspage.publishing import duties as publishing
        from statuspage.subscribers import duties as subscribers

        mutings.register("maintenance", muted_by_maintenance)
        publishing.register()
        subscribers.register_duties()

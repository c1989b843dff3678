"""Components, public incidents, maintenance, subscribers, publishing, feedback."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StatusPageConfig(AppConfig):
    """The status page's floor."""

    name = "statuspage"
    verbose_name = _("Status page")

    def ready(self) -> None:
        """Register the duties, what the room's timeline says, and which alerts a maintenance explains."""
        from incidents import sentences
        from incidents.registry import mergings
        from intake.registry import mutings
        from statuspage import duties
        from statuspage.customers import duties as customers
        from statuspage.feedback import duties as feedback
        from statuspage.measures import status_measures
        from statuspage.muting import muted_by_maintenance
        from statuspage.operations.follow_merge import follow_merge
        from statuspage.publishing import duties as publishing
        from statuspage.sentences import STATUS
        from statuspage.staff import register_screens
        from statuspage.subscribers import duties as subscribers
        from statuspage.subscribers.by_text import register_words
        from statuspage.subscribers.staff import register_screen
        from web import metrics

        mutings.register("maintenance", muted_by_maintenance)
        mergings.register("status", follow_merge)
        sentences.register(STATUS)
        metrics.register("status", status_measures)
        duties.register_duties()
        register_screens()
        publishing.register()
        customers.register()
        feedback.register()
        subscribers.register_duties()
        register_words()
        register_screen()

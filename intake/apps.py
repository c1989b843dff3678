"""Events, alerts, routing rules, quarantine."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """The intake floor."""

    name = "intake"
    verbose_name = "Intake"

    def ready(self) -> None:
        """Register the duties, and that alerts follow a merge."""
        from incidents.registry import mergings
        from intake.duties import register_duties
        from intake.operations.follow_merge import follow_merge

        register_duties()
        mergings.register("alerts", follow_merge)

"""Mass credential resets."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ResetsConfig(AppConfig):
    """The floor above the plans: it gives them actions, and customers the page on which they set a new password."""

    name = "resets"
    verbose_name = _("Credential resets")

    def ready(self) -> None:
        """Register what the engine does, how the ledger reads, and what people see."""
        _join_engine()


def _join_engine() -> None:
    """Have due work done, and say how it reads."""
    from incidents import sentences
    from resets.duties import register_duties
    from resets.sentences import RESET

    register_duties()
    sentences.register(RESET)

"""Where people work outside the web: the Slack workspace, the phone bridge, texts."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RoomsConfig(AppConfig):
    """The floor above everything that people work on: it offers the verbs of the floors below at other places."""

    name = "rooms"
    verbose_name = _("Rooms")

    def ready(self) -> None:
        """Register what this floor offers."""

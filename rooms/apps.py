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
        from notifications import commands
        from notifications.channels.registry import is_installed
        from rooms.slack.rooms_wiring import register_rooms
        from rooms.slack.wiring import register_slack
        from rooms.standard_verbs import register_verbs
        from rooms.texts.texted import TextedVerbs

        register_verbs()
        commands.register(TextedVerbs())
        if is_installed("twilio"):  # the bridge and the lines for callers are calls of that carrier
            from rooms.bridge.joining import join_house as join_bridge
            from rooms.calls.joining import join_house as join_calls

            join_bridge()
            join_calls()
        register_slack()
        register_rooms()

"""What Slack brings to the product, told once when the app is ready."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _


def register_slack() -> None:
    """Register duties, doors and the settings screen."""
    from people.permissions import ADMINISTER
    from people.settings_index import RESPONSE, Entry, register
    from rooms.slack import answering, duties

    duties.register_duties()
    answering.register_answers()
    register(
        Entry(
            label=_("Slack"),
            text=_("The connected workspace, who is linked, what waits to go out."),
            url_name="slack_settings",
            icon="message",
            group=RESPONSE,
            order=260,
            capability=ADMINISTER,
        )
    )

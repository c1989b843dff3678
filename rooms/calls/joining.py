"""What lines for callers register with the floors below."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _


def join_house() -> None:
    """Take the calls to our lines, tell their steps, and show them in the settings."""
    from incidents import sentences
    from notifications import inbound_calls
    from people import settings_index
    from people.permissions import READ
    from people.settings_index import RESPONSE, Entry
    from rooms.calls import duties
    from rooms.calls.sentences import CALL
    from rooms.calls.views_twilio import take_call

    inbound_calls.register_line("calls", take_call)
    sentences.register(CALL)
    duties.register_duties()
    settings_index.register(
        Entry(
            label=_("Lines for callers"),
            text=_("Numbers that customers call, and who is reached by them."),
            url_name="call_lines",
            icon="phone",
            group=RESPONSE,
            order=230,
            capability=READ,
        )
    )

"""What the bridge registers with the floors below."""

from __future__ import annotations


def join_house() -> None:
    """Offer key 4, take callers with a PIN, show the bridge in the room, and have it looked after."""
    from incidents import sentences
    from incidents.panels import panels
    from notifications import inbound_calls
    from notifications.keys import keys
    from rooms.bridge import duties
    from rooms.bridge.by_key import JOIN
    from rooms.bridge.panel import PANEL
    from rooms.bridge.sentences import BRIDGE
    from rooms.bridge.views_twilio import take_call

    keys.register(JOIN)
    inbound_calls.register_desk("bridge", take_call)
    panels.register(PANEL)
    sentences.register(BRIDGE)
    duties.register_duties()

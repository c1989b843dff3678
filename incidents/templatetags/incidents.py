"""How incidents, seats, calls and deliveries are drawn: `{% load incidents %}`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents.board import Board, BoardSeat, BoardTier, RollCount
from incidents.models import Incident, Muster
from notifications.models import Delivery, Responder
from web import moments
from web.templatetags.muster import state
from web.templatetags.parts import Shown, leader

register = template.Library()

STATUS: Final = {
    "triage": ("bad", "flame"),
    "investigating": ("watch", "search"),
    "identified": ("calm", "search"),
    "monitoring": ("calm", "screen"),
    "resolved": ("ok", "check"),
    "closed": ("quiet", "lock"),
    "declined": ("quiet", "cross"),
    "merged": ("quiet", "merge"),
}
MUSTER: Final = {
    "gathering": ("watch", "ring", gettext_lazy("Gathering")),
    "complete": ("ok", "check", gettext_lazy("Mustered")),
    "exhausted": ("bad", "late", gettext_lazy("Nobody answered")),
}
SEAT: Final = {
    "called": ("watch", "ring", gettext_lazy("Calling")),
    "delivered": ("watch", "message", gettext_lazy("No answer yet")),
    "confirmed": ("ok", "check", gettext_lazy("Confirmed")),
    "declined": ("quiet", "cross", gettext_lazy("Can't")),
    "late": ("bad", "late", gettext_lazy("Late")),
    "succeeded": ("quiet", "handover", gettext_lazy("Succeeded")),
}
RESPONDER: Final = {
    "called": ("watch", "ring", gettext_lazy("Calling")),
    "delivered": ("watch", "message", gettext_lazy("No answer yet")),
    "acknowledged": ("ok", "check", gettext_lazy("Acknowledged")),
    "declined": ("quiet", "cross", gettext_lazy("Can't")),
    "late": ("bad", "late", gettext_lazy("Late")),
    "unreachable": ("bad", "unplugged", gettext_lazy("Can't be reached")),
}
DELIVERY: Final = {
    "pending": ("calm", "hourglass"),
    "sending": ("calm", "play"),
    "sent": ("calm", "message"),
    "delivered": ("ok", "check"),
    "failed": ("bad", "warn"),
    "expired": ("quiet", "clock"),
    "cancelled": ("quiet", "cross"),
}
CHANNEL_ICON: Final = {"voice": "voice", "sms": "message", "email": "mail", "webhook": "plug", "push": "bell"}
VIA: Final = {
    "voice": gettext_lazy("by keypad"),
    "sms": gettext_lazy("by SMS"),
    "email": gettext_lazy("by e-mail"),
    "link": gettext_lazy("by link"),
    "push": gettext_lazy("by notification"),
    "web": gettext_lazy("on the web"),
    "api": gettext_lazy("by API"),
}


@register.simple_tag
def incident_status(incident: Incident) -> SafeString:
    """Draw where an incident stands."""
    kind, icon = STATUS[incident.status]
    return state(kind, icon, incident.get_status_display())


@register.simple_tag
def muster_chip(incident: Incident, muster: Muster | None = None) -> SafeString | str:
    """Draw how the muster stands, with its time once it is complete; "" where none was needed."""
    if incident.muster_state not in MUSTER:
        return ""
    kind, icon, word = MUSTER[incident.muster_state]
    if incident.muster_state == "complete" and muster is not None and muster.completed_at is not None:
        took = moments.clock(muster.completed_at - muster.started_at)
        return state(kind, icon, _("Mustered in {time}").format(time=took))
    return state(kind, icon, str(word))


@register.simple_tag
def roll_chip(incident: Incident, roll: RollCount | None) -> SafeString | str:
    """Draw how the muster of a row stands: "3 of 6" while it gathers, its time once it is complete."""
    if roll is None or incident.muster_state not in MUSTER:
        return ""
    kind, icon, word = MUSTER[incident.muster_state]
    if incident.muster_state == "complete" and roll.completed_at is not None:
        took = moments.clock(roll.completed_at - roll.started_at)
        return state(kind, icon, _("Mustered in {time}").format(time=took))
    count = _("{confirmed} of {needed}").format(confirmed=roll.confirmed, needed=roll.needed)
    return state(kind, icon, count if incident.muster_state == "gathering" else f"{word}, {count}")


@register.simple_tag
def board_chip(board: Board) -> SafeString | str:
    """Draw how many of the needed leaders have confirmed."""
    if board.state == "none":
        return ""
    kind, icon, _word = MUSTER[board.state]
    return state(kind, icon, _("{confirmed} of {needed}").format(confirmed=board.confirmed, needed=board.needed))


@register.inclusion_tag("components/leader.html")
def seat(seat: BoardSeat, tier: BoardTier) -> Shown:
    """Draw one leader of the muster board; who is late in a tier that is complete without them is no alarm any more."""
    kind, icon, word = SEAT[seat.state]
    if seat.state == "late" and tier.state == "complete":
        kind = "quiet"
    text = str(word)
    if seat.succeeded_by is not None and seat.state in ("late", "declined", "succeeded"):
        text = _("{word}, {name} stands in").format(word=word, name=seat.succeeded_by.get_short_name())
    notes = [str(VIA.get(seat.via, seat.via))] if seat.state == "confirmed" and seat.via else []
    if seat.stands_in_for is not None:
        notes.append(_("for {name}").format(name=seat.stands_in_for.get_short_name()))
    return leader(
        seat.person.name,
        seat.person.title,
        kind,
        icon,
        text,
        at=seat.confirmed_at,
        note=", ".join(notes),
        calling=seat.state == "called",
    )


@register.simple_tag
def responder_state(responder: Responder) -> SafeString:
    """Draw what became of calling somebody."""
    kind, icon, word = RESPONDER[responder.state]
    text = str(word)
    if responder.state == "acknowledged" and responder.via:
        text = f"{word} {VIA.get(responder.via, responder.via)}"
    return state(kind, icon, text, responder.answered_at)


@register.simple_tag
def delivery_state(delivery: Delivery) -> SafeString:
    """Draw where a delivery stands."""
    kind, icon = DELIVERY[delivery.state]
    return state(kind, icon, delivery.get_state_display())


@register.filter
def channel_icon(channel: str) -> str:
    """Return the icon of a channel."""
    return CHANNEL_ICON.get(channel, "bell")


@register.filter
def took(board: Any) -> str:
    """Return the time to muster as 2:32."""
    seconds = getattr(board, "time_to_muster_s", None)
    return moments.clock(timedelta(seconds=seconds)) if seconds is not None else ""

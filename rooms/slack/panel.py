"""The incident's Slack channel in its room on the web: where it is, or why there is none."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from incidents.models import Incident
from incidents.panels import Panel, panels
from rooms.models import SlackChannel
from rooms.slack.workspace import workspace


def channel_in_room(request: HttpRequest, incident: Incident) -> str:
    """Return the channel with its link; "" without any, and without a workspace."""
    row = SlackChannel.objects.filter(incident=incident).first()
    room = workspace() if row is not None else None
    if row is None or room is None:
        return ""
    address = f"{room.url.rstrip('/')}/archives/{row.channel_id}" if room.url and row.channel_id else ""
    return render_to_string("rooms/slack/panel.html", {"channel": row, "address": address}, request)


def register_panel() -> None:
    """Let the rooms of incidents show it; called once, when the app is ready."""
    panels.register(Panel(key="slack", title=_("Slack"), order=4, render=channel_in_room))

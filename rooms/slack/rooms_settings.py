"""`/settings/slack/rooms/`: how incidents appear in Slack."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from engine import clock
from people.actors import actor_for
from people.doors import signed_in
from people.editing import Editor, edit
from people.models import Person
from people.permissions import ADMINISTER
from rooms.slack.operations.change_rooms import Rooms, change_rooms
from rooms.slack.workspace import workspace
from web.errors import NotFound


class RoomsForm(forms.Form):
    """How incidents appear in Slack."""

    channel_template = forms.CharField(
        label=gettext_lazy("How an incident's channel is named"),
        max_length=60,
        help_text=gettext_lazy(
            "{number} must stand in it; {slug} is the title in short, {severity} and {year} are known too."
        ),
    )
    announce_channel = forms.CharField(
        label=gettext_lazy("Announce SEV1 and SEV2 in"),
        required=False,
        max_length=80,
        help_text=gettext_lazy(
            "A channel's id, such as C012AB3CD. Empty: nowhere. Private incidents are never announced."
        ),
    )
    invite_responders = forms.BooleanField(
        label=gettext_lazy("Invite people as they are paged"),
        required=False,
        help_text=gettext_lazy("Otherwise only who declared it and who holds a role."),
    )
    private_channels = forms.BooleanField(
        label=gettext_lazy("Private incidents get a private channel"),
        required=False,
        help_text=gettext_lazy("Without it nothing of them appears in Slack. With it their words are kept by Slack."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(ADMINISTER)
def slack_rooms(request: HttpRequest, person: Person) -> HttpResponse:
    """Show and change it. Raises `NotFound` before a workspace is connected."""
    room = workspace()
    if room is None:
        raise NotFound(_("No workspace is connected yet. Set Slack's tokens first."))
    form = RoomsForm(request.POST or None, initial={name: getattr(room, name) for name in RoomsForm.base_fields})

    def save(given: dict[str, Any]) -> None:
        change_rooms(rooms=Rooms(**given), by=actor_for(person, via="web"), now=clock.now())

    editor = Editor(
        title=_("Incidents in Slack"),
        intro=_("Channels, invitations and the announcement channel."),
        back=reverse("slack_settings"),
        said=_("Saved. Open incidents follow within seconds."),
    )
    return edit(request, form, editor, save=save)

"""`/me/slack/TOKEN/`: whoever signs in confirms that they are that Slack user."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from engine import clock
from notifications.channels.base import ChannelFailure
from notifications.slack.client import call
from notifications.slack.words import escaped
from people.actors import actor_for
from people.doors import signed_in
from people.models import Person
from rooms.slack.client import post_later
from rooms.slack.operations.link import link as link_person
from rooms.slack.people import LINK
from rooms.slack.workspace import workspace
from web import links


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in()
def link(request: HttpRequest, person: Person, token: str) -> HttpResponse:
    """Show which Slack user it is and ask; a POST confirms. Raises `NotFound` and `LinkExpired` for the link."""
    team_id, _colon, user_id = links.read(LINK, token).partition(":")
    if request.method != "POST":
        room = workspace()
        context = {"user_id": user_id, "name": name_in_slack(user_id), "workspace": room, "person": person}
        return render(request, "rooms/slack/link.html", context)
    name, now = name_in_slack(user_id), clock.now()
    with transaction.atomic():
        link_person(
            person=person, team_id=team_id, user_id=user_id, name=name, by=actor_for(person, via="web"), now=now
        )
        text = _("You are %(name)s in Muster now. Pages reach you here, and what you press here is yours.")
        said = escaped(text % {"name": person.name})
        post_later("chat.postMessage", {"channel": user_id, "text": said}, now=now)
    messages.success(request, _("Linked. Pages reach you in Slack too."))
    return HttpResponseRedirect(reverse("my_contacts"))


def name_in_slack(user_id: str) -> str:
    """Return how Slack calls somebody, or their id while Slack does not say."""
    try:
        user = call("users.info", {"user": user_id}, timeout_s=2.0).get("user") or {}
    except ChannelFailure:
        return user_id
    return str((user.get("profile") or {}).get("real_name") or user.get("real_name") or user.get("name") or user_id)

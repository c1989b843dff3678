"""`/settings/slack/`: whether the workspace is connected, who is linked, what waits and what failed."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from engine import broker, clock
from notifications.slack.client import trouble
from people.actors import actor_for
from people.doors import signed_in
from people.models import Person
from people.permissions import ADMINISTER
from rooms.models import SlackInbound, SlackOutgoing, SlackPause, SlackUser
from rooms.slack.client import TASK
from rooms.slack.operations.link import unlink as unlink_person
from rooms.slack.workspace import check, socket_trouble, workspace
from web.errors import NotFound

FAILED_SHOWN: Final = 20
OPEN: Final = (SlackOutgoing.State.PENDING, SlackOutgoing.State.SENDING)


@require_safe
@signed_in(ADMINISTER)
def slack(request: HttpRequest, person: Person) -> HttpResponse:  # noqa: ARG001  (the door's shape)
    """Show the connection, the linked people, the outbox, what people asked for and did not get."""
    now = clock.now()
    waiting = SlackOutgoing.objects.filter(state__in=OPEN)
    context = {
        "trouble": trouble(),
        "by_socket": bool(settings.SLACK_APP_TOKEN),
        "socket_trouble": socket_trouble(now=now),
        "public_url": settings.PUBLIC_URL,
        "workspace": workspace(),
        "waiting": waiting.count(),
        "oldest": waiting.order_by("created_at").first(),
        "pauses": SlackPause.objects.filter(until__gt=now).order_by("until"),
        "undone": SlackInbound.objects.filter(state="failed").order_by("-ended_at")[:FAILED_SHOWN],
        "failed": SlackOutgoing.objects.filter(state="failed").order_by("-ended_at")[:FAILED_SHOWN],
        "linked": SlackUser.objects.select_related("person").order_by("person__name"),
    }
    return render(request, "rooms/slack/settings.html", context)


@require_POST
@signed_in(ADMINISTER)
def check_now(request: HttpRequest, person: Person) -> HttpResponse:  # noqa: ARG001  (the door's shape)
    """Ask Slack now whether all is well."""
    room = check(now=clock.now())
    if room is not None and not room.error:
        messages.success(request, _("Connected to %(name)s.") % {"name": room.name or room.team_id})
    else:
        why = trouble() or (room.error if room else "") or _("Slack can't be reached, or refused the token.")
        messages.error(request, why)
    return HttpResponseRedirect(reverse("slack_settings"))


@require_POST
@signed_in(ADMINISTER)
def again(request: HttpRequest, person: Person, row_id: int) -> HttpResponse:  # noqa: ARG001  (the door's shape)
    """Try a call that failed for good once more, now that its cause may be gone."""
    now = clock.now()
    with transaction.atomic():
        row = SlackOutgoing.objects.select_for_update(no_key=True).filter(pk=row_id, state="failed").first()
        if row is None:
            raise NotFound(_("That is not among the failed ones any more."))
        row.state, row.ended_at, row.not_before = SlackOutgoing.State.PENDING, None, now
        row.expires_at = max(row.expires_at, now + (row.expires_at - row.created_at))
        row.latest = ""  # a newer one may wait under its name
        row.save(update_fields=["state", "ended_at", "not_before", "expires_at", "latest"])
        transaction.on_commit(lambda: broker.hand_over(TASK, [str(row_id)], "chat"))
    messages.success(request, _("It is tried again."))
    return HttpResponseRedirect(reverse("slack_settings"))


@require_POST
@signed_in(ADMINISTER)
def unlink(request: HttpRequest, person: Person, user_id: int) -> HttpResponse:
    """Forget who somebody is in Slack."""
    with transaction.atomic():
        unlink_person(slack_user_id=user_id, by=actor_for(person, via="web"), now=clock.now())
    messages.success(request, _("Not linked any more."))
    return HttpResponseRedirect(reverse("slack_settings"))

"""Home tabs are published when somebody opens theirs, and again when something of it has changed."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q

from people.models import Person
from people.permissions import DECLARE, require
from rooms.models import SlackHome
from rooms.slack.client import post_later
from rooms.slack.home.view import home_of, home_of_stranger
from rooms.slack.moving.declaring import open_declaring
from rooms.slack.registry import Came, on
from rooms.slack.workspace import team_id

PAUSE: Final = timedelta(seconds=10)
"""Between two looks at one tab: of many changes the last one is shown."""
ANYWAY: Final = timedelta(minutes=2)
"""Who is on call changes by the clock alone, and tasks come without an incident."""
SEEN_WITHIN: Final = timedelta(hours=24)
"""Slack tells each time a tab is opened: one that nobody opened for so long is not on anybody's screen."""
BATCH: Final = 10


def register_home() -> None:
    """Let the doors know the tab and its buttons."""
    on("event", "app_home_opened", later=opened, strangers=True)
    on("action", "home:declare", at_once=declare)
    on("action", "home:open", at_once=nothing, strangers=True)


def opened(came: Came) -> None:
    """Publish the tab of whoever opened it; to somebody unknown it offers the linking."""
    if came.event.get("tab", "home") != "home":
        return
    with transaction.atomic():
        if came.person is None:
            _publish_to_stranger(came.user_id, team_id=came.team_id, now=came.now)
            return
        home, _new = SlackHome.objects.update_or_create(
            person=came.person,
            defaults={"user_id": came.user_id, "digest": "", "opened_at": came.now, "looked_at": came.now},
        )
        _publish(home, came.person, now=came.now)


def declare(came: Came) -> None:
    """Open the declare modal from the tab. Raises `Refusal`, and a `ChannelFailure` when Slack does not open it."""
    if came.person is not None:
        require(came.person, DECLARE)
        open_declaring(came)


def nothing(came: Came) -> None:
    """Answer a button that only opened an address."""


def take_down(person: Person, *, team_id: str, now: datetime) -> None:
    """Take somebody's tab off the screen of the Slack user who is not them any more. In the caller's transaction."""
    for home in SlackHome.objects.filter(person=person):
        _publish_to_stranger(home.user_id, team_id=team_id, now=now)
        home.delete()


def mark_stale() -> None:
    """Note that something changed that may stand in anybody's tab."""
    SlackHome.objects.filter(stale=False).update(stale=True)


def refresh_homes(*, now: datetime) -> int:
    """Look at a few tabs for which something may have changed, those seen longest ago first; return how many."""
    stale = Q(stale=True, looked_at__lt=now - PAUSE) | Q(looked_at__lt=now - ANYWAY)
    found = SlackHome.objects.filter(stale, opened_at__gt=now - SEEN_WITHIN).order_by("looked_at")
    looked = 0
    for pk in list(found.values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            rows = SlackHome.objects.select_for_update(no_key=True, skip_locked=True, of=("self",))
            home = rows.select_related("person").filter(pk=pk).first()
            if home is not None and home.person.is_active:
                _publish(home, home.person, now=now)
            elif home is not None:
                take_down(home.person, team_id=team_id(), now=now)
            looked += home is not None
    return looked


def _publish(home: SlackHome, person: Person, *, now: datetime) -> None:
    view = home_of(person, now=now)
    digest = hashlib.sha256(json.dumps(view, sort_keys=True).encode()).hexdigest()
    if digest != home.digest:
        post_later("views.publish", {"user_id": home.user_id, "view": view}, latest=f"home:{home.user_id}", now=now)
    home.digest, home.stale, home.looked_at = digest, False, now
    home.save(update_fields=["digest", "stale", "looked_at"])


def _publish_to_stranger(user_id: str, *, team_id: str, now: datetime) -> None:
    view = home_of_stranger(team_id=team_id, user_id=user_id)
    post_later("views.publish", {"user_id": user_id, "view": view}, latest=f"home:{user_id}", now=now)

"""Builders for subscribers."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import datetime, timedelta

from engine.duties import run_once
from statuspage.models import Component, Notice, StatusPage, StatusUpdate, Subscriber
from statuspage.subscribers.mailings import open_mailings
from statuspage.subscribers.sending import send_batch
from tests.builders import NOW

_numbers = itertools.count(1)


def make_subscriber(
    page: StatusPage,
    address: str = "",
    *,
    channel: str = "email",
    components: Sequence[Component] = (),
    state: str = "active",
    **fields: object,
) -> Subscriber:
    """Make a subscriber; active, in English and of everything unless a test says otherwise."""
    number = next(_numbers)
    made_up = {"email": f"reader{number}@customer.example", "sms": f"+1206555{number:04d}"}
    made = Subscriber.objects.create(
        page=page,
        channel=channel,
        address=address or made_up[channel],
        state=state,
        all_components=not components,
        asked_at=NOW - timedelta(days=1),
        created_at=NOW - timedelta(days=1),
        confirmed_at=NOW - timedelta(days=1) if state == "active" else None,
        **fields,
    )
    made.components.set(components)
    return made


def prepare(now: datetime = NOW) -> None:
    """Let the engine write the notices."""
    run_once("status_mailings", now=now)


def send_everything(now: datetime = NOW) -> int:
    """Prepare mailings and send all that is due, as workers do; return how many notices were taken."""
    prepare(now)
    taken = 0
    for mailing in open_mailings():
        for channel in ("email", "sms", "webhook"):
            while batch := send_batch(mailing_id=mailing, channel=channel, now=now):
                taken += batch
    prepare(now)
    return taken


def states(update: StatusUpdate) -> dict[str, str]:
    """Return the states of an update's notices by address."""
    rows = Notice.objects.filter(mailing__update=update).values_list("subscriber__address", "state")
    return dict(rows)

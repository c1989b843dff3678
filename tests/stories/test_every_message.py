"""Whatever Muster has to say, by whichever channel: it arrives, or it is written down that it did not."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from notifications.channels.registry import all_channels
from notifications.models import ContactMethod, Delivery, Page
from notifications.operations.outbox import post
from tests.builders import make_method, make_page, make_person, make_policy
from tests.stories.night import KINDS, Night
from web import secrets


def say_everything(night: Night) -> None:
    """Send every kind of message to a person of its own for each channel, one after the other.

    Olga, who gets mail, is paged too: so a page goes on although Ada can't be reached.
    """
    olga = make_person("Olga", methods=["email"])
    for channel in all_channels():
        address = f"{night.phones.url}/hook/ada" if channel.kind == "webhook" else ""
        method = make_method(make_person("Ada", methods=[]), channel.kind, address=address)
        page = make_page(make_policy((300, [method.person, olga])), now=night.now())
        night.look()
        for kind in set(Delivery.Kind) - {Delivery.Kind.PAGE}:
            say(night, kind, method, page if kind == Delivery.Kind.REMINDER else None)


def say(night: Night, kind: Delivery.Kind, method: ContactMethod, page: Page | None) -> None:
    """Write one message and let it leave."""
    delivery = Delivery(
        page=page,
        person=method.person,
        contact_method=method,
        kind=kind,
        channel=method.channel,
        address=method.address,
        content={"headline": "From Muster", "sentence": "All is well.", "code": secrets.encrypt("123456")},
        not_before=night.now(),
        created_at=night.now(),
    )
    with transaction.atomic():
        post([delivery])
    night.look()


def outcomes() -> dict[tuple[str, str], set[str]]:
    """Return what became of the messages, by channel and kind."""
    found: dict[tuple[str, str], set[str]] = {}
    for delivery in Delivery.objects.all():
        found.setdefault((delivery.channel, delivery.kind), set()).add(delivery.state)
    return found


def test_every_kind_of_message_leaves_by_every_channel(night: Night) -> None:
    say_everything(night)
    left = outcomes()
    assert set(left) == {(channel.kind, kind) for channel in all_channels() for kind in Delivery.Kind.values}
    assert {state for states in left.values() for state in states} <= {"sent", "delivered"}
    arrived = sum(len(night.everything(kind)) for kind in KINDS)
    assert arrived == Delivery.objects.count()


def test_what_is_refused_fails_with_a_reason_and_is_kept(night: Night) -> None:
    refused: dict[str, dict[str, Any]] = {"*": {"http": 400, "code": 21999}, "hook:ada": {"http": 404}}
    night.phones.script(refused)
    say_everything(night)
    for delivery in Delivery.objects.exclude(channel="email"):
        assert delivery.state == "failed", f"{delivery.channel} {delivery.kind} is {delivery.state}"
        assert delivery.reason
        assert [attempt.result for attempt in delivery.attempts.all()] == ["permanent"]
    assert len(night.everything("mail")) == Delivery.objects.filter(channel="email").count()
    night.everything("hooks")

"""A run that waits for leaders at their phones, and what they do there."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction

from eap.models import Run, RunStep, Vote
from eap.operations.runs.preview import PREVIEWS_WITHIN
from engine import clock, duties
from notifications.models import Delivery, Page
from notifications.operations.send_delivery import send_delivery
from people.models import Person
from people.operations.phone_pin import set_pin
from tests.builders import by, make_person, make_tier
from tests.eap.runs.builders import at, automation, begin, carry_out, fresh, go, make_version, page_of, step
from tests.phones import Phones

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Waiting:
    """A run that waits for an approval: who started it, who may approve by name, and the page that calls them."""

    run: Run
    otto: Person
    vps: dict[str, Person]
    page: Page

    @property
    def step(self) -> RunStep:
        """Return the approval as it is now."""
        return at(self.run, "agree")

    def votes(self) -> list[tuple[str, str, str, bool]]:
        """Return every vote as (name, answer, via, second factor)."""
        rows = Vote.objects.filter(step__run=self.run).order_by("pk").select_related("person")
        return [(row.person.name, row.answer, row.via, row.second_factor) for row in rows]

    def fresh(self) -> Run:
        """Return the run as it is now."""
        return fresh(self.run)


def give_pin(person: Person, pin: str = "7391") -> None:
    """Set somebody's PIN."""
    with transaction.atomic():
        set_pin(person_id=person.pk, pin=pin, proof="password", by=by(person), now=clock.now())


def waiting(
    *,
    destructive: bool = True,
    count: int = 1,
    reached: Mapping[str, str] | None = None,
    expires: str = "1h",
    before_previews: bool = False,
) -> Waiting:
    """Start a run at whose approval VPs are called, each by the one channel named in `reached`, and call them.

    `before_previews`: the automation behind it has not said what it would do, as long as people wait for that.
    """
    vps = {name: make_person(name, methods=[channel]) for name, channel in (reached or {"Vic": "sms"}).items()}
    tier = make_tier(f"vp-{next(_numbers)}", *vps.values())
    otto = make_person("Otto")
    approval: dict[str, Any] = {
        "roles": ["vp"],
        "count": count,
        "destructive": destructive,
        "expires": expires,
        "of": "Wipe **{inputs.host}**.",
    }
    version = make_version(
        [step("agree", "approval", approval=approval), automation("burn", "test-once", needs=["agree"])],
        roles={"vp": {"title": "VP", "tier": tier.key}},
        inputs={"host": {"type": "text", "title": "Host"}},
    )
    began = clock.now() - (PREVIEWS_WITHIN if before_previews else timedelta())
    run = begin(version, who=otto, inputs={"host": "web1"}, now=began)
    if before_previews:
        duties.run_once("runs", now=clock.now())
    else:
        go(clock.now())
    page = page_of(run, "agree")
    duties.run_once("pages", now=clock.now())
    send(page)
    return Waiting(run=run, otto=otto, vps=vps, page=page)


def send(page: Page) -> None:
    """Send what is due."""
    for delivery in Delivery.objects.filter(page=page, state="pending").order_by("pk"):
        send_delivery(delivery.pk)


def text_to(phones: Phones, person: Person) -> dict[str, Any]:
    """Return the newest text that reached somebody."""
    return phones.wait_for("messages", to=person.contact_methods.get().address)[-1]


def call_to(phones: Phones, person: Person) -> dict[str, Any]:
    """Return the newest call to somebody."""
    return phones.wait_for("calls", to=person.contact_methods.get().address)[-1]


def previews_come() -> None:
    """Let the automations say what they would do, and the run take it in."""
    carry_out(clock.now())
    go(clock.now())

"""A SEV1 at night, in real time: real processes, nothing moved, phones answered as people answer them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

import pytest

from tests.product import Product, moment, running_product

CALLED_WITHIN_S: Final = 2.0
STOPPED_WITHIN_S: Final = 1.0
SOON_S: Final = 3.0
"""The engine looks every second; the rest is for a machine that does other things too."""
SECOND_PHONE: Final = "+46701740688"


@pytest.fixture(scope="module")
def started() -> Iterator[Product]:
    """One product for all stories of this file, which therefore run one after the other.

    It has called and hung up once before: the first time each process loads the provider's library, a second on a busy
    machine.
    """
    with running_product() as product:
        declare(product, "SEV3")
        phone = product.people[product.on_call()]["phone"]
        product.wait(lambda: product.phones.all("calls", to=phone, state="ringing"), what="The first call")
        product.all_quiet()
        yield product


@pytest.fixture
def product(started: Product) -> Iterator[Product]:
    """The product with nothing open."""
    started.phones.forget_everything()
    yield started
    started.all_quiet()


def declare(product: Product, severity: str) -> tuple[Any, datetime]:
    """Declare an incident; return it and the moment at which the answer was here."""
    incident = product.post("/incidents", {"title": "Customer data read from outside", "severity": severity})
    return incident, datetime.now(UTC)


def seconds(earlier: datetime, later: str) -> float:
    """Return the time between a moment and one that was written down."""
    return (moment(later) - earlier).total_seconds()


def test_every_leader_is_called_within_two_seconds(product: Product) -> None:
    leaders = {"Ada", "Vic", "Vera", "Mia", "Max", product.on_call()}
    incident, declared = declare(product, "SEV1")
    calls = product.wait(lambda: len(r := product.reached("calls")) >= len(leaders) and r, what="Calling")
    late = {name: seconds(declared, call["received_at"]) for name, (call,) in calls.items()}
    assert set(late) == leaders
    assert max(late.values()) <= CALLED_WITHIN_S, late
    for kind in ("messages", "mail"):
        product.wait(lambda: len(product.reached(kind)) >= len(leaders), what=kind)  # noqa: B023 - asked at once
        assert {name: len(items) for name, items in product.reached(kind).items()} == dict.fromkeys(leaders, 1)
    for name in leaders:
        assert f"{name}, you have acknowledged it." in product.phones.pick_up(calls[name][0], "1")
    gathered = product.wait(
        lambda: (m := product.get(f"/incidents/{incident['id']}/muster"))["state"] == "complete" and m,
        what="The muster",
    )
    assert 0 < gathered["time_to_muster_s"] < 60
    assert {name: len(calls) for name, calls in product.reached("calls").items()} == dict.fromkeys(leaders, 1)


@pytest.fixture
def second_phone(product: Product) -> Iterator[str]:
    """A second number at which Ada is called at once."""
    method = uuid4()
    product.write(
        "INSERT INTO notifications_contactmethod (id, person_id, channel, address, label, secret, verified_at,"
        " disabled_reason, created_at) VALUES (%s, %s, 'voice', %s, 'At home', '', now(), '', now())",
        method,
        product.people["Ada"]["id"],
        SECOND_PHONE,
    )
    product.write(
        "INSERT INTO notifications_contactrule (person_id, urgency, contact_method_id, delay_s)"
        " VALUES (%s, 'high', %s, 0)",
        product.people["Ada"]["id"],
        method,
    )
    yield SECOND_PHONE
    product.write("DELETE FROM notifications_contactrule WHERE contact_method_id = %s", method)
    product.write("UPDATE notifications_contactmethod SET disabled_at = now() WHERE id = %s", method)


def test_a_pressed_1_stops_the_persons_other_messages_within_a_second(product: Product, second_phone: str) -> None:
    ada = product.people["Ada"]
    product.phones.script({ada["phone"]: {}, ada["email"]: {"smtp": 451}})
    incident, _ = declare(product, "SEV1")
    ringing = product.wait(lambda: product.phones.all("calls", to=second_phone, state="ringing"), what="Ringing")
    mobile = product.wait(lambda: product.phones.all("calls", to=ada["phone"], state="ringing"), what="Ringing")
    mine = f"/deliveries?incident={incident['id']}&person={ada['id']}"
    product.wait(
        lambda: [d for d in product.items(mine) if d["channel"] == "email" and d["attempts"]], what="The first mail"
    )
    product.phones.pick_up(mobile[0], "1")
    pressed = datetime.now(UTC)
    hung_up = product.wait(
        lambda: product.phones.all("calls", to=second_phone, state="canceled"), what="The end of the other call"
    )
    assert hung_up[0]["sid"] == ringing[0]["sid"]
    assert seconds(pressed, hung_up[0]["ended_at"]) <= STOPPED_WITHIN_S
    (mail,) = [d for d in product.items(mine) if d["channel"] == "email"]
    assert mail["state"] == "cancelled"
    assert not product.phones.all("mail", to=ada["email"])
    leaders = {"Ada", "Vic", "Vera", "Mia", "Max", product.on_call()}
    assert set(product.reached("calls")) == {*leaders, second_phone}
    assert set(product.reached("messages")) <= leaders
    assert set(product.reached("mail")) <= leaders - {"Ada"}


def test_who_does_not_answer_is_succeeded_on_time(product: Product) -> None:
    deadline_s = 4
    product.write(
        "UPDATE incidents_musterrequirement SET deadline_s = %s, succession_s = 60 WHERE severity_id = 3", deadline_s
    )
    first = product.on_call()
    second = "Olga" if first == "Otto" else "Otto"
    incident, _ = declare(product, "SEV3")
    product.wait(lambda: product.phones.all("calls", to=product.people[first]["phone"]), what="The first call")
    (next_call,) = product.wait(
        lambda: product.phones.all("calls", to=product.people[second]["phone"], state="ringing"), what="Succession"
    )
    waited_s = seconds(moment(incident["opened_at"]), next_call["received_at"])
    assert deadline_s <= waited_s <= deadline_s + SOON_S
    product.phones.pick_up(next_call, "1")
    gathered = product.wait(
        lambda: (m := product.get(f"/incidents/{incident['id']}/muster"))["state"] == "complete" and m,
        what="The muster",
    )
    (tier,) = gathered["tiers"]
    states = {seat["person"]["name"].split()[0]: seat["state"] for seat in tier["people"]}
    assert states == {first: "succeeded", second: "confirmed"}
    (stand_in,) = [seat for seat in tier["people"] if seat["state"] == "confirmed"]
    assert stand_in["stands_in_for"]["name"].split()[0] == first
    assert set(product.reached("calls")) == {first, second}
    for kind in ("messages", "mail"):
        assert set(product.reached(kind)) <= {first, second}

"""The provider has a bad night: another way is taken at once, and what went wrong can be seen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from people.models import Person
from tests.builders import add_rule, make_method, make_person
from tests.stories.night import Night, answered

NUMBER = "+12065550199"


@pytest.fixture
def ada() -> Person:
    """Ada is texted at once, and called ten minutes later unless the text does not leave."""
    ada = make_person("Ada", methods=[])
    add_rule(make_method(ada, "sms", address=NUMBER))
    add_rule(make_method(ada, "voice", address="+12065550198"), delay_s=600)
    return ada


@pytest.fixture
def api(night: Night) -> Iterator[httpx.Client]:
    """The administrator's program."""
    with night.sign_in(make_person("Alma", methods=[])) as api:
        yield api


@pytest.fixture(autouse=True)
def _needs_the_database(transactional_db: None) -> None:
    """People are made before the night begins."""


def page(api: httpx.Client, person: Person) -> str:
    """Page somebody and return the page's id."""
    made = answered(api.post("/pages", json={"person": str(person.pk), "title": "Power lost in hall 2"}), 201)
    return str(made["id"])


def texts(api: httpx.Client, page: str) -> list[dict[str, Any]]:
    """Return the texts of a page as the API shows them."""
    items = answered(api.get(f"/deliveries?page={page}"))["items"]
    return [item for item in items if item["channel"] == "sms"]


def codes(delivery: dict[str, Any]) -> list[str]:
    """Return what the provider answered to each try."""
    return [attempt["code"] for attempt in delivery["attempts"]]


def test_while_texts_fail_the_phone_rings_at_once_and_the_text_follows(
    night: Night, api: httpx.Client, ada: Person
) -> None:
    night.phones.script({NUMBER: {"http": [500, 500]}})
    paged = page(api, ada)
    night.call_to(ada)
    night.pass_time(seconds=15)
    night.text_to(ada)
    (text,) = texts(api, paged)
    assert text["state"] in ("sent", "delivered")
    assert [attempt["result"] for attempt in text["attempts"][:3]] == ["temporary", "temporary", "accepted"]


def test_a_provider_that_asks_for_patience_gets_it_and_the_phone_rings_meanwhile(
    night: Night, api: httpx.Client, ada: Person
) -> None:
    night.phones.script({NUMBER: {"http": [429], "retry_after_s": 60}})
    page(api, ada)
    night.call_to(ada)
    night.pass_time(seconds=50)
    night.stays_quiet()
    night.pass_time(seconds=15)
    night.text_to(ada)


def test_a_provider_that_hangs_is_asked_and_nothing_is_sent_twice(night: Night, api: httpx.Client, ada: Person) -> None:
    night.phones.script({NUMBER: {"hang_s": 6, "count": 1}})
    paged = page(api, ada)
    night.text_to(ada)
    night.pass_time(minutes=1)
    night.stays_quiet()
    (text,) = texts(api, paged)
    assert {"unknown", "found"} <= {attempt["result"] for attempt in text["attempts"]}
    assert not text["repeated"]


def test_a_number_that_does_not_exist_is_switched_off_and_the_phone_rings_at_once(
    night: Night, api: httpx.Client, ada: Person
) -> None:
    night.phones.script({NUMBER: {"http": 400, "code": 21211}})
    paged = page(api, ada)
    night.phones.pick_up(night.call_to(ada), "1")
    (text,) = texts(api, paged)
    assert (text["state"], codes(text)) == ("failed", ["21211"])
    method = ada.contact_methods.get(channel="sms")
    assert not method.usable
    assert method.disabled_reason


def test_with_every_way_gone_the_next_person_is_called_and_it_shows(night: Night, api: httpx.Client) -> None:
    otto, alma = make_person("Otto", methods=["sms"]), make_person("Alma", methods=["voice"])
    night.phones.script({otto.contact_methods.get().address: {"http": 400, "code": 21211}})
    paged = page(api, otto)
    night.phones.pick_up(night.call_to(alma), "1")
    shown = answered(api.get(f"/pages/{paged}"))
    assert shown["state"] == "exhausted"
    assert [person["state"] for person in shown["people"]] == ["unreachable"]

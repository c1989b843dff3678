"""Microsoft Teams: what the flow gets, what its answers mean, and where its address is kept."""

from __future__ import annotations

import ipaddress
import json
from datetime import UTC, datetime
from typing import Any

import jsonschema
import pytest
from django.db import transaction

from ledger.models import Entry
from notifications.channels.base import Message, OutcomeUnknown, PermanentFailure, TemporaryFailure
from notifications.channels.registry import channel
from notifications.channels.teams.card import post_of
from notifications.operations.add_contact_method import add_contact_method
from notifications.operations.send_test_message import send_test_message
from tests.builders import by, make_person
from tests.phones import Phones
from web.errors import BadInput

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def told(url: str = "http://127.0.0.1:9/", **changes: Any) -> Message:
    """Return a page for a flow."""
    usual: dict[str, Any] = {
        "delivery_id": 7,
        "fence": 1,
        "kind": "page",
        "to": "https://\u202612345678",
        "name": "Ada",
        "headline": "SEV1 1042: [Power](http://evil.example) lost",
        "sentence": "All of hall 2.",
        "severity": 1,
        "link": "https://muster.example/p/x/",
        "page_id": "p1",
        "answerable": True,
        "sent_at": AT,
        "secret": url,
    }
    return Message(**{**usual, **changes})


def test_a_page_is_a_card_with_a_button(phones: Phones) -> None:
    receipt = channel("teams").send(told(f"{phones.url}/hook/flow?sig=key"))
    assert not receipt.delivered
    (post,) = phones.all("hooks", name="flow")
    assert {name.lower(): value for name, value in post["headers"].items()}["content-type"] == "application/json"
    card = json.loads(post["text"])["attachments"][0]["content"]
    assert [action["url"] for action in card["actions"]] == ["https://muster.example/p/x/"]
    assert {"title": "Severity", "value": "SEV1"} in card["body"][-1]["facts"]


def test_what_people_wrote_is_no_markdown() -> None:
    card = post_of(told())["attachments"][0]["content"]
    assert {block["type"] for block in card["body"][:-1]} == {"RichTextBlock"}
    assert card["body"][0]["inlines"][0]["text"] == "SEV1 1042: [Power](http://evil.example) lost"


BLOCK = {
    "oneOf": [
        {
            "properties": {
                "type": {"const": "RichTextBlock"},
                "inlines": {
                    "type": "array",
                    "minItems": 1,
                    "items": {
                        "properties": {
                            "type": {"const": "TextRun"},
                            "text": {"type": "string", "minLength": 1},
                            "size": {"enum": ["default", "small", "medium", "large", "extraLarge"]},
                            "weight": {"enum": ["default", "lighter", "bolder"]},
                        },
                        "required": ["type", "text"],
                        "additionalProperties": False,
                    },
                },
            },
            "required": ["type", "inlines"],
            "additionalProperties": False,
        },
        {
            "properties": {
                "type": {"const": "FactSet"},
                "facts": {"items": {"required": ["title", "value"], "additionalProperties": {"type": "string"}}},
            },
            "required": ["type", "facts"],
            "additionalProperties": False,
        },
    ]
}
"""What the elements we use look like in the schema of Adaptive Cards 1.4."""


@pytest.mark.parametrize("kind", ["page", "reminder", "news", "alarm", "verification", "test"])
def test_every_kind_of_message_is_a_card_that_teams_draws(kind: str) -> None:
    message = told(kind=kind, question="Turn it off?", repeated=True, sentence="x" * 5000)
    post = post_of(message)
    (attachment,) = post["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    for block in attachment["content"]["body"]:
        jsonschema.Draft202012Validator(BLOCK).validate(block)
    assert len(json.dumps(post)) < 28 * 1024


@pytest.mark.parametrize(
    ("behaviour", "failure", "scope"),
    [
        ({"http": 429, "retry_after_s": 9}, TemporaryFailure, ""),
        ({"http": 502}, TemporaryFailure, ""),
        ({"http": 400}, PermanentFailure, "message"),
        ({"http": 401}, PermanentFailure, "address"),
        ({"http": 404}, PermanentFailure, "address"),
        ({"disconnect": "after"}, OutcomeUnknown, ""),
    ],
)
def test_answers_decide(phones: Phones, behaviour: dict[str, Any], failure: type[Exception], scope: str) -> None:
    phones.script({"hook:flow": behaviour})
    with pytest.raises(failure) as raised:
        channel("teams").send(told(f"{phones.url}/hook/flow"))
    assert getattr(raised.value, "scope", "") == scope


def test_private_networks_are_refused(settings: Any) -> None:
    settings.OUTBOUND_ALLOW = [ipaddress.ip_network("10.0.0.0/8")]
    with pytest.raises(PermanentFailure) as refused:
        channel("teams").send(told("http://127.0.0.1:1/"))
    assert refused.value.code == "private_address"


@pytest.mark.parametrize("typed", ["", "teams", "ftp://example.org/", "https://user:word@example.org/", "https://[/"])
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(BadInput):
        channel("teams").clean_address(typed)


@pytest.mark.django_db
def test_the_address_is_kept_encrypted_and_shown_nowhere() -> None:
    ada = make_person("Ada", methods=[])
    url = "https://prod-7.westeurope.logic.example.org/workflows/abc?sig=KEY-OF-THE-FLOW"
    with transaction.atomic():
        method = add_contact_method(person=ada, kind="teams", address=f" {url} ", by=by(ada), now=AT)
        delivery = send_test_message(contact_method_id=method.pk, by=by(ada), now=AT)
    method.refresh_from_db()
    assert method.secret == url
    assert "KEY" not in method.address
    assert "logic.example" not in delivery.address
    assert not any("KEY" in str(entry.payload) or "logic" in str(entry.payload) for entry in Entry.objects.all())
    with transaction.atomic(), pytest.raises(BadInput):
        add_contact_method(person=ada, kind="teams", address=url, by=by(ada), now=AT)

"""The REST dialect against Twilio's own description (OpenAPI) and samples of its webhooks."""

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.simulator.customer import ACCOUNT, ADA, MUSTER, TOKEN, VIC, Customer, Peer, eventually

ROOT = Path(__file__).parents[2]
CONTRACTS = Path(os.environ.get("CONTRACTS_DIR", ROOT.parent / "shared" / "contracts")) / "twilio"

pytestmark = pytest.mark.skipif(
    not CONTRACTS.is_dir(), reason="the providers' descriptions are not here: set CONTRACTS_DIR"
)

BASE = "/2010-04-01/Accounts/{AccountSid}"


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((CONTRACTS / "twilio_api_v2010.calls_messages.json").read_text())
    return loaded


def _sample(name: str) -> dict[str, str]:
    loaded: dict[str, str] = json.loads((CONTRACTS / "examples" / f"{name}.json").read_text())
    return loaded


def _as_json_schema(node: Any) -> Any:
    """OpenAPI 3.0's `nullable` in the words of JSON Schema; a described object has no other properties."""
    if isinstance(node, list):
        return [_as_json_schema(item) for item in node]
    if not isinstance(node, dict):
        return node
    schema = {name: _as_json_schema(value) for name, value in node.items() if name not in {"nullable", "example"}}
    if isinstance(node.get("properties"), dict):
        schema["additionalProperties"] = False
        schema["required"] = list(node["properties"])
    return {"anyOf": [schema, {"type": "null"}]} if node.get("nullable") else schema


def _check(body: Any, schema: dict[str, Any], description: dict[str, Any]) -> None:
    converted = _as_json_schema({**schema, "components": description["components"]})
    jsonschema.Draft202012Validator(converted).validate(body)


def _response(description: dict[str, Any], path: str, method: str, status: str) -> dict[str, Any]:
    schema: dict[str, Any] = description["paths"][path][method]["responses"][status]["content"]["application/json"]
    return dict(schema["schema"])


def _rest(peer: Peer, method: str, path: str, **options: Any) -> Any:
    return peer.http.request(method, f"{peer.url}{path.format(AccountSid=ACCOUNT)}", auth=(ACCOUNT, TOKEN), **options)


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        ("Calls", {"To": ADA, "From": MUSTER, "Twiml": "<Response/>"}),
        ("Messages", {"To": ADA, "From": MUSTER, "Body": "hello"}),
    ],
)
def test_answers_have_the_described_shape(
    peer: Peer, description: dict[str, Any], kind: str, form: dict[str, str]
) -> None:
    created = _rest(peer, "POST", f"{BASE}/{kind}.json", data=form)
    assert created.status_code == 201
    _check(created.json(), _response(description, f"{BASE}/{kind}.json", "post", "201"), description)
    one = f"{BASE}/{kind}/{{Sid}}.json"
    fetched = _rest(peer, "GET", f"{BASE}/{kind}/{created.json()['sid']}.json")
    _check(fetched.json(), _response(description, one, "get", "200"), description)
    for page in ("?PageSize=1", "?PageSize=1&Page=1"):
        _rest(peer, "POST", f"{BASE}/{kind}.json", data=form)
        listed = _rest(peer, "GET", f"{BASE}/{kind}.json{page}")
        schema = _response(description, f"{BASE}/{kind}.json", "get", "200")
        _check(listed.json(), schema, description)


def test_finished_items_have_the_described_shape(peer: Peer, description: dict[str, Any]) -> None:
    call = peer.call(twiml="<Response><Say>x</Say></Response>", machine_detection="Enable")
    peer.answer(call)
    peer.put("script", {VIC: {"undelivered": 30003}})
    message = peer.text(to=VIC)
    peer.wait_for_message(message, "undelivered")
    for kind, sid in (("Calls", call), ("Messages", message)):
        fetched = _rest(peer, "GET", f"{BASE}/{kind}/{sid}.json").json()
        _check(fetched, _response(description, f"{BASE}/{kind}/{{Sid}}.json", "get", "200"), description)


def test_the_library_asks_for_nothing_undescribed(peer: Peer, description: dict[str, Any]) -> None:
    """What the simulator reads by name is what the description calls so."""
    peer.call(
        machine_detection="Enable", timeout=25, status_callback_event=["answered"], fallback_url=peer.customer.url
    )
    peer.text(status_callback=peer.customer.url, validity_period=600)
    for kind, (item,) in ((k, peer.get(k.lower())["items"]) for k in ("Calls", "Messages")):
        content = description["paths"][f"{BASE}/{kind}.json"]["post"]["requestBody"]["content"]
        described = set(content["application/x-www-form-urlencoded"]["schema"]["properties"])
        assert set(item["params"]) <= described


@pytest.mark.parametrize(
    ("name", "status", "to", "token"),
    [
        ("400_invalid_to", 400, "+15005550001", TOKEN),
        ("401", 401, ADA, "guessed"),
        ("429", 429, VIC, TOKEN),
    ],
)
def test_errors_look_like_the_samples(peer: Peer, name: str, status: int, to: str, token: str) -> None:
    peer.put("script", {VIC: {"http": 429}})
    response = peer.http.post(
        f"{peer.url}{BASE.format(AccountSid=ACCOUNT)}/Messages.json",
        auth=(ACCOUNT, token),
        data={"To": to, "From": MUSTER, "Body": "x"},
    )
    sample = _sample(f"rest_error.{name}")
    body = response.json()
    assert response.status_code == status
    assert {**body, "message": ""} == {**sample, "message": ""}
    assert body["message"].split(":")[0] == sample["message"].split(":")[0]


ENDS: dict[str, dict[str, Any]] = {
    "completed": {"answer": True},
    "busy": {"busy": True},
    "failed": {"failed": 404},
    "no-answer": {"no_answer": True, "delay_s": 0.05},
}


@pytest.mark.parametrize("state", sorted(ENDS))
def test_call_callbacks_carry_what_the_samples_carry(peer: Peer, customer: Customer, state: str) -> None:
    peer.script(**ENDS[state])
    peer.call(
        status_callback=f"{customer.url}/status",
        status_callback_event=["initiated", "ringing", "answered", "completed"],
    )
    eventually(lambda: customer.states()[-1:] == [state])
    for form in customer.forms("/status"):
        told = "answered" if form["CallStatus"] == "in-progress" else form["CallStatus"]
        sample = _sample(f"voice_status.{told}")
        assert set(sample) <= set(form), f"{told} lacks {set(sample) - set(form)}"
        alike = {"ApiVersion", "CallStatus", "CallbackSource"}
        assert {name: form[name] for name in alike} == {name: sample[name] for name in alike}


@pytest.mark.parametrize(("behaviour", "end"), [({}, "delivered"), ({"undelivered": 30003}, "undelivered")])
def test_message_callbacks_carry_what_the_samples_carry(
    peer: Peer, customer: Customer, behaviour: dict[str, int], end: str
) -> None:
    peer.script(**behaviour)
    peer.text(status_callback=f"{customer.url}/status")
    eventually(lambda: customer.states()[-1:] == [end])
    for form in customer.forms("/status"):
        sample = _sample(f"message_status.{form['MessageStatus']}")
        assert set(form) == set(sample)


def test_requests_for_words_and_replies_carry_what_the_samples_carry(peer: Peer, customer: Customer) -> None:
    customer.answers["/answer"] = '<Response><Gather numDigits="1" action="/keys"/></Response>'
    peer.answer(peer.call(), "1")
    assert set(customer.forms("/keys")[0]) == set(_sample("voice_gather_action"))
    peer.script(voicemail=True)
    peer.wait_for_call(peer.call(machine_detection="Enable"), "completed")
    assert set(customer.forms("/answer")[-1]) == set(_sample("voice_answer_request.machine"))
    peer.post("inbound-messages", **{"from": ADA, "body": "STOP"})
    assert set(_sample("message_inbound.opt_out")) <= set(customer.forms("/sms")[0])

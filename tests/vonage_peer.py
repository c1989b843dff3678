"""A stand-in for Vonage over real HTTP: it checks what the library sends, and calls the product back, signed."""

from __future__ import annotations

import base64
import hashlib
import json
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pytest_django import Settings
from vonage_http_client import Auth
from vonage_voice.models.ncco import Input, Talk

from tests.gateway import Asked, Gateway, Told, gateway

KEY: Final = "abcd1234"
SECRET: Final = "a-secret-of-tests"
SIGNATURE: Final = "a-signature-secret-of-these-tests-alone"
APPLICATION: Final = "78d335fa-323d-0114-9c3d-d6f0d48968cf"
FROM: Final = "+12025550111"


@dataclass(kw_only=True)
class Call:
    """A call as the peer knows it."""

    uuid: str
    to: str
    status: str = "started"
    asked: dict[str, Any] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)
    looked_at: bool = False


@dataclass(kw_only=True)
class Text:
    """A text as the peer knows it."""

    ref: str
    to: str
    asked: dict[str, str] = field(default_factory=dict)
    looked_at: bool = False


class VonagePeer:
    """What arrived at Vonage; `refuse` is answered instead where it is set, a JSON body with a status."""

    def __init__(self, server: Gateway, *, public_key: str) -> None:
        self.url = server.url
        self.calls: list[Call] = []
        self.texts: list[Text] = []
        self.refuse: Told | None = None
        self.text_status = "0"
        self._public_key = public_key
        self._http = httpx.Client(timeout=20, trust_env=False)
        server.answer = self._answer

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def pick_up(self, call: Call, *keys: str) -> str:
        """Answer a call, press one of `keys` at each question (longer ones digit by digit), return all that is said."""
        self.tell(call, "ringing")
        self.tell(call, "answered")
        steps = call.asked.get("ncco") or self.ask(call.asked["answer_url"][0], call, {})
        left = list(keys)
        said: list[str] = []
        while steps:
            said += [Talk(**step).text for step in steps if step["action"] == "talk"]
            question = next((Input(**step) for step in steps if step["action"] == "input"), None)
            if question is None or not question.eventUrl:
                break
            pressed = left.pop(0) if left else ""
            dtmf = {"digits": pressed, "timed_out": not pressed}
            steps = self.ask(question.eventUrl[0], call, {"dtmf": dtmf})
        self.tell(call, "completed")
        call.heard = said
        return " ".join(said)

    def tell(self, call: Call, status: str, **more: str) -> httpx.Response:
        """Report what became of a call."""
        call.status = status
        content = {"uuid": call.uuid, "status": status, "to": call.to, "timestamp": "2026-11-22T03:00:00Z", **more}
        return self._post_event(call.asked["event_url"][0], content)

    def receipt(self, text: Text, status: str, *, code: str = "0") -> httpx.Response:
        """Report what became of a text."""
        told = {"msisdn": text.to, "messageId": text.ref, "status": status, "err-code": code, "api-key": KEY}
        return self.post_signed(text.asked["callback"], {**told, "client-ref": text.asked["client-ref"]})

    def text_in(self, url: str, *, number: str, body: str, ref: str = "") -> httpx.Response:
        """Text from a number to the product at `url`."""
        told = {"msisdn": number.lstrip("+"), "to": FROM.lstrip("+"), "messageId": ref or uuid.uuid4().hex}
        return self.post_signed(url, {**told, "text": body, "type": "text", "api-key": KEY})

    def call_in(self, url: str, *, number: str) -> str:
        """Call the product's number and return what is said first."""
        content = {"from": number.lstrip("+"), "to": FROM.lstrip("+"), "uuid": str(uuid.uuid4())}
        steps = self._post_event(url, content).json()
        return " ".join(step["text"] for step in steps if step["action"] == "talk")

    def post_signed(self, url: str, params: Mapping[str, str], *, secret: str = SIGNATURE) -> httpx.Response:
        """Post parameters as JSON, signed as the account says (HMAC SHA-256)."""
        signed: dict[str, Any] = {**params, "timestamp": str(int(time.time())), "nonce": uuid.uuid4().hex}
        signer = Auth(api_key=KEY, signature_secret=secret, signature_method="sha256")
        return self._http.post(url, json={**signed, "sig": signer.sign_params(dict(signed))})

    def ask(self, url: str, call: Call, more: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Ask the product how a call goes on."""
        content = {"uuid": call.uuid, "from": FROM.lstrip("+"), "to": call.to, **more}
        steps: list[dict[str, Any]] = self._post_event(url, content).raise_for_status().json()
        return steps

    def _post_event(self, url: str, content: Mapping[str, Any]) -> httpx.Response:
        body = json.dumps(content).encode()
        return self._http.post(url, content=body, headers={"Content-Type": "application/json", **bearer(body)})

    def _answer(self, asked: Asked) -> Told:
        if not self._is_signed_in(asked):
            return _json(401, {"title": "Unauthorized", "detail": "You did not provide correct credentials."})
        if self.refuse is not None:
            return self.refuse
        if asked.path == "/sms/json":
            return self._take_text(asked)
        if asked.path == "/v1/calls" and asked.method == "POST":
            call = Call(uuid=str(uuid.uuid4()), to=asked.json["to"][0]["number"], asked=asked.json)
            self.calls.append(call)
            made = {"uuid": call.uuid, "status": call.status, "direction": "outbound", "conversation_uuid": "CON-1"}
            return _json(201, made)
        if asked.path == "/v1/calls":
            shown = [_shown(call) for call in reversed(self.calls)]
            links = {"self": {"href": asked.path}}
            page = {"count": len(shown), "page_size": 100, "record_index": 0}
            return _json(200, {**page, "_embedded": {"calls": shown}, "_links": links})
        return self._one_call(asked)

    def _one_call(self, asked: Asked) -> Told:
        call = next((each for each in self.calls if asked.path == f"/v1/calls/{each.uuid}"), None)
        if call is None:
            return _json(404, {"title": "Not found", "detail": "No such call."})
        if asked.method == "PUT" and asked.json == {"action": "hangup"}:
            call.status = "cancelled"
            return Told(status=204)
        return _json(200, _shown(call))

    def _take_text(self, asked: Asked) -> Told:
        form = asked.form
        if self.text_status != "0":
            refused = {"status": self.text_status, "error-text": "Refused in a test"}
            return _json(200, {"message-count": "1", "messages": [refused]})
        text = Text(ref=uuid.uuid4().hex, to=form["to"], asked=form)
        self.texts.append(text)
        taken = {"to": text.to, "message-id": text.ref, "status": "0", "client-ref": form["client-ref"]}
        return _json(200, {"message-count": "1", "messages": [taken]})

    def _is_signed_in(self, asked: Asked) -> bool:
        scheme, _blank, word = asked.headers.get("authorization", "").partition(" ")
        if asked.path == "/sms/json":
            return scheme == "Basic" and base64.b64decode(word).decode() == f"{KEY}:{SECRET}"
        try:
            claims = jwt.decode(word, self._public_key, algorithms=["RS256"])
        except jwt.PyJWTError:
            return False
        return bool(claims["application_id"] == APPLICATION)


def bearer(body: bytes, *, secret: str = SIGNATURE, **changed: Any) -> dict[str, str]:
    """Return the header of a signed webhook over `body`; `changed` claims differ from what Vonage says."""
    claims = {"iat": int(time.time()), "jti": str(uuid.uuid4()), "iss": "Vonage", "api_key": KEY}
    claims |= {"payload_hash": hashlib.sha256(body).hexdigest(), "application_id": APPLICATION, **changed}
    return {"Authorization": f"Bearer {jwt.encode(claims, secret, algorithm='HS256')}"}


@contextmanager
def vonage_peer(settings: Settings) -> Iterator[VonagePeer]:
    """Run a peer and set the product to use it."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    with gateway() as server:
        peer = VonagePeer(server, public_key=public.decode())
        settings.VONAGE_API_KEY, settings.VONAGE_API_SECRET = KEY, SECRET
        settings.VONAGE_APPLICATION_ID, settings.VONAGE_PRIVATE_KEY = APPLICATION, private.decode()
        settings.VONAGE_SIGNATURE_SECRET, settings.VONAGE_SIGNATURE_METHOD = SIGNATURE, "sha256"
        settings.VONAGE_FROM, settings.VONAGE_API_URL = FROM, server.url
        try:
            yield peer
        finally:
            peer.close()


def _shown(call: Call) -> dict[str, Any]:
    return {
        "uuid": call.uuid,
        "conversation_uuid": "CON-1",
        "to": {"type": "phone", "number": call.to},
        "from": {"type": "phone", "number": FROM.lstrip("+")},
        "status": call.status,
        "direction": "outbound",
        "_links": {"self": {"href": f"/v1/calls/{call.uuid}"}},
    }


def _json(status: int, content: object) -> Told:
    return Told(status=status, body=json.dumps(content), headers={"Content-Type": "application/json"})

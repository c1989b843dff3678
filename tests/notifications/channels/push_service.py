"""A push service of browsers (RFC 8030) on this machine: it checks who we are, and reads as the browser would."""

from __future__ import annotations

import base64
import json
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client
from django.urls import reverse
from py_vapid import Vapid02

from notifications.models import ContactMethod
from people.models import Person

PHONE: Final = "Mozilla/5.0 (Android 16; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0"


def text_of(raw: bytes) -> str:
    """Return URL-safe base64 without padding."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@dataclass
class Device:
    """A browser that has subscribed: only it can read what is sent to its endpoint."""

    endpoint: str
    private_key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = field(default_factory=lambda: os.urandom(16))

    def subscription(self) -> dict[str, Any]:
        """Return what `PushSubscription.toJSON()` gives."""
        point = self.private_key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"endpoint": self.endpoint, "keys": {"p256dh": text_of(point), "auth": text_of(self.auth)}}

    def read(self, body: bytes) -> dict[str, Any]:
        """Return what was pushed, decrypted."""
        content = http_ece.decrypt(body, private_key=self.private_key, auth_secret=self.auth, version="aes128gcm")
        read: dict[str, Any] = json.loads(content)
        return read


@dataclass(frozen=True, kw_only=True)
class Pushed:
    """One request that the service took or refused, with its headers in lower case."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    def claims(self) -> dict[str, Any]:
        """Return what the sender signed, having checked the signature against the key it names (RFC 8292)."""
        assert Vapid02.verify(self.headers["authorization"])
        middle = self.headers["authorization"].split("t=")[1].split(",")[0].split(".")[1]
        read: dict[str, Any] = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
        return read


class PushService:
    """The service: what came, in order, and what it answers next (201 unless a test says otherwise)."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.took: list[Pushed] = []
        self.answers: dict[str, tuple[int, dict[str, str]]] = {}

    def device(self, name: str = "ada") -> Device:
        """Return a browser that subscribes here."""
        return Device(endpoint=f"{self.url}/push/{name}-{text_of(os.urandom(9))}")

    def answer(self, device: Device, status: int, **headers: str) -> None:
        """Let everything sent to this device be answered so; status 0 hangs up without an answer."""
        self.answers[device.endpoint.removeprefix(self.url)] = status, headers


def turn_on(person: Person, device: Device) -> ContactMethod:
    """Turn notifications on as the page in the browser does."""
    client = Client(headers={"User-Agent": PHONE})
    client.force_login(person)
    given = json.dumps(device.subscription())
    answer = client.post(reverse("push_turn_on"), given, content_type="application/json")
    assert answer.status_code == 200, answer.content
    return ContactMethod.objects.filter(person=person, channel="push").latest("created_at")


@contextmanager
def push_service() -> Iterator[PushService]:
    """Run a push service on a free port."""
    service = PushService("")

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            service.took.append(Pushed(path=self.path, headers=headers, body=body))
            status, more = service.answers.get(self.path, (201, {}))
            if not status:
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in {"Content-Length": "0", **more}.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()

        def log_message(self, *_arguments: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        service.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield service
        server.shutdown()
        thread.join()

"""Hosted mail providers on this machine: their APIs as documented, and their signed words afterwards."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.parser import BytesParser
from email.policy import HTTP
from email.utils import parseaddr
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qsl

KEYS: Final = {
    "mailgun": {"MAILGUN_API_KEY": "key-mailgun", "MAILGUN_SENDER_DOMAIN": "mg.harbor.example"},
    "postmark": {"POSTMARK_SERVER_TOKEN": "key-postmark"},
    "brevo": {"BREVO_API_KEY": "key-brevo"},
    "mailersend": {"MAILERSEND_API_TOKEN": "key-mailersend"},
    "mailjet": {"MAILJET_API_KEY": "key-mailjet", "MAILJET_SECRET_KEY": "secret"},
    "mandrill": {"MANDRILL_API_KEY": "key-mandrill"},
    "postal": {"POSTAL_API_KEY": "key-postal"},
    "resend": {"RESEND_API_KEY": "key-resend"},
    "sparkpost": {"SPARKPOST_API_KEY": "key-sparkpost"},
    "unisender_go": {"UNISENDER_GO_API_KEY": "key-unisender"},
}
"""What each provider needs before it sends; the API's address is the peer's."""


@dataclass(frozen=True, kw_only=True)
class Posted:
    """One request to a provider's API, with its headers in lower case."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body of a provider that takes JSON."""
        return json.loads(self.body)

    def form(self) -> dict[str, str]:
        """Return the fields of a provider that takes a form, urlencoded or in parts."""
        kind = self.headers["content-type"]
        if kind.startswith("application/x-www-form-urlencoded"):
            return dict(parse_qsl(self.body.decode()))
        whole = f"Content-Type: {kind}\r\n\r\n".encode() + self.body
        parts = BytesParser(policy=HTTP).parsebytes(whole).iter_parts()
        return {str(part.get_param("name", header="content-disposition")): _text(part) for part in parts}


class MailProvider:
    """All of them behind one door: what came, and what is answered next ((status, JSON); status 0 hangs up)."""

    def __init__(self) -> None:
        self.url = ""
        self.took: list[Posted] = []
        self.next: tuple[int, Any] | None = None

    def settings_for(self, provider: str) -> dict[str, Any]:
        """Return django-anymail's settings for this provider, with this peer as its API."""
        return {
            **KEYS[provider],
            f"{provider.upper()}_API_URL": f"{self.url}/{provider}/",
            "REQUESTS_TIMEOUT": (2.0, 3.0),
            "IGNORE_UNSUPPORTED_FEATURES": True,
        }


def _text(part: Any) -> str:
    raw: bytes = part.get_payload(decode=True)
    return raw.decode()


def _usual(path: str, body: bytes) -> Any:
    """Return what a provider answers to a mail that it takes, as its documentation shows it."""
    match path.split("/")[1]:
        case "mailgun":
            return {"id": f"<{secrets.token_hex(12)}@mg.harbor.example>", "message": "Queued. Thank you."}
        case "postmark":
            to = parseaddr(json.loads(body)["To"])[1]
            return {"ErrorCode": 0, "Message": "OK", "MessageID": secrets.token_hex(16), "To": to}
    return {}


@contextmanager
def mail_provider() -> Iterator[MailProvider]:
    """Run the peer on a free port."""
    peer = MailProvider()

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            peer.took.append(Posted(path=self.path, headers=headers, body=body))
            status, content = peer.next or (200, _usual(self.path, body))
            if not status:
                self.close_connection = True
                return
            answer = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            if status == 429:
                self.send_header("Retry-After", "9")
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_arguments: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        peer.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield peer
        server.shutdown()
        thread.join()


def mailgun_says(event: str, *, recipient: str, variables: Mapping[str, str], **more: Any) -> dict[str, Any]:
    """Return a signed webhook of Mailgun's about one mail."""
    token, timestamp = secrets.token_hex(25), "1795316400"
    signed = hmac.new(b"key-mailgun", f"{timestamp}{token}".encode(), hashlib.sha256).hexdigest()
    return {
        "signature": {"token": token, "timestamp": timestamp, "signature": signed},
        "event-data": {
            "event": event,
            "timestamp": 1795316400.1,
            "recipient": recipient,
            "message": {"headers": {"message-id": "20261122.1@mg.harbor.example"}},
            "user-variables": dict(variables),
            **more,
        },
    }


def mailgun_hands_over(*, sender: str, recipient: str, text: str, **headers: str) -> dict[str, str]:
    """Return a signed post of Mailgun's inbound route, parsed by Mailgun ("forward")."""
    token, timestamp = secrets.token_hex(25), "1795316400"
    signed = hmac.new(b"key-mailgun", f"{timestamp}{token}".encode(), hashlib.sha256).hexdigest()
    listed = {"From": sender, "To": recipient, "Subject": "Re: page", "Message-Id": f"<{secrets.token_hex(8)}@x>"}
    return {
        "token": token,
        "timestamp": timestamp,
        "signature": signed,
        "sender": sender,
        "recipient": recipient,
        "from": sender,
        "subject": "Re: page",
        "body-plain": text,
        "stripped-text": text.partition("\n\nOn ")[0],
        "message-headers": json.dumps(
            [[name.replace("_", "-"), value] for name, value in {**listed, **headers}.items()]
        ),
    }


def basic(secret: str) -> dict[str, str]:
    """Return the header that proves a `user:password`."""
    return {"Authorization": "Basic " + base64.b64encode(secret.encode()).decode()}

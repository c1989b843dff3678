"""From a monitoring tool's event to the provider peer: single hand-offs and a burst."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from bench.product import Client, Product


def event(product: Product, *, key: str, service: int) -> bytes:
    """Return an event that opens a SEV3 incident of one service."""
    payload = {"summary": f"Bench {key}", "source": "bench", "severity": "error", "component": f"bench-{service}"}
    body = {
        "routing_key": product.facts["routing_key"],
        "event_action": "trigger",
        "dedup_key": key,
        "payload": payload,
    }
    return json.dumps(body).encode()


def hand_offs(product: Product, *, prefix: str, count: int, pause_s: float = 0.15) -> list[float]:
    """Return, for `count` single events, the seconds from the 202's last byte to the peer's receipt of the SMS."""
    tool, peer = Client(product.url), Client(product.simulator)
    found = []
    seq = int(peer.get("/api/messages?limit=1").get("seq", 0))
    for number in range(count):
        status, text, answered = tool.post("/v2/enqueue", event(product, key=f"{prefix}-{number}", service=number))
        if status != 202:
            raise SystemExit(f"The event was answered {status}: {text[:200]!r}")
        message, seq = _next_message(peer, seq, f"Bench {prefix}-{number}")
        found.append(received(message) - answered)
        time.sleep(pause_s)
    return found


def _next_message(peer: Client, seq: int, text: str) -> tuple[dict[str, Any], int]:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        answer = peer.get(f"/api/messages?after={seq}&wait_s=10")
        seq = max(seq, int(answer.get("seq", seq)))
        for message in answer["items"]:
            if text in message["text"]:
                return message, seq
    raise SystemExit(f"No SMS about {text!r} within 30 s.")


def received(message: dict[str, Any]) -> float:
    """Return when the peer had a message's request whole, as time.time() tells it."""
    return datetime.fromisoformat(message["received_at"]).timestamp()


def floor(product: Product, *, count: int) -> list[float]:
    """Return the seconds of a bare exchange with the peer: one SMS by a kept connection, no product in between."""
    peer = Client(product.simulator)
    account, token = _credentials(product)
    authorization = "Basic " + base64.b64encode(f"{account}:{token}".encode()).decode()
    body = urlencode({"To": "+12065559999", "From": "+12025550100", "Body": "floor"}).encode()
    found = []
    for _ in range(count):
        began = time.time()
        peer.post(
            f"/2010-04-01/Accounts/{account}/Messages.json",
            body,
            "application/x-www-form-urlencoded",
            Authorization=authorization,
        )
        found.append(time.time() - began)
    return found


def _credentials(product: Product) -> tuple[str, str]:
    kept = json.loads((product.folder / "secrets.json").read_text())
    return kept["TWILIO_ACCOUNT_SID"], kept["TWILIO_AUTH_TOKEN"]


def burst(product: Product, *, prefix: str, count: int, clients: int = 8) -> tuple[float, list[float]]:
    """Post `count` events of as many services at once; return the seconds of posting and of each SMS from the start."""
    peer = Client(product.simulator)
    seq = int(peer.get("/api/messages?limit=1").get("seq", 0))
    began = time.time()
    posters = [
        threading.Thread(target=_post_all, args=(product, prefix, range(part, count, clients)), daemon=True)
        for part in range(clients)
    ]
    for poster in posters:
        poster.start()
    arrived: dict[str, float] = {}
    until = time.monotonic() + 120
    while len(arrived) < count and time.monotonic() < until:
        answer = peer.get(f"/api/messages?after={seq}&wait_s=5&limit=1000")
        seq = max([seq, *(int(message["seq"]) for message in answer["items"])])
        for message in answer["items"]:
            if f"Bench {prefix}-" in message["text"]:
                arrived.setdefault(message["to"], received(message) - began)
    for poster in posters:
        poster.join()
    return time.time() - began, sorted(arrived.values())


def _post_all(product: Product, prefix: str, numbers: Sequence[int]) -> None:
    tool = Client(product.url)
    for number in numbers:
        status, text, _ = tool.post("/v2/enqueue", event(product, key=f"{prefix}-{number}", service=number))
        if status != 202:
            raise SystemExit(f"The event was answered {status}: {text[:200]!r}")

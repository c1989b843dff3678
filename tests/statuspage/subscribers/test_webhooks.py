"""Webhooks: Statuspage's payloads, our signature beside them, what a bad receiver comes to."""

from __future__ import annotations

import hashlib
import hmac
import http.server
import ipaddress
import json
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from statuspage.models import Letter, Notice, StatusPage, StatusUpdate, Subscriber
from statuspage.subscribers import hook_post, tokens
from tests.builders import NOW
from tests.statuspage.builders import make_component, make_maintenance, make_page, make_public_incident, say
from tests.statuspage.subscribers.subscribing import make_subscriber, send_everything, states

pytestmark = pytest.mark.django_db(transaction=True)


class Receiver:
    """Somebody's server: keeps what it gets; answers `status`, or drips its answer."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.status = 200
        self.drip = False
        mine = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                mine.got.append((dict(self.headers), body))
                if mine.drip:
                    for byte in b"HTTP/1.1 200 OK\r\n":
                        self.wfile.write(bytes([byte]))
                        self.wfile.flush()
                        time.sleep(0.2)
                    return
                self.send_response(mine.status)
                self.send_header("Location", "http://127.0.0.1:1/")
                self.end_headers()

            def log_message(self, *_arguments: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook?for=ada"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    settings.OUTBOUND_ALLOW = [ipaddress.ip_network("127.0.0.0/8")]
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


def hook(page: StatusPage, url: str, **fields: Any) -> Subscriber:
    return make_subscriber(page, url, channel="webhook", secret="s3cret", contact="ada@customer.example", **fields)


def test_the_payloads_are_statuspages_and_the_signature_fits(receiver: Receiver) -> None:
    page = make_page()
    web = make_component(page, "Web")
    ada = hook(page, receiver.url)
    public = make_public_incident(page, components={web: "partial_outage"})
    send_everything()

    bodies = [json.loads(body) for _headers, body in receiver.got]
    incident, component = bodies
    assert set(incident) == {"meta", "page", "incident"}
    assert set(incident["meta"]) == {"unsubscribe", "documentation", "generated_at"}
    assert incident["meta"]["unsubscribe"].endswith(tokens.sign("unsubscribe", ada.pk))
    assert incident["page"] == {
        "id": page.pk,
        "status_indicator": incident["page"]["status_indicator"],
        "status_description": incident["page"]["status_description"],
    }
    shown = incident["incident"]
    assert (shown["id"], shown["status"], shown["impact"]) == (public.pk, "investigating", public.impact)
    assert set(shown) >= {
        *("backfilled", "created_at", "impact", "impact_override", "monitoring_at", "name", "postmortem_body"),
        *("postmortem_body_last_updated_at", "postmortem_ignored", "postmortem_notified_subscribers"),
        *("postmortem_notified_twitter", "postmortem_published_at", "resolved_at", "scheduled_auto_completed"),
        *("scheduled_auto_in_progress", "scheduled_for", "scheduled_remind_prior", "scheduled_reminded_at"),
        *("scheduled_until", "shortlink", "status", "updated_at", "id", "incident_updates"),
    }
    update = shown["incident_updates"][0]
    assert set(update) >= {"id", "body", "status", "incident_id", "wants_twitter_update", "twitter_updated_at"}
    assert set(component) == {"meta", "page", "component", "component_update"}
    assert component["component"]["id"] == web.pk
    change = component["component_update"]
    assert (change["old_status"], change["new_status"]) == ("operational", "partial_outage")
    assert set(change) == {"id", "component_id", "component_type", "old_status", "new_status", "created_at"}

    headers, body = receiver.got[0]
    expected = hmac.new(b"s3cret", f"{headers['Muster-Timestamp']}.".encode() + body, hashlib.sha256).hexdigest()
    assert headers["Muster-Signature"] == f"v1={expected}"
    assert "X-Muster-Repeated" not in headers


def test_planned_work_carries_its_schedule(receiver: Receiver) -> None:
    page = make_page()
    web = make_component(page, "Web")
    hook(page, receiver.url)
    make_maintenance(page, components={web: "under_maintenance"}, remind_before_s=3600)
    send_everything()
    (shown,) = [json.loads(body)["incident"] for _headers, body in receiver.got]
    assert (shown["status"], shown["impact"], shown["scheduled_remind_prior"]) == ("scheduled", "maintenance", True)
    assert shown["scheduled_for"].endswith("+01:00")


@pytest.mark.parametrize("status", [301, 302, 400, 404, 500])
def test_anything_but_success_is_tried_again_and_redirects_are_not_followed(receiver: Receiver, status: int) -> None:
    page = make_page()
    hook(page, receiver.url)
    receiver.status = status
    update = StatusUpdate.objects.get(public_incident=make_public_incident(page))
    send_everything()
    assert set(states(update).values()) == {"pending"}
    receiver.status = 204
    send_everything(NOW + timedelta(seconds=31))
    assert set(states(update).values()) == {"sent"}
    assert receiver.got[-1][0]["X-Muster-Repeated"] == "1"


def test_a_webhook_that_fails_five_times_is_quarantined_and_its_owner_written_once(receiver: Receiver) -> None:
    page = make_page()
    ada = hook(page, receiver.url, failures=4)
    receiver.status = 500
    make_public_incident(page)
    now = NOW
    for _ in range(6):
        send_everything(now)
        now += timedelta(minutes=16)
    ada.refresh_from_db()
    assert (ada.state, ada.failures) == ("quarantined", 5)
    assert Notice.objects.get().state == "failed"
    assert Letter.objects.filter(kind="quarantined").count() == 1


def test_a_webhook_that_says_gone_is_ended(receiver: Receiver) -> None:
    page = make_page()
    ada = hook(page, receiver.url)
    receiver.status = 410
    make_public_incident(page)
    send_everything()
    ada.refresh_from_db()
    assert ada.state == "ended"


def test_a_name_that_now_leads_inside_is_not_reached(receiver: Receiver, settings: Settings) -> None:
    settings.OUTBOUND_ALLOW = []
    page = make_page()
    ada = hook(page, receiver.url)
    update = StatusUpdate.objects.get(public_incident=make_public_incident(page))
    send_everything()
    ada.refresh_from_db()
    assert states(update) == {receiver.url: "failed"}
    assert Notice.objects.get().code == "private_address"
    assert not receiver.got
    assert ada.failures == 1


def test_a_server_that_drips_is_left_in_time(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hook_post, "WHOLE_S", 1.0)
    page = make_page()
    hook(page, receiver.url)
    receiver.drip = True
    make_public_incident(page)
    began = time.monotonic()
    send_everything()
    assert time.monotonic() - began < 3
    assert Notice.objects.get().state == "pending"


def test_a_dead_webhook_holds_up_no_mail(receiver: Receiver) -> None:
    page = make_page()
    hook(page, "http://127.0.0.1:1/dead")
    hook(page, receiver.url)
    update = say(make_public_incident(page))
    send_everything()
    assert states(update) == {"http://127.0.0.1:1/dead": "pending", receiver.url: "sent"}

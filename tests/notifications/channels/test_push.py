"""Web push: encrypted for one browser, signed by us, and given up when the browser gave it up."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from engine import clock
from ledger.queries import entries
from notifications import page_links
from notifications.channels.base import ChannelFailure, Message, OutcomeUnknown, PermanentFailure, TemporaryFailure
from notifications.channels.push.keys import push_keys
from notifications.channels.registry import channel
from notifications.models import ContactMethod, Delivery, Page, PushKeys, Responder
from notifications.operations.send_delivery import send_delivery
from notifications.operations.send_test_message import send_test_message
from tests.builders import by, make_person
from tests.notifications.answering import page_now
from tests.notifications.channels.push_service import Device, PushService, turn_on

pytestmark = pytest.mark.django_db(transaction=True)
AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def message(device: Device, **more: Any) -> Message:
    """Return a message for a device, as the outbox composes it."""
    push = channel("push")
    secret = push.clean_address(json.dumps(device.subscription()))
    return Message(
        **{
            "delivery_id": 7,
            "fence": 1,
            "kind": "page",
            "to": push.masked(secret),
            "secret": secret,
            "name": "Ada",
            "headline": "SEV1 1042: Power lost",
            "sent_at": AT,
            "page_id": "0192b1f2-0000-7000-8000-000000000001",
            "answerable": True,
            "link": "https://muster.example/p/x/",
            "valid_s": 600,
            **more,
        }
    )


def test_only_the_browser_can_read_it_and_the_service_knows_who_sent_it(service: PushService) -> None:
    device = service.device()
    receipt = channel("push").send(message(device, sentence="In hall 2."))
    assert (receipt.code, receipt.delivered) == ("201", False)
    (pushed,) = service.took
    assert b"Power" not in pushed.body
    content = device.read(pushed.body)
    assert (content["title"], content["body"], content["link"]) == ("SEV1 1042: Power lost", "In hall 2.", "/p/x/")
    claims = pushed.claims()
    assert claims["aud"] == service.url
    assert claims["exp"] == int(AT.timestamp()) + 12 * 3600
    assert push_keys().public in pushed.headers["authorization"]
    assert pushed.headers["content-encoding"] == "aes128gcm"
    assert (pushed.headers["ttl"], pushed.headers["urgency"]) == ("600", "high")


def test_a_notification_speaks_its_readers_language(service: PushService) -> None:
    device = service.device()
    channel("push").send(message(device, language="de", repeated=True))
    shown = device.read(service.took[0].body)
    assert (shown["acknowledge"], shown["lang"]) == ("Bestätigen", "de")
    assert shown["body"].startswith("Dies erreicht Sie vielleicht zweimal")
    assert shown["words"]["thanks"] == "Sie haben es bestätigt."


def test_a_repeated_page_replaces_its_notification_and_other_pages_do_not(service: PushService) -> None:
    device = service.device()
    first, other = message(device), message(device, page_id="0192b1f2-0000-7000-8000-000000000002")
    for each in (first, first, other):
        channel("push").send(each)
    topics = [pushed.headers["topic"] for pushed in service.took]
    tags = [device.read(pushed.body)["tag"] for pushed in service.took]
    assert topics[0] == topics[1] != topics[2]
    assert tags[0] == tags[1] != tags[2]
    assert all(len(topic) <= 32 for topic in topics)


def test_a_discreet_message_keeps_quiet_about_what_happened(service: PushService) -> None:
    device = service.device()
    channel("push").send(message(device, discreet=True, sentence="In hall 2.", title="Power lost in hall 2"))
    shown = device.read(service.took[0].body)
    assert "Power" not in json.dumps(shown)
    assert "hall" not in json.dumps(shown)


@pytest.mark.parametrize("answerable", [True, False])
def test_discreet_news_keep_quiet_too_and_a_code_does_not(service: PushService, answerable: bool) -> None:
    device = service.device()
    for kind in ("news", "verification"):
        channel("push").send(
            message(device, kind=kind, discreet=True, answerable=answerable, headline="Power lost", sentence="482113")
        )
    quiet, code = (device.read(pushed.body) for pushed in service.took)
    assert "482113" not in json.dumps(quiet)
    assert "Power" not in json.dumps(quiet)
    assert quiet["body"] == "Open to see what it is about."
    assert code["body"] == "482113"


def test_the_longest_words_fit(service: PushService) -> None:
    device = service.device()
    channel("push").send(message(device, headline="\u4e2d" * 300, sentence="\u4e2d" * 900, question="\u4e2d" * 900))
    assert len(service.took[0].body) <= 4096


@pytest.mark.parametrize(
    ("status", "failure", "scope"),
    [
        (404, PermanentFailure, "address"),
        (410, PermanentFailure, "address"),
        (403, PermanentFailure, "configuration"),
        (401, PermanentFailure, "configuration"),
        (413, PermanentFailure, "message"),
        (400, PermanentFailure, "message"),
        (429, TemporaryFailure, ""),
        (503, TemporaryFailure, ""),
        (0, OutcomeUnknown, ""),
    ],
)
def test_what_the_service_answers(service: PushService, status: int, failure: type[ChannelFailure], scope: str) -> None:
    device = service.device()
    service.answer(device, status, Retry_After="7")
    with pytest.raises(failure) as raised:
        channel("push").send(message(device))
    assert getattr(raised.value, "scope", "") == scope
    if failure is TemporaryFailure:
        assert getattr(raised.value, "retry_after_s", None) == 7


def test_a_device_set_up_with_other_keys_is_asked_to_do_it_anew(service: PushService) -> None:
    told = message(service.device())
    PushKeys.objects.all().delete()
    with pytest.raises(PermanentFailure) as raised:
        channel("push").send(told)
    assert (raised.value.scope, raised.value.code) == ("address", "other_keys")
    assert service.took == []


def test_nothing_goes_into_private_networks(service: PushService, settings: Any) -> None:
    told = message(service.device())
    settings.OUTBOUND_ALLOW = []
    with pytest.raises(PermanentFailure) as raised:
        channel("push").send(told)
    assert raised.value.code == "private_address"
    assert service.took == []


def test_the_keys_are_made_once_kept_encrypted_and_shown() -> None:
    keys, out = push_keys(), StringIO()
    assert push_keys().public == keys.public
    call_command("push_key", stdout=out)
    assert out.getvalue().strip() == keys.public
    with connection.cursor() as cursor:
        cursor.execute("SELECT private FROM notifications_pushkeys")
        ((stored,),) = cursor.fetchall()
    assert keys.private not in stored


def test_turning_it_on_makes_a_way_that_pages_use(service: PushService) -> None:
    ada, device = make_person("Ada", methods=[]), service.device()
    method = turn_on(ada, device)
    assert (method.label, method.verified_at is not None) == ("Firefox, Android", True)
    assert device.endpoint not in method.address
    page = page_now(ada, title="Power lost")
    content = device.read(service.took[0].body)
    assert "Power lost" in content["title"]
    shown = Client(enforce_csrf_checks=True).post(content["receipt"])
    assert shown.status_code == 204
    assert Delivery.objects.get(page=page).state == "delivered"
    assert Responder.objects.get(page=page).state == "delivered"
    done = Client(enforce_csrf_checks=True).post(content["answer"])
    assert "Ada, you have acknowledged it." in done.json()["sentence"]
    page.refresh_from_db()
    assert (page.state, page.acknowledged_by) == ("acknowledged", ada)
    assert Responder.objects.get(page=page).via == "push"
    again = Client(enforce_csrf_checks=True).post(content["answer"])
    assert again.json()["sentence"] == "Your answer has been taken already."


def test_forged_and_expired_answers_take_nothing(service: PushService) -> None:
    ada, device = make_person("Ada", methods=[]), service.device()
    turn_on(ada, device)
    page = page_now(ada)
    delivery = Delivery.objects.get(page=page)
    old = page_links.sign("push-answer", delivery.pk, expires_at=clock.now() - timedelta(seconds=1))
    other = page_links.sign("page", delivery.pk, expires_at=clock.now() + timedelta(hours=1))
    assert Client().post(f"/push/answer/{old}").status_code == 410
    assert Client().post(f"/push/answer/{other}").status_code == 404
    assert Client().get(urlsplit(device.read(service.took[0].body)["answer"]).path).status_code == 405
    assert Client().post(f"/push/received/{other}/1").status_code == 404
    assert Page.objects.get(pk=page.pk).state == "paging"


def test_a_device_that_gave_it_up_is_switched_off_and_said_so(service: PushService) -> None:
    ada, device = make_person("Ada", methods=[]), service.device()
    method = turn_on(ada, device)
    service.answer(device, 410)
    page_now(ada)
    method.refresh_from_db()
    assert not method.usable
    assert "turn them on again" in method.disabled_reason
    assert [entry.verb for entry in entries("settings:people")][-1] == "contact_method.disabled"
    client = Client()
    client.force_login(ada)
    assert "turn them on again" in client.get(reverse("my_contacts")).content.decode()
    service.answer(device, 201)
    assert turn_on(ada, device).pk == method.pk
    method.refresh_from_db()
    assert method.usable


def test_one_browser_rings_for_one_person(service: PushService) -> None:
    ada, otto, device = make_person("Ada", methods=["sms"]), make_person("Otto", methods=[]), service.device()
    hers = turn_on(ada, device)
    turn_on(otto, device)
    hers.refresh_from_db()
    assert not hers.usable
    page_now(otto, title="For Otto")
    assert "For Otto" in device.read(service.took[0].body)["title"]


def test_a_test_message_rings_without_asking_anything(service: PushService) -> None:
    ada, device = make_person("Ada", methods=[]), service.device()
    method = turn_on(ada, device)
    with transaction.atomic():
        delivery = send_test_message(contact_method_id=method.pk, by=by(ada), now=clock.now())
    send_delivery(delivery.pk)
    content = device.read(service.took[0].body)
    assert content["title"] == "A test from Muster"
    assert "answer" not in content
    assert "acknowledge" not in content


@pytest.mark.parametrize(
    "given",
    [
        "",
        "[]",
        "{}",
        '{"endpoint": "https://push.example/x"}',
        '{"endpoint": "https://push.example/x", "keys": {"p256dh": "AAAA", "auth": "AAAA"}}',
        '{"endpoint": "file:///etc/passwd", "keys": {"p256dh": "AAAA", "auth": "AAAA"}}',
    ],
)
def test_what_is_no_subscription_is_refused_with_a_sentence(given: str) -> None:
    ada = make_person("Ada", methods=[])
    client = Client()
    client.force_login(ada)
    refused = client.post(reverse("push_turn_on"), given, content_type="application/json")
    assert refused.status_code == 422
    assert refused.json()["sentence"]
    assert not ContactMethod.objects.exists()


def test_plain_http_is_for_our_own_networks_alone(service: PushService, settings: Any) -> None:
    given = json.dumps(Device("http://push.example/x").subscription())
    settings.OUTBOUND_ALLOW = []
    client = Client()
    client.force_login(make_person("Ada", methods=[]))
    assert client.post(reverse("push_turn_on"), given, content_type="application/json").status_code == 422


def test_strangers_turn_nothing_on(service: PushService) -> None:
    given = json.dumps(service.device().subscription())
    answer = Client().post(reverse("push_turn_on"), given, content_type="application/json")
    assert answer.status_code == 302
    assert not ContactMethod.objects.exists()


def test_an_installed_app_starts_from_the_root() -> None:
    manifest = Client().get("/app.webmanifest")
    assert manifest["Content-Type"] == "application/manifest+json"
    content = manifest.json()
    assert (content["start_url"], content["scope"], content["display"]) == ("/", "/", "standalone")
    assert {(icon["sizes"], icon["purpose"]) for icon in content["icons"]} == {
        ("192x192", "any"),
        ("512x512", "any"),
        ("512x512", "maskable"),
    }
    worker = Client().get("/sw.js")
    assert worker["Content-Type"].startswith("text/javascript")
    assert worker["Cache-Control"] == "no-cache"

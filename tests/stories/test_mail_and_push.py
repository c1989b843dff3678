"""Answers by mail, mail that comes back, and a device that rings: over real HTTP, with the providers' own words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from django.test import Client
from django.urls import reverse

from ledger.queries import entries
from notifications.channels import email
from notifications.channels.email.hosted import hosted_channels
from notifications.channels.registry import _discovered, all_carriers
from notifications.models import ContactMethod, Delivery, RefusedCallback, Responder
from tests.builders import add_rule, make_method, make_person
from tests.notifications.channels.mail_provider import (
    MailProvider,
    basic,
    mail_provider,
    mailgun_hands_over,
    mailgun_says,
)
from tests.notifications.channels.push_service import push_service
from tests.stories.night import Night
from tests.stories.paging import page, state

REPLY = "reply@mail.harbor.example"


@pytest.fixture
def provider(night: Night, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[MailProvider]:
    """Mail goes by Mailgun, which also takes the answers."""
    with mail_provider() as peer:
        settings.EMAIL_PROVIDER, settings.EMAIL_REPLY_TO = ["mailgun"], REPLY
        settings.ANYMAIL = peer.settings_for("mailgun")
        monkeypatch.setattr(email, "CHANNELS", (*hosted_channels(), *email.CHANNELS))
        _discovered.cache_clear()
        yield peer
        for each in all_carriers():
            each.let_go()
        monkeypatch.undo()
        _discovered.cache_clear()


@pytest.fixture
def answers(night: Night, settings: Any) -> None:
    """Mail goes by SMTP, and Mailgun hands over the answers."""
    settings.EMAIL_PROVIDER, settings.EMAIL_REPLY_TO = ["mailgun"], REPLY
    settings.ANYMAIL = {"MAILGUN_API_KEY": "key-mailgun"}


def posted(night: Night, path: str, **content: Any) -> int:
    """Post to the product as a provider does, and return the status."""
    with httpx.Client(timeout=20, trust_env=False) as client:
        status = client.post(f"{night.url}{path}", **content).status_code
    night.look()
    return status


def answer(night: Night, mail: Mapping[str, Any], text: str, *, sender: str = "", **headers: str) -> int:
    """Answer a mail that came by SMTP."""
    handed = mailgun_hands_over(sender=sender or mail["to"], recipient=_reply_to(mail), text=text, **headers)
    return posted(night, "/mail/inbound/mailgun/", data=handed)


def _reply_to(mail: Mapping[str, Any]) -> str:
    return next(str(value) for name, value in mail["headers"] if name.lower() == "reply-to")


def test_an_answered_ack_takes_the_page_and_is_confirmed(night: Night, answers: None) -> None:
    ada = make_person("Ada", methods=["email"])
    paged = page(night, ada)
    mail = night.mail_to(ada)
    assert "answer this mail with one word" in mail["text"]
    assert answer(night, mail, "Ack\n\nOn Sun, Nov 22, 2026 Muster wrote:\n> no") == 204
    assert "Ada, you have acknowledged it." in night.mail_to(ada)["text"]
    assert (state(paged), paged.acknowledged_by) == ("acknowledged", ada)
    assert Responder.objects.get(page=paged).via == "email"


def test_an_answer_that_is_nothing_but_html_is_understood(night: Night, answers: None) -> None:
    ada = make_person("Ada", methods=["email"])
    paged = page(night, ada)
    mail = night.mail_to(ada)
    handed = mailgun_hands_over(sender=mail["to"], recipient=_reply_to(mail), text="")
    handed["body-html"] = '<div>Ack</div><div class="gmail_quote">Muster wrote:<blockquote>no</blockquote></div>'
    assert posted(night, "/mail/inbound/mailgun/", data=handed) == 204
    assert "Ada, you have acknowledged it." in night.mail_to(ada)["text"]
    assert state(paged) == "acknowledged"


@pytest.mark.parametrize(
    "header",
    [
        {"Auto_Submitted": "auto-replied; owner-email=x"},
        {"Precedence": "bulk"},
        {"X_Autoreply": "yes"},
        {"X_MS_Exchange_Generated_Message_Source": "Mailbox Rules Agent"},
        {"Return_Path": "<>"},
    ],
)
def test_a_program_never_acknowledges_and_is_never_answered(
    night: Night, answers: None, header: dict[str, str]
) -> None:
    ada = make_person("Ada", methods=["email"])
    paged = page(night, ada)
    answer(night, night.mail_to(ada), "ack", **header)
    night.stays_quiet()
    assert state(paged) == "paging"


def test_an_address_that_was_switched_off_comes_back_by_a_code(night: Night, provider: MailProvider) -> None:
    ada = make_person("Ada", methods=["email", "sms"])
    method = ContactMethod.objects.get(person=ada, channel="email")
    says = mailgun_says("failed", recipient=method.address, variables={}, severity="permanent", reason="bounce")
    assert posted(night, "/mail/tracking/mailgun/", json=says) == 204
    browser, verify = Client(), reverse("contact_verify", args=[method.pk])
    browser.force_login(ada)
    assert verify in browser.get(reverse("my_contacts")).content.decode()
    browser.post(verify, {"again": "1"})
    night.look()
    (mail,) = [each.form() for each in provider.took]
    found = re.search(r"\b\d{6}\b", mail["text"])
    assert found is not None
    browser.post(verify, {"code": found[0]})
    method.refresh_from_db()
    assert method.usable


def test_a_two_escalates_and_a_no_declines(night: Night, answers: None) -> None:
    ada, max_ = make_person("Ada", methods=["email"]), make_person("Max", methods=["email"])
    paged = page(night, ada)
    answer(night, night.mail_to(ada), "no")
    assert Responder.objects.get(page=paged, person=ada).state == "declined"
    assert "Understood, Ada." in night.mail_to(ada)["text"]
    other = page(night, max_, "Disk full")
    answer(night, night.mail_to(max_), "2")
    assert "Escalated." in night.mail_to(max_)["text"]
    assert state(other) != "acknowledged"
    night.everything("mail")


def test_what_is_no_clear_yes_takes_nothing(night: Night, answers: None) -> None:
    ada = make_person("Ada", methods=["email"])
    paged = page(night, ada)
    mail = night.mail_to(ada)
    answer(night, mail, "approve 4821")
    assert "open the page to decide" in night.mail_to(ada)["text"]
    answer(night, mail, "what is this about?")
    assert "Answer with one word" in night.mail_to(ada)["text"]
    answer(night, mail, "I am away until Monday.", Auto_Submitted="auto-replied")
    answer(night, mail, "ack", sender="mallory@elsewhere.example")
    forged = {**mail, "headers": [["Reply-To", _reply_to(mail).replace("-", "-0", 1)]]}
    answer(night, forged, "ack")
    night.stays_quiet()
    assert state(paged) == "paging"


def test_an_unsigned_answer_is_refused_and_counted(night: Night, answers: None) -> None:
    ada = make_person("Ada", methods=["email"])
    paged = page(night, ada)
    mail = night.mail_to(ada)
    handed = mailgun_hands_over(sender=mail["to"], recipient=_reply_to(mail), text="ack") | {"signature": "0" * 64}
    assert posted(night, "/mail/inbound/mailgun/", data=handed) == 403
    assert posted(night, "/mail/inbound/postmark/", json={}) == 404
    assert state(paged) == "paging"
    assert RefusedCallback.objects.get(provider="mailgun").count == 1


@pytest.mark.parametrize("text", ["what?", "ack"])
def test_a_doubled_answer_is_taken_once(night: Night, answers: None, text: str) -> None:
    ada = make_person("Ada", methods=["email"])
    page(night, ada)
    mail = night.mail_to(ada)
    handed = mailgun_hands_over(sender=mail["to"], recipient=_reply_to(mail), text=text)
    for _ in range(2):
        assert posted(night, "/mail/inbound/mailgun/", data=handed) == 204
    night.mail_to(ada)
    night.stays_quiet()


def test_a_mail_that_comes_back_to_smtp_switches_the_address_off(night: Night, answers: None) -> None:
    ada = make_person("Ada", methods=["email"])
    add_rule(make_method(ada, "sms"), delay_s=120)
    page(night, ada)
    mail = night.mail_to(ada)
    handed = mailgun_hands_over(sender="", recipient=_reply_to(mail), text="")
    handed["body-mime"] = _report(to=_reply_to(mail), of=mail["to"], status="5.1.1")
    assert posted(night, "/mail/inbound/mailgun/", data=handed) == 204
    method = ContactMethod.objects.get(person=ada, channel="email")
    assert not method.usable
    assert "no such user" in method.disabled_reason
    night.text_to(ada)  # the next way, at once


def test_a_full_box_fails_the_mail_and_keeps_the_address(night: Night, answers: None) -> None:
    ada = make_person("Ada", methods=["email"])
    add_rule(make_method(ada, "sms"), delay_s=120)
    page(night, ada)
    mail = night.mail_to(ada)
    handed = mailgun_hands_over(sender="", recipient=_reply_to(mail), text="")
    handed["body-mime"] = _report(to=_reply_to(mail), of=mail["to"], status="5.2.2")
    assert posted(night, "/mail/inbound/mailgun/", data=handed) == 204
    night.text_to(ada)
    assert Delivery.objects.get(channel="email").state == "failed"
    assert ContactMethod.objects.get(person=ada, channel="email").usable


def test_what_the_provider_says_moves_the_message(night: Night, provider: MailProvider) -> None:
    ada = make_person("Ada", methods=["email"])
    page(night, ada)
    night.look()
    variables, to = _sent(provider)
    says = mailgun_says("delivered", recipient=to, variables=variables)
    assert posted(night, "/mail/tracking/mailgun/", json=says) == 204
    delivery = Delivery.objects.get()
    assert (delivery.provider, delivery.state) == ("mailgun", "delivered")
    assert posted(night, "/mail/tracking/mailgun/", json=says) == 204
    forged = {**says, "signature": {**says["signature"], "signature": "0" * 64}}
    assert posted(night, "/mail/tracking/mailgun/", json=forged) == 403
    assert posted(night, "/mail/tracking/mailgun/", json={"signature": 1}) in (400, 403)


@pytest.mark.parametrize(
    ("event", "more", "words"),
    [
        ("failed", {"severity": "permanent", "reason": "bounce"}, "Mail to it comes back."),
        ("complained", {}, "marked a mail as spam"),
    ],
)
def test_bounces_and_complaints_switch_the_address_off_and_say_so(
    night: Night, provider: MailProvider, event: str, more: dict[str, Any], words: str
) -> None:
    ada = make_person("Ada", methods=["email"])
    add_rule(make_method(ada, "sms"), delay_s=120)
    page(night, ada)
    night.look()
    variables, to = _sent(provider)
    says = mailgun_says(event, recipient=to, variables=variables, **more)
    assert posted(night, "/mail/tracking/mailgun/", json=says) == 204
    method = ContactMethod.objects.get(person=ada, channel="email")
    assert not method.usable
    assert words in method.disabled_reason
    assert [entry.verb for entry in entries("settings:people")][-1] == "contact_method.disabled"
    browser = Client()
    browser.force_login(ada)
    assert words in browser.get(reverse("my_contacts")).content.decode()
    if event == "failed":
        night.text_to(ada)


def test_a_greylisted_mail_is_on_its_way(night: Night, provider: MailProvider) -> None:
    ada = make_person("Ada", methods=["email"])
    page(night, ada)
    night.look()
    variables, to = _sent(provider)
    says = mailgun_says("failed", recipient=to, variables=variables, severity="temporary", reason="generic")
    assert posted(night, "/mail/tracking/mailgun/", json=says) == 204
    assert Delivery.objects.get().state == "sent"
    assert ContactMethod.objects.get(person=ada).usable


def test_a_provider_without_signatures_needs_our_own_secret(night: Night, settings: Any) -> None:
    ada = make_person("Ada", methods=["email"])
    method = ContactMethod.objects.get(person=ada)
    settings.EMAIL_PROVIDER, settings.ANYMAIL = ["postmark"], {"POSTMARK_SERVER_TOKEN": "key-postmark"}
    says = {
        "RecordType": "Bounce",
        "Type": "HardBounce",
        "Email": method.address,
        "MessageID": "0" * 32,
        "ID": 1,
        "BouncedAt": "2026-11-22T03:00:00Z",
        "Description": "no such user",
    }
    assert posted(night, "/mail/tracking/postmark/", json=says) == 403
    settings.ANYMAIL = {**settings.ANYMAIL, "WEBHOOK_SECRET": "muster:between-us"}
    assert posted(night, "/mail/tracking/postmark/", json=says) == 403
    assert posted(night, "/mail/tracking/postmark/", json=says, headers=basic("muster:between-us")) == 204
    method.refresh_from_db()
    assert not method.usable


def test_a_device_rings_and_its_button_takes_the_page(night: Night) -> None:
    ada = make_person("Ada", methods=[])
    with push_service() as service, httpx.Client(timeout=20, trust_env=False) as worker:
        device = service.device()
        browser = Client(headers={"User-Agent": "Firefox/145 (Android 16)"})
        browser.force_login(ada)
        turned_on = browser.post(
            reverse("push_turn_on"), json.dumps(device.subscription()), content_type="application/json"
        )
        assert turned_on.status_code == 200
        paged = page(night, ada)
        night.look()
        (pushed,) = service.took
        content = device.read(pushed.body)
        assert urlsplit(pushed.claims()["aud"]).netloc == urlsplit(service.url).netloc
        worker.post(f"{night.url}{content['receipt']}").raise_for_status()
        assert Delivery.objects.get(page=paged).state == "delivered"
        said = worker.post(f"{night.url}{content['answer']}").raise_for_status().json()["sentence"]
    assert "Ada, you have acknowledged it." in said
    assert (state(paged), paged.acknowledged_by) == ("acknowledged", ada)


def test_a_device_that_is_gone_hands_over_to_the_next_way(night: Night) -> None:
    ada = make_person("Ada", methods=[])
    with push_service() as service:
        device = service.device()
        browser = Client()
        browser.force_login(ada)
        browser.post(reverse("push_turn_on"), json.dumps(device.subscription()), content_type="application/json")
        add_rule(make_method(ada, "sms"), delay_s=300)
        service.answer(device, 410)
        page(night, ada)
        night.text_to(ada)
    assert not ContactMethod.objects.get(person=ada, channel="push").usable


def _sent(provider: MailProvider) -> tuple[dict[str, str], str]:
    """Return the metadata of the one mail that went out, and whom it went to."""
    (mail,) = [each.form() for each in provider.took]
    return {"delivery": mail["v:delivery"], "fence": mail["v:fence"]}, mail["to"].rpartition("<")[2].rstrip(">")


def _report(*, to: str, of: str, status: str) -> str:
    """Return a mail server's report that a mail was not delivered (RFC 3464)."""
    whole = EmailMessage()
    whole["From"], whole["To"], whole["Subject"] = "MAILER-DAEMON@mx.harbor.example", to, "Undelivered mail"
    whole["Message-ID"], whole["Auto-Submitted"] = "<report-1@mx.harbor.example>", "auto-replied"
    text = whole.as_string()
    boundary = "=-="
    return (
        f"{text.rstrip()}\nMIME-Version: 1.0\n"
        f'Content-Type: multipart/report; report-type=delivery-status; boundary="{boundary}"\n\n'
        f"--{boundary}\nContent-Type: text/plain\n\nIt could not be delivered.\n"
        f"--{boundary}\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.harbor.example\n\n"
        f"Final-Recipient: rfc822; {of}\nAction: failed\nStatus: {status}\n"
        f"Diagnostic-Code: smtp; 550 {status} no such user\n\n--{boundary}--\n"
    )

"""Mail that comes back, in each provider's own words: what is said against an address, and what passes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any, Final

import pytest
from django.test import Client
from pytest_django import Settings

from engine import clock
from ledger.queries import entries
from notifications.channels.email.bounces import passes
from notifications.models import ContactMethod, RefusedCallback
from tests.builders import make_person
from tests.notifications.channels.mail_provider import basic

pytestmark = pytest.mark.django_db(transaction=True)

BETWEEN_US: Final = "muster:between-us"
KEYS: Final = {"MANDRILL_WEBHOOK_KEY": "key-mandrill", "MAILERSEND_SIGNING_SECRET": "key-mailersend"}
AT: Final = "2026-11-22T03:00:00Z"


def sparkpost(kind: str, bounce_class: str) -> Callable[[str], Any]:
    """Return SparkPost's event of a mail that came back."""
    event = {"type": kind, "bounce_class": bounce_class, "event_id": "92356927693813856", "timestamp": "1795316400"}
    return lambda to: [{"msys": {"message_event": {**event, "raw_rcpt_to": to}}}]


def amazon(kind: str, subtype: str) -> Callable[[str], Any]:
    """Return Amazon's notification of a bounce, as SNS wraps it."""
    return lambda to: {
        "Type": "Notification",
        "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "Timestamp": AT,
        "Message": json.dumps(
            {
                "notificationType": "Bounce",
                "mail": {"messageId": "EXAMPLE", "destination": [to]},
                "bounce": {
                    "bounceType": kind,
                    "bounceSubType": subtype,
                    "bouncedRecipients": [{"emailAddress": to, "diagnosticCode": "smtp; 550 5.1.1"}],
                },
            }
        ),
    }


def mailjet(error: str, *, hard: bool) -> Callable[[str], Any]:
    """Return Mailjet's event of a mail that came back."""
    event = {"event": "bounce", "time": 1795316400, "MessageID": 1, "hard_bounce": hard, "error": error}
    return lambda to: {**event, "email": to}


def resend(kind: str) -> Callable[[str], Any]:
    """Return Resend's event of a mail that came back."""
    bounce = {"type": kind, "subType": "General", "message": "The recipient's email provider sent a bounce message."}
    return lambda to: {
        "type": "email.bounced",
        "created_at": AT,
        "data": {"email_id": "e-1", "to": [to], "bounce": bounce},
    }


def postmark(kind: str) -> Callable[[str], Any]:
    """Return Postmark's event of a mail that came back."""
    event = {"RecordType": "Bounce", "Type": kind, "MessageID": "0" * 32, "ID": 1, "BouncedAt": AT}
    return lambda to: {**event, "Email": to}


def brevo(kind: str) -> Callable[[str], Any]:
    """Return Brevo's event of a mail that came back."""
    return lambda to: {"event": kind, "email": to, "message-id": "<1@x>", "ts_epoch": 1795316400000}


def mailersend(kind: str) -> Callable[[str], Any]:
    """Return MailerSend's event of a mail that came back."""
    email = {"message": {"id": "m-1"}}
    return lambda to: {
        "type": f"activity.{kind}",
        "data": {"id": "a-1", "type": kind, "created_at": AT, "email": {**email, "recipient": {"email": to}}},
    }


def mandrill(kind: str) -> Callable[[str], Any]:
    """Return Mandrill's event of a mail that came back."""
    return lambda to: [{"event": kind, "_id": "m-1", "ts": 1795316400, "msg": {"email": to, "diag": "smtp;550"}}]


GIVES_UP: Final = {
    "amazon_ses": amazon("Permanent", "NoEmail"),
    "brevo": brevo("hard_bounce"),
    "mailersend": mailersend("hard_bounced"),
    "mailjet": mailjet("user unknown", hard=True),
    "mandrill": mandrill("hard_bounce"),
    "postmark": postmark("HardBounce"),
    "resend": resend("Permanent"),
    "sparkpost": sparkpost("bounce", "10"),
}
PASSES: Final = [
    ("amazon_ses", amazon("Transient", "MailboxFull")),
    ("amazon_ses", amazon("Undetermined", "Undetermined")),
    ("brevo", brevo("soft_bounce")),
    ("mailersend", mailersend("soft_bounced")),
    ("mailjet", mailjet("mailbox inactive", hard=False)),
    ("mandrill", mandrill("soft_bounce")),
    ("mandrill", mandrill("reject")),
    ("postmark", postmark("SoftBounce")),
    ("resend", resend("Transient")),
    ("sparkpost", sparkpost("bounce", "22")),
    ("sparkpost", sparkpost("bounce", "51")),
    ("sparkpost", sparkpost("policy_rejection", "25")),
]


@pytest.fixture
def method(settings: Settings) -> ContactMethod:
    """Ada's mailbox, with every provider set up."""
    settings.EMAIL_PROVIDER = [*GIVES_UP, "scaleway"]
    settings.PUBLIC_URL = "https://muster.example"  # behind a proxy, as its providers call it
    settings.ANYMAIL = {"WEBHOOK_SECRET": BETWEEN_US, **KEYS}
    ada = make_person("Ada", methods=["email"])
    return ContactMethod.objects.get(person=ada)


def tell(provider: str, content: Any) -> int:
    """Post what a provider says as it would, signed where it signs, and return the status."""
    path, headers = f"/mail/tracking/{provider}/", basic(BETWEEN_US)
    if provider == "mandrill":
        form = {"mandrill_events": json.dumps(content)}
        signed = f"https://{BETWEEN_US}@muster.example{path}mandrill_events{form['mandrill_events']}".encode()
        digest = hmac.new(KEYS["MANDRILL_WEBHOOK_KEY"].encode(), signed, hashlib.sha1).digest()
        return (
            Client()
            .post(path, form, headers={**headers, "X-Mandrill-Signature": base64.b64encode(digest).decode()})
            .status_code
        )
    body = json.dumps(content).encode()
    if provider == "mailersend":
        key = KEYS["MAILERSEND_SIGNING_SECRET"].encode()
        headers = {**headers, "Signature": hmac.new(key, body, hashlib.sha256).hexdigest()}
    if provider == "amazon_ses":
        headers = {**headers, "X-Amz-Sns-Message-Type": "Notification", "X-Amz-Sns-Message-Id": content["MessageId"]}
    return Client().post(path, body, content_type="application/json", headers=headers).status_code


def is_usable(method: ContactMethod) -> bool:
    method.refresh_from_db()
    return method.usable


@pytest.mark.parametrize("provider", sorted(GIVES_UP))
def test_a_hard_bounce_switches_the_address_off(method: ContactMethod, provider: str) -> None:
    assert tell(provider, GIVES_UP[provider](method.address)) == 204
    assert not is_usable(method)
    assert [entry.verb for entry in entries("settings:people")][-1] == "contact_method.disabled"


@pytest.mark.parametrize(
    ("provider", "says"), PASSES, ids=[f"{provider}-{place}" for place, (provider, _says) in enumerate(PASSES)]
)
def test_what_passes_keeps_it(method: ContactMethod, provider: str, says: Callable[[str], Any]) -> None:
    assert tell(provider, says(method.address)) == 204
    assert is_usable(method)


def test_a_word_said_twice_does_not_undo_that_the_address_was_verified_anew(method: ContactMethod) -> None:
    says = GIVES_UP["postmark"](method.address)
    assert tell("postmark", says) == 204
    ContactMethod.objects.filter(pk=method.pk).update(disabled_at=None, verified_at=clock.now())
    assert tell("postmark", says) == 204
    assert is_usable(method)
    assert tell("postmark", {**says, "ID": 2, "BouncedAt": "2026-11-22T04:00:00Z"}) == 204
    assert not is_usable(method)


def test_amazon_is_asked_for_the_password_that_it_sends_only_then(method: ContactMethod) -> None:
    content = json.dumps(GIVES_UP["amazon_ses"](method.address))
    kind = {"X-Amz-Sns-Message-Type": "Notification", "X-Amz-Sns-Message-Id": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324"}
    asked = Client().post("/mail/tracking/amazon_ses/", content, content_type="text/plain", headers=kind)
    assert (asked.status_code, asked["WWW-Authenticate"]) == (401, 'Basic realm="Muster"')
    assert not RefusedCallback.objects.exists()
    guessed = Client().post(
        "/mail/tracking/amazon_ses/", content, content_type="text/plain", headers={**kind, **basic("muster:guessed")}
    )
    assert guessed.status_code == 403
    assert is_usable(method)


@pytest.mark.parametrize("way", ["tracking", "inbound"])
@pytest.mark.parametrize("provider", sorted({*GIVES_UP, "scaleway"}))
@pytest.mark.parametrize(
    "body", [b"", b"\xff", b"null", b"[]", b"[1]", b'"x"', b"1", b"[" * 9999, b'{"msys": 1}', b'{"data": []}']
)
def test_no_nonsense_breaks_the_door(method: ContactMethod, provider: str, way: str, body: bytes) -> None:
    signature = hmac.new(KEYS["MAILERSEND_SIGNING_SECRET"].encode(), body, hashlib.sha256).hexdigest()
    headers: Mapping[str, str] = {**basic(BETWEEN_US), "Signature": signature}
    answer = Client().post(f"/mail/{way}/{provider}/", body, content_type="application/json", headers=headers)
    assert answer.status_code in (204, 400, 403)
    assert is_usable(method)


@pytest.mark.parametrize("told", [None, [], "x", {"bounce": []}, {"data": {"bounce": "x"}}, {"msys": {"a": 1}}])
def test_strange_words_pass_nowhere(told: Any) -> None:
    assert not any(passes(provider, told) for provider in ("amazon_ses", "resend", "sparkpost", "mailersend", "pigeon"))

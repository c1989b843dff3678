"""Whose request it is: by token and by shared key, old and new, against the official library's own signatures."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from base64 import b64encode
from pathlib import Path
from typing import Any, Final

import pytest
from django.test import Client
from twilio.request_validator import HMAC_SHA1, HMAC_SHA256, RequestValidator

from notifications.models import RefusedCallback

pytestmark = pytest.mark.django_db

PATH: Final = "/twilio/status/999999/1"
POSTED: Final = {"MessageSid": "SM1", "MessageStatus": "sent", "A new one": "\u00e5 & b"}
ROOT: Final = Path(__file__).parents[3]
EXAMPLES: Final = Path(os.environ.get("CONTRACTS_DIR", ROOT.parent / "shared" / "contracts")) / "twilio" / "examples"


@pytest.fixture(autouse=True)
def _secrets(settings: Any) -> None:
    settings.TWILIO_AUTH_TOKEN = "the token"
    settings.TWILIO_AUTH_TOKEN_OLD = ""
    settings.TWILIO_WEBHOOK_KEYS = {"key_one": "the first secret", "key_two": "the second secret"}


def post(settings: Any, *, secret: str, told: str | None = None, algorithm: str = HMAC_SHA1, **changed: str) -> int:
    """Post as Twilio does, signed with `secret`; `told` is its header of settings. Return the status."""
    signature = RequestValidator(secret).compute_signature(settings.PUBLIC_URL + PATH, POSTED, algorithm)
    headers = {"X-Twilio-Signature": signature}
    if told is not None:
        headers["X-Twilio-Webhooks-Signature-Settings"] = told
    return int(Client().post(PATH, POSTED | changed, headers=headers).status_code)


def test_the_present_token_counts_and_another_one_does_not(settings: Any) -> None:
    assert post(settings, secret="the token") == 204
    assert post(settings, secret="another token") == 403
    assert post(settings, secret="the token", MessageStatus="delivered") == 403
    assert RefusedCallback.objects.get().count == 2


def test_during_a_rotation_both_tokens_count(settings: Any) -> None:
    settings.TWILIO_AUTH_TOKEN_OLD, settings.TWILIO_AUTH_TOKEN = "the token", "the next token"
    assert [post(settings, secret=each) for each in ("the token", "the next token", "")] == [204, 204, 403]
    settings.TWILIO_AUTH_TOKEN_OLD = ""
    assert [post(settings, secret=each) for each in ("the token", "the next token")] == [403, 204]


@pytest.mark.parametrize(
    ("told", "secret", "status"),
    [
        ("key=key_one,algorithm=HMAC_SHA256", "the first secret", 204),
        ("algorithm=HMAC_SHA256, key=key_two", "the second secret", 204),
        ("key=key_one,algorithm=hmac_sha256", "the first secret", 204),
        ("key=key_one,algorithm=HMAC_SHA256", "the second secret", 403),
        ("key=key_three,algorithm=HMAC_SHA256", "the first secret", 403),
        ("algorithm=HMAC_SHA256", "the first secret", 403),
        ("key=key_one,algorithm=HMAC_SHA256", "the token", 403),
        ("key=key_one,algorithm=HMAC_SHA512", "the first secret", 403),
    ],
)
def test_a_shared_key_counts_with_sha_256_for_itself_only(settings: Any, told: str, secret: str, status: int) -> None:
    assert post(settings, secret=secret, told=told, algorithm=HMAC_SHA256) == status


def test_no_header_can_weaken_a_signature(settings: Any) -> None:
    assert post(settings, secret="the first secret", told="key=key_one") == 403
    assert post(settings, secret="the token", algorithm=HMAC_SHA256) == 403
    assert post(settings, secret="", told="key=,algorithm=HMAC_SHA256", algorithm=HMAC_SHA256) == 403


@pytest.mark.parametrize("query", ["", "?bodySHA256", "?bodySHA256=", "?bodySHA256=00", "?bodySHA256=&bodySHA256="])
@pytest.mark.parametrize("body", [b"{}", b"[" * 9999, b"\xff"])
def test_a_json_body_counts_by_its_hash_in_the_signed_address_alone(settings: Any, query: str, body: bytes) -> None:
    signature = RequestValidator("the token").compute_signature(settings.PUBLIC_URL + PATH + query, {})
    headers = {"X-Twilio-Signature": signature}
    answer = Client().post(PATH + query, body, content_type="application/json", headers=headers)
    assert answer.status_code == 403

    good = f"?bodySHA256={hashlib.sha256(body.decode('utf-8', 'replace').encode()).hexdigest()}"
    signature = RequestValidator("the token").compute_signature(settings.PUBLIC_URL + PATH + good, {})
    headers = {"X-Twilio-Signature": signature}
    answers = [
        Client().post(PATH + good, sent, content_type="application/json", headers=headers) for sent in (body, b"1")
    ]
    assert [answer.status_code for answer in answers] == [204, 403]


@pytest.mark.parametrize("name", ["sha1", "sha256"])
def test_the_library_signs_as_the_description_says(settings: Any, name: str) -> None:
    signed = settings.PUBLIC_URL + PATH + "".join(key + POSTED[key] for key in sorted(POSTED))
    by_hand = b64encode(hmac.new(b"the token", signed.encode(), getattr(hashlib, name)).digest()).decode()
    algorithm = {"sha1": HMAC_SHA1, "sha256": HMAC_SHA256}[name]
    assert RequestValidator("the token").compute_signature(settings.PUBLIC_URL + PATH, POSTED, algorithm) == by_hand


@pytest.mark.skipif(not EXAMPLES.is_dir(), reason="the providers' examples are not here: set CONTRACTS_DIR")
def test_every_example_of_a_callback_counts_when_it_is_signed(settings: Any) -> None:
    examples = [json.loads(each.read_text()) for each in sorted(EXAMPLES.glob("*.json"))]
    posted = [each for each in examples if isinstance(each, dict) and ("CallSid" in each or "MessageSid" in each)]
    assert posted, "the folder holds no callback"
    for form in posted:
        fields = {name: str(value) for name, value in form.items()}
        for secret, headers in (
            ("the token", {}),
            ("the second secret", {"X-Twilio-Webhooks-Signature-Settings": "key=key_two,algorithm=HMAC_SHA256"}),
        ):
            algorithm = HMAC_SHA256 if headers else HMAC_SHA1
            signature = RequestValidator(secret).compute_signature(settings.PUBLIC_URL + PATH, fields, algorithm)
            answer = Client().post(PATH, fields, headers={"X-Twilio-Signature": signature, **headers})
            assert answer.status_code == 204, form

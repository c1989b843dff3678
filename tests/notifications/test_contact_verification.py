"""Proving that a contact method is read by its owner."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import transaction

from ledger.queries import entries
from notifications.models import ContactMethod, Delivery, VerificationCode
from notifications.operations.send_delivery import send_delivery
from notifications.operations.verify_contact_method import confirm_verification_code, send_verification_code
from tests.builders import NOW, by, make_method, make_person
from tests.phones import Phones
from web.errors import BadInput, IllegalMove


def unverified(channel: str = "sms") -> ContactMethod:
    """Return a contact method that nobody has proved yet."""
    return make_method(make_person("Ada", methods=[]), channel, verified=False)


def asked(method: ContactMethod, *, after_s: int = 0) -> Delivery:
    """Send a code."""
    with transaction.atomic():
        return send_verification_code(
            contact_method_id=method.pk, by=by(method.person), now=NOW + timedelta(seconds=after_s)
        )


def confirm(method: ContactMethod, code: str, *, after_s: int = 60) -> bool:
    """Answer with a code."""
    with transaction.atomic():
        return confirm_verification_code(
            contact_method_id=method.pk, code=code, by=by(method.person), now=NOW + timedelta(seconds=after_s)
        )


def code_of(text: str) -> str:
    """Return the six digits in a message."""
    found = re.search(r"\b\d{6}\b", text)
    assert found
    return found[0]


def test_a_code_brings_back_what_was_switched_off(phones: Phones) -> None:
    method = unverified()
    ContactMethod.objects.update(disabled_at=NOW, disabled_reason="It bounced.")
    send_delivery(asked(method).pk, now=NOW)
    (message,) = phones.wait_for("messages")
    assert confirm(method, code_of(message["text"]))
    method.refresh_from_db()
    assert method.usable


def test_the_code_arrives_and_verifies(phones: Phones) -> None:
    method = unverified()
    delivery = asked(method)
    send_delivery(delivery.pk, now=NOW)
    (message,) = phones.wait_for("messages")
    code = code_of(message["text"])
    delivery.refresh_from_db()
    assert code not in str(delivery.content), "the code is not in the database in clear"
    assert VerificationCode.objects.get().digest != code
    assert confirm(method, f" {code[:3]} {code[3:]} ")
    method.refresh_from_db()
    assert method.verified_at == NOW + timedelta(seconds=60)
    assert [entry.verb for entry in entries("settings:people")] == ["contact_method.verified"]
    with pytest.raises(BadInput):
        confirm(method, code)


def test_a_call_speaks_the_code_digit_by_digit(phones: Phones) -> None:
    method = unverified("voice")
    send_delivery(asked(method).pk, now=NOW)
    (call,) = phones.wait_for("calls")
    said = phones.pick_up(call)
    digits = re.search(r"(\d), (\d), (\d), (\d), (\d), (\d)", said)
    assert digits
    assert confirm(method, "".join(digits.groups()))


@pytest.mark.django_db
def test_wrong_codes_are_counted_and_end_after_five() -> None:
    method = unverified()
    asked(method)
    assert [confirm(method, "x") for _ in range(5)] == [False] * 5
    with pytest.raises(BadInput):
        confirm(method, "x")
    method.refresh_from_db()
    assert method.verified_at is None


@pytest.mark.django_db
def test_a_code_is_good_for_ten_minutes_and_only_the_newest_counts() -> None:
    method = unverified()
    with pytest.raises(BadInput):
        confirm(method, "123456")
    asked(method)
    with pytest.raises(IllegalMove):
        asked(method, after_s=29)
    asked(method, after_s=30)
    assert VerificationCode.objects.count() == 2
    with pytest.raises(BadInput):
        confirm(method, "123456", after_s=30 + 600)
    assert not confirm(method, "no code", after_s=30 + 599), "still good, only wrong"

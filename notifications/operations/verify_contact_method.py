"""Prove that the owner of a contact method reads what is sent there."""

from __future__ import annotations

import secrets as random_secrets
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.transaction import TransactionManagementError
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from engine import wake
from ledger.actor import Actor
from ledger.operations.append import append
from notifications.models import ContactMethod, Delivery, VerificationCode
from notifications.operations.outbox import post
from web import live, secrets
from web.errors import BadInput, IllegalMove, NotFound

GOOD_FOR: Final = timedelta(minutes=10)
PAUSE: Final = timedelta(seconds=30)
"""Between two codes to one contact method: nobody is flooded through this form."""
WRONG_TRIES: Final = 5
"""Wrong answers before a code is spent: one million codes, five guesses."""


def send_verification_code(*, contact_method_id: UUID | str, by: Actor, now: datetime) -> Delivery:
    """Send a fresh code of six digits to a contact method, good for 10 minutes; earlier ones are void.

    Raises `IllegalMove` within 30 s of the last one. The code is stored as a keyed digest, and encrypted in the
    delivery that carries it. Locks the contact method.
    """
    method = _locked(contact_method_id)
    newest = method.verification_codes.first()
    if newest is not None and newest.created_at > now - PAUSE:
        raise IllegalMove(_("A code was sent a moment ago. Wait half a minute before you ask for another one."))
    code = f"{random_secrets.randbelow(1_000_000):06}"
    VerificationCode.objects.create(
        contact_method=method, digest=_digest(method, code), created_at=now, expires_at=now + GOOD_FOR
    )
    (delivery,) = post(
        [
            Delivery(
                person_id=method.person_id,
                contact_method=method,
                kind=Delivery.Kind.VERIFICATION,
                channel=method.channel,
                address=method.address,
                content={"headline": _("Your code for Muster"), "code": secrets.encrypt(code), "asked_by": by.name},
                severity=4,
                not_before=now,
                created_at=now,
                expires_at=now + GOOD_FOR,
            )
        ]
    )
    return delivery


def confirm_verification_code(*, contact_method_id: UUID | str, code: str, by: Actor, now: datetime) -> bool:
    """Mark a contact method as verified if `code` is the newest one sent there, and usable again if it was off.

    Returns False for a wrong code, having counted the try. Raises `BadInput` when no code is good any more: none sent,
    used, expired, or guessed at five times. Locks the contact method, then the code.
    """
    method = _locked(contact_method_id)
    newest = method.verification_codes.first()
    if newest is None or newest.used_at is not None or newest.expires_at <= now or newest.tries >= WRONG_TRIES:
        raise BadInput(_("This code is not good any more. Ask for a new one."))
    digits = "".join(character for character in code if character.isdigit())
    if not constant_time_compare(_digest(method, digits), newest.digest):
        newest.tries += 1
        newest.save(update_fields=["tries"])
        return False
    newest.used_at = now
    newest.save(update_fields=["used_at"])
    method.verified_at, method.disabled_at, method.disabled_reason = now, None, ""
    method.save(update_fields=["verified_at", "disabled_at", "disabled_reason"])
    append(
        subject="settings:people",
        verb="contact_method.verified",
        by=by,
        now=now,
        payload={"person": str(method.person_id), "contact_method": str(method.pk), "channel": method.channel},
    )
    wake.after_commit("emergency_contacts")
    live.changed(f"person:{method.person_id}", "settings")
    return True


def _locked(contact_method_id: UUID | str) -> ContactMethod:
    if not connection.in_atomic_block:
        raise TransactionManagementError("A contact method is verified in one transaction with its ledger entry.")
    method = ContactMethod.objects.select_for_update(no_key=True).filter(pk=contact_method_id).first()
    if method is None:
        raise NotFound(_("There is no such contact method."))
    return method


def _digest(method: ContactMethod, code: str) -> str:
    # Keyed: a million codes are tried in a second against a plain hash that leaked with a backup.
    return salted_hmac("notifications.verification", f"{method.pk}:{code}", algorithm="sha256").hexdigest()

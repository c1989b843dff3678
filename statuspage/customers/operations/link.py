"""A customer's own page: issue its secret link, change it, take it back."""

from __future__ import annotations

import hashlib
from datetime import datetime

from ledger.actor import Actor
from ledger.rules import JSON
from statuspage.models import Customer
from statuspage.operations.change_page import new_secret
from statuspage.operations.recording import record_page
from web.errors import NotFound


def issue_link(*, customer_id: int, by: Actor, now: datetime) -> Customer:
    """Give a customer a secret link; their page is published with the next generation. A second time changes nothing.

    Locks the customer. Raises `NotFound`.
    """
    customer = _locked(customer_id)
    if customer.issued_at is None:
        _give(customer, now=now)
        _record(customer, "status.customer_link_issued", by=by, now=now)
    return customer


def rotate_link(*, customer_id: int, by: Actor, now: datetime) -> Customer:
    """Give a customer another link: the old page goes with the next generation. Locks the customer."""
    customer = _locked(customer_id)
    _give(customer, now=now)
    _record(customer, "status.customer_link_rotated", by=by, now=now)
    return customer


def withdraw_link(*, customer_id: int, by: Actor, now: datetime) -> Customer:
    """Take a customer's link back: their page goes with the next generation. Locks the customer."""
    customer = _locked(customer_id)
    if customer.issued_at is not None:
        customer.secret, customer.secret_digest, customer.issued_at = "", None, None
        _save(customer, now=now)
        _record(customer, "status.customer_link_withdrawn", by=by, now=now)
    return customer


def digest_of_secret(secret: str) -> str:
    """Return the SHA-256 (hex) by which a customer is found from their link."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _give(customer: Customer, *, now: datetime) -> None:
    customer.secret, customer.issued_at = new_secret(), now
    customer.secret_digest = digest_of_secret(customer.secret)
    _save(customer, now=now)


def _save(customer: Customer, *, now: datetime) -> None:
    customer.updated_at = now
    customer.save(update_fields=["secret", "secret_digest", "issued_at", "updated_at"])


def _record(customer: Customer, verb: str, *, by: Actor, now: datetime) -> None:
    payload: dict[str, JSON] = {"customer": customer.pk, "number": customer.number}
    record_page(customer.page, verb, by=by, now=now, payload=payload)


def _locked(customer_id: int) -> Customer:
    rows = Customer.objects.select_for_update(no_key=True, of=("self",)).select_related("page")
    customer = rows.filter(pk=customer_id).first()
    if customer is None:
        raise NotFound("There is no such customer.")
    return customer

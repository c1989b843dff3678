"""The lock that every move of a reset takes first: the reset's own row. Phases, waves and chunks come after it."""

from __future__ import annotations

from django.db import connection
from django.db.transaction import TransactionManagementError

from resets.models import Reset
from web.errors import NotFound


def locked(reset: Reset) -> Reset:
    """Lock the reset's row until the transaction ends and return it as it is now."""
    if not connection.in_atomic_block:
        raise TransactionManagementError("A move of a reset is made inside a transaction.")
    row = Reset.objects.select_for_update(no_key=True, of=("self",)).select_related("run").filter(pk=reset.pk).first()
    if row is None:
        raise NotFound("This reset does not exist.")
    return row

"""Locks of what is said in public, always in this order: public incident, update, components, publisher, ledger."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection
from django.db.transaction import TransactionManagementError

from statuspage.models import Component, PublicIncident, StatusUpdate
from web.errors import NotFound


def lock_public_incident(public_incident_id: str) -> PublicIncident:
    """Return it locked (`FOR NO KEY UPDATE`), with its page and internal incident at hand; raise `NotFound`.

    Raises `TransactionManagementError` outside a transaction, where the lock would end with the statement.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("What customers are told is changed inside a transaction.")
    rows = PublicIncident.objects.select_for_update(no_key=True, of=("self",)).select_related("page", "incident")
    found = rows.filter(pk=public_incident_id).first()
    if found is None:
        raise NotFound("There is no such public incident.")
    return found


def lock_update(update_id: str) -> StatusUpdate:
    """Return an update locked, under the lock of its public incident, which is at hand; raise `NotFound`."""
    while True:
        of = StatusUpdate.objects.filter(pk=update_id).values_list("public_incident", flat=True).first()
        if of is None:
            raise NotFound("There is no such update.")
        public = lock_public_incident(of)
        update = StatusUpdate.objects.select_for_update(no_key=True).get(pk=update_id)
        if update.public_incident_id == public.pk:  # else it moved to another one before the lock was ours
            update.public_incident = public
            return update


def lock_components(ids: Iterable[str]) -> dict[str, Component]:
    """Return components by id, locked in the order of their ids."""
    rows = Component.objects.select_for_update(no_key=True).filter(pk__in=set(ids)).order_by("pk")
    return {component.pk: component for component in rows}

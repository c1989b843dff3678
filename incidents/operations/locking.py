"""Locks of an incident and its pages, always taken in this order."""

from __future__ import annotations

from uuid import UUID

from django.db import connection
from django.db.transaction import TransactionManagementError

from incidents.models import Incident
from notifications.models import Page
from notifications.queries import OPEN_STATES
from web.errors import NotFound


def lock_incident(incident_id: UUID | str) -> Incident:
    """Return the incident, locked (`FOR NO KEY UPDATE`) until the transaction ends; raise `NotFound` without it.

    Raises `TransactionManagementError` outside a transaction, where the lock would end with the statement.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("An incident is changed inside a transaction.")
    try:
        return Incident.objects.select_for_update(no_key=True).select_related(None).get(pk=incident_id)
    except Incident.DoesNotExist as error:
        raise NotFound("There is no such incident.") from error


def lock_two(first: UUID | str, second: UUID | str) -> tuple[Incident, Incident]:
    """Return both incidents locked, in the order asked for; the locks are taken in the order of their ids."""
    locked = {str(pk): lock_incident(pk) for pk in sorted({str(first), str(second)})}
    return locked[str(first)], locked[str(second)]


def lock_open_pages(incident: Incident) -> list[Page]:
    """Return the incident's open pages, locked in the order of their ids.

    An operation that touches several pages locks them first: the ledger's head, which the first one's record takes,
    comes after every page.
    """
    pages = Page.objects.filter(subject=incident.subject, state__in=OPEN_STATES)
    return list(pages.select_for_update(no_key=True).order_by("pk"))

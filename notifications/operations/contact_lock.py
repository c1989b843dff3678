"""The lock that every change of a contact method takes first."""

from __future__ import annotations

from uuid import UUID

from django.db import connection
from django.db.transaction import TransactionManagementError
from django.utils.translation import gettext as _

from notifications.models import ContactMethod
from people.models import Person
from web.errors import NotFound


def lock_contact_method(contact_method_id: UUID | str) -> ContactMethod:
    """Return a contact method, its person's row and its own locked until the commit; raise `NotFound`.

    The person first: whether a method is somebody's last one must not change while it is asked.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("A contact method changes in one transaction with its ledger entry.")
    owner = ContactMethod.objects.filter(pk=contact_method_id).values_list("person_id", flat=True).first()
    if owner is not None:
        Person.objects.get_queryset().select_for_update(no_key=True).get(pk=owner)
    method = ContactMethod.objects.select_for_update(no_key=True).filter(pk=contact_method_id).first()
    if method is None:
        raise NotFound(_("There is no such contact method; perhaps it was removed already."))
    return method

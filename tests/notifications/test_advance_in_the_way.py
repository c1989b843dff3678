"""Somebody holds a lock that a due page needs: the others go on."""

from __future__ import annotations

import uuid

import pytest
from django.db import connection, transaction

from ledger.actor import Actor
from ledger.operations.append import append
from notifications.models import Page
from notifications.operations import advance_pages as module
from notifications.operations.advance_pages import advance_pages
from tests.builders import NOW, make_page, make_person

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_held_chain_delays_its_own_page_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOCK_WAIT", "200ms")
    held, free = f"incident:{uuid.uuid4()}", f"incident:{uuid.uuid4()}"
    for subject in (held, free):
        with transaction.atomic():
            append(subject=subject, verb="incident.noted", by=Actor.system(), now=NOW)
    slow = make_page(make_person("Otto"), subject=held)
    quick = make_page(make_person("Olga"), subject=free)
    hanging = connection.copy()
    try:
        hanging.set_autocommit(False)
        with hanging.cursor() as cursor:
            cursor.execute("SELECT 1 FROM ledger_head WHERE subject = %s FOR NO KEY UPDATE", [held])
        assert advance_pages(now=NOW) == 1
        assert Page.objects.get(pk=quick.pk).level == 1
        assert Page.objects.get(pk=slow.pk).level == 0
    finally:
        hanging.close()
    assert advance_pages(now=NOW) == 1
    assert Page.objects.get(pk=slow.pk).level == 1

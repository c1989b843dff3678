"""A reset in draft: what it may be asked for, and the generation that guards every write."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from resets.models import Reset
from resets.operations.create import GENERATIONS_FROM, create
from resets.scope.selection import selection_of
from tests.builders import NOW
from tests.resets.scope.listed import CUTOFF, make_draft, make_system
from web.errors import BadInput

pytestmark = pytest.mark.django_db


def test_the_next_generation_is_larger_than_any_before_also_after_a_rebuild() -> None:
    system = make_system()
    first, second = make_draft(system), make_draft(system)
    minutes = int((NOW - GENERATIONS_FROM).total_seconds() // 60)
    assert (first.generation, second.generation) == (minutes, minutes + 1)
    Reset.objects.all().delete()
    later = make_draft(system, now=NOW + timedelta(hours=1))
    assert later.generation > second.generation, "systems remember what an installation before this one did"
    assert later.generation * 128 < 2**31, "also in 32 bits there is room for the operations beside it"


def test_what_was_asked_for_is_what_backends_read() -> None:
    reset = make_draft(selection={"groups": ["reseller "], "logins": ["a", "b"], "canary": ["a"]})
    found = selection_of(reset)
    assert (found.set_before, found.groups, found.logins, found.hosts) == (CUTOFF, ("reseller",), ("a", "b"), ())


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"title": " "}, "title"),
        ({"cutoff": NOW + timedelta(minutes=5)}, "cutoff"),
        ({"systems": ()}, "systems"),
        ({"mode": "mail"}, "mode"),
        ({"rate": 0}, "rate"),
        ({"seal_key": "short"}, "seal_key"),
        ({"seal_key": base64.b64encode(b"x" * 31).decode()}, "seal_key"),
        ({"limits": {"wave": {"percent": 101}}}, "limits.wave"),
        ({"limits": {"phase": {}}}, "limits.phase"),
        ({"selection": {"login": ["a"]}}, "selection.login"),
        ({"selection": {"logins": "abc"}}, "selection.logins"),
    ],
)
def test_what_cannot_be_is_refused_field_by_field(given: dict[str, Any], field: str) -> None:
    systems = (make_system(),) if "systems" not in given else ()
    with pytest.raises(BadInput) as refused:
        make_draft(*systems, **({"systems": systems} | given))
    assert field in refused.value.errors
    assert not Reset.objects.exists()


def test_an_archived_system_is_refused() -> None:
    system = make_system()
    system.archived_at = NOW
    system.save()
    with pytest.raises(BadInput, match="archived"):
        make_draft(system)


def test_outside_a_transaction_nothing_is_made(transactional_db: None) -> None:
    with pytest.raises(transaction.TransactionManagementError):
        create(title="x", cutoff=CUTOFF, systems=[make_system()], by=None, now=NOW)  # type: ignore[arg-type]

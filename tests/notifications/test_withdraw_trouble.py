"""A hang-up that fails for a reason nobody foresaw comes again later and holds up no other."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from notifications.channels.registry import channel
from notifications.models import Delivery
from notifications.operations import sweep_deliveries
from tests.builders import NOW, make_person

pytestmark = pytest.mark.django_db


def test_an_unforeseen_fault_leaves_the_row_for_later(monkeypatch: pytest.MonkeyPatch) -> None:
    ada = make_person("Ada", methods=["voice"])
    method = ada.contact_methods.get()
    call = Delivery.objects.create(
        person=ada,
        contact_method=method,
        channel="voice",
        address=method.address,
        state=Delivery.State.SENT,
        provider_ref="CA1",
        not_before=NOW,
        created_at=NOW,
        withdraw_at=NOW,
    )

    def breaks(_ref: str) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(channel("voice"), "withdraw", breaks)
    withdraw = partial(sweep_deliveries._withdraw, call)
    withdraw(now=NOW)
    call.refresh_from_db()
    assert call.withdraw_at == NOW + timedelta(seconds=2)

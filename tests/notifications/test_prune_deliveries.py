"""What is older than the retention leaves; measures and pruning never read history."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from prometheus_client.core import Metric

from engine import clock, duties
from notifications.metrics import measures
from notifications.models import Attempt, Delivery, InboundReceipt, RefusedCallback, VerificationCode
from people.models import Person
from tests.builders import NOW, make_page, make_person

pytestmark = pytest.mark.django_db


def delivery(person: Person, *, at: datetime, state: str = "sent", **fields: Any) -> Delivery:
    """Store a delivery as it was at that time, with one attempt."""
    lease = at + timedelta(seconds=15) if state == "sending" else None
    made = Delivery.objects.create(
        person=person,
        kind="test",
        channel="sms",
        address="+1",
        state=state,
        lease_until=lease,
        not_before=at,
        created_at=at,
        **fields,
    )
    Attempt.objects.create(delivery=made, at=at, provider="twilio", result="accepted")
    return made


def test_old_deliveries_leave_with_their_attempts_unless_still_open(settings: Any) -> None:
    settings.DELIVERY_RETENTION_DAYS = 30
    ada = make_person("Ada")
    old = NOW - timedelta(days=31)
    gone = [delivery(ada, at=old), delivery(ada, at=old, state="failed")]
    kept = [delivery(ada, at=old, state="pending"), delivery(ada, at=NOW - timedelta(days=29))]
    assert duties.run_once("prune_deliveries", now=NOW) == len(gone)
    assert list(Delivery.objects.order_by("pk")) == kept
    assert Attempt.objects.count() == len(kept)


def test_receipts_and_codes_leave_after_days() -> None:
    ada = make_person("Ada")
    method = ada.contact_methods.all()[0]
    for age in (timedelta(hours=1), timedelta(days=3)):
        InboundReceipt.objects.create(provider="twilio", key=str(age), at=NOW - age)
        VerificationCode.objects.create(
            contact_method=method, digest="", created_at=NOW - age, expires_at=NOW - age + timedelta(minutes=10)
        )
    assert duties.run_once("prune_deliveries", now=NOW) == 2
    assert (InboundReceipt.objects.count(), VerificationCode.objects.count()) == (1, 1)


def test_measures_tell_what_waits_and_what_went(django_assert_max_num_queries: Any) -> None:
    ada = make_person("Ada")
    now = clock.now()
    make_page(ada, now=now)
    delivery(ada, at=now - timedelta(seconds=40), state="pending")
    delivery(ada, at=now, state="sending")
    delivery(ada, at=now - timedelta(hours=1))
    RefusedCallback.objects.create(provider="twilio", on=now.date(), count=3)
    with django_assert_max_num_queries(5):
        samples = _samples(measures())
    assert 40 <= samples["muster_oldest_unsent_delivery_seconds", ()] < 60
    assert samples["muster_deliveries_open", ("pending", "sms")] == 1
    assert samples["muster_deliveries_open", ("sending", "sms")] == 1
    assert samples["muster_pages_open", ("paging",)] == 1
    assert samples["muster_attempts_recent", ("sms", "accepted")] == 2, "the one of an hour ago is not recent"
    assert samples["muster_refused_callbacks_total", ("twilio",)] == 3


def test_measures_of_an_empty_house_are_zero() -> None:
    samples = _samples(measures())
    assert samples["muster_oldest_unsent_delivery_seconds", ()] == 0
    assert samples["muster_pages_open", ("paging",)] == 0


def _samples(families: Any) -> dict[tuple[str, tuple[str, ...]], float]:
    listed: list[Metric] = list(families)
    return {
        (sample.name, tuple(sample.labels.values())): sample.value for family in listed for sample in family.samples
    }

"""Delivery health in the API: how every channel and provider stands."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from django.http import HttpRequest
from pydantic import Field

from engine import clock
from notifications.delivery_health.report import WINDOWS, ChannelHealth, ProviderHealth, report
from people.api_door import admit
from people.permissions import AUDIT
from web.api import Query, Router, Schema

router = Router(tags=["deliveries"])


class HealthAsked(Schema):
    """Over which time."""

    over: Literal["hour", "day", "week"] = "day"


class ProviderHealthOut(Schema):
    """One provider of a kind of message. Counts are tries in the window; times of answers in milliseconds.

    `state`: ok, unused, watch, passed_over, not_set or gone. `failed` speaks about the provider, `refused` about an
    address, a message or a setting; `slowed` of the failed were told to come later (429). `unheard`: taken more than
    five minutes ago and no word since, where there are receipts. `pace` is messages a second over the last minute,
    `per_s` the most it is given (null: no limit).
    """

    provider: str
    state: str
    reason: str
    trouble: str
    changed_at: datetime | None
    probe_at: datetime | None
    taken: int
    failed: int
    refused: int
    slowed: int
    arrived: int
    unheard: int | None = Field(description="null where the channel has no receipts")
    percent: int | None
    median_ms: int | None
    slow_ms: int | None = Field(description="95 of 100 answers came within this")
    pace: float
    per_s: float | None


class ChannelHealthOut(Schema):
    """One kind of message: what waits to be sent, and its providers in the order in which they are tried."""

    channel: str
    due: int
    sending: int
    oldest_due_at: datetime | None
    providers: list[ProviderHealthOut]


class DeliveryHealthOut(Schema):
    """All of it at one moment."""

    since: datetime
    now: datetime
    channels: list[ChannelHealthOut]


@router.get("/delivery-health", response=DeliveryHealthOut)
def read_delivery_health(request: HttpRequest, asked: Query[HealthAsked]) -> DeliveryHealthOut:
    """How every channel and provider stands, over the last hour, day or week; for who may audit."""
    admit(request, AUDIT)
    found = report(over=WINDOWS[asked.over], now=clock.now())
    return DeliveryHealthOut(since=found.since, now=found.now, channels=[_channel_out(each) for each in found.channels])


def _channel_out(found: ChannelHealth) -> ChannelHealthOut:
    return ChannelHealthOut(
        channel=found.kind,
        due=found.waiting.due,
        sending=found.waiting.sending,
        oldest_due_at=found.waiting.oldest_at,
        providers=[_provider_out(each) for each in found.providers],
    )


def _provider_out(found: ProviderHealth) -> ProviderHealthOut:
    answers = found.answers
    return ProviderHealthOut(
        provider=found.provider,
        state=found.state,
        reason=found.reason,
        trouble=found.trouble,
        changed_at=found.changed_at,
        probe_at=found.probe_at,
        taken=answers.taken,
        failed=answers.failed,
        refused=answers.refused,
        slowed=answers.slowed,
        arrived=answers.arrived,
        unheard=answers.unheard if found.has_receipts else None,
        percent=answers.percent,
        median_ms=answers.median_ms,
        slow_ms=answers.slow_ms,
        pace=found.pace,
        per_s=found.per_s,
    )

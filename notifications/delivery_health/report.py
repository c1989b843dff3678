"""Put together how every channel and provider stands, for the screen and the API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notifications.channels.base import Channel
from notifications.channels.registry import all_carriers
from notifications.delivery_health import reads
from notifications.delivery_health.reads import Answers, Slot, Waiting
from notifications.models import Carrier
from notifications.operations.carrier_standings import rate

SLOTS: Final = 48
WINDOWS: Final = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}
WINDOW_WORDS: Final = {
    "hour": gettext_lazy("Last hour"),
    "day": gettext_lazy("Last day"),
    "week": gettext_lazy("Last week"),
}
GOOD_PERCENT: Final = 95
"""Below this a provider is shown as one to watch."""


@dataclass(frozen=True, kw_only=True)
class ProviderHealth:
    """One provider of a kind.

    `state` is "passed_over" (its breaker is open), "not_set" (`trouble` says what to set), "gone" (no longer
    installed), "watch" (it fails often, or is not heard of), "unused" (nothing in the window) or "ok". `changed_at` and
    `probe_at` are the breaker's; `per_s` is its limit, None for none; `pace` its messages a second of the last minute.
    """

    kind: str
    provider: str
    state: str
    reason: str
    trouble: str
    changed_at: datetime | None
    probe_at: datetime | None
    has_receipts: bool
    per_s: float | None
    pace: float
    answers: Answers
    slots: tuple[Slot, ...]


@dataclass(frozen=True, kw_only=True)
class ChannelHealth:
    """One kind of message with its providers in the order in which they are tried."""

    kind: str
    label: str
    icon: str
    waiting: Waiting
    providers: tuple[ProviderHealth, ...]


@dataclass(frozen=True, kw_only=True)
class Report:
    """All of it at one moment, over one window."""

    since: datetime
    now: datetime
    channels: tuple[ChannelHealth, ...]
    not_set: tuple[tuple[Channel, str], ...]
    """What could be offered besides, with what would have to be set."""


def report(*, over: timedelta, now: datetime) -> Report:
    """Return how everything stands, over the time `over` before `now`. Four reads, whatever the number of providers.

    A kind is shown where one of its providers is set up, was used in the window, or something waits for it.
    """
    since = now - over
    answered, timed = reads.answers(since=since, now=now), reads.slots(since=since, now=now, count=SLOTS)
    waits = reads.waiting(now=now)
    rows = {(row.kind, row.provider): row for row in Carrier.objects.all()}
    known = {(each.kind, each.provider): each for each in all_carriers()}
    kinds: dict[str, list[tuple[str, Channel | None]]] = {}
    for kind, provider in [*known, *(sorted(set(answered) - set(known)))]:
        kinds.setdefault(kind, []).append((provider, known.get((kind, provider))))
    shown: list[ChannelHealth] = []
    not_set: list[tuple[Channel, str]] = []
    for kind in [*kinds, *sorted(set(waits) - set(kinds))]:
        ways = kinds.get(kind, [])
        is_used = kind in waits or any((kind, provider) in answered for provider, _way in ways)
        troubles = {provider: way.trouble() if way else "" for provider, way in ways}
        if not is_used and not any(way is not None and not troubles[provider] for provider, way in ways):
            not_set.extend((way, troubles[provider]) for provider, way in ways if way is not None)
            continue
        providers = []
        for provider, way in ways:
            key = (kind, provider)
            found = _provider(
                key, way, troubles[provider], rows.get(key), answered.get(key, Answers()), tuple(timed.get(key, ()))
            )
            providers.append(found)
        first = next((way for _provider_name, way in ways if way is not None), None)
        shown.append(
            ChannelHealth(
                kind=kind,
                label=str(first.label) if first else kind,
                icon=first.icon if first else "unplugged",
                waiting=waits.get(kind, Waiting()),
                providers=tuple(providers),
            )
        )
    return Report(since=since, now=now, channels=tuple(shown), not_set=tuple(not_set))


def _provider(
    key: reads.Way, way: Channel | None, trouble: str, row: Carrier | None, answers: Answers, slots: tuple[Slot, ...]
) -> ProviderHealth:
    is_open = row is not None and row.state == Carrier.State.OPEN
    has_receipts = way is not None and way.has_receipts
    return ProviderHealth(
        kind=key[0],
        provider=key[1],
        state=_state(way, trouble, is_open=is_open, answers=answers, has_receipts=has_receipts),
        reason=row.reason if row is not None and is_open else "",
        trouble=trouble,
        changed_at=row.changed_at if row is not None else None,
        probe_at=row.probe_at if row is not None and is_open else None,
        has_receipts=has_receipts,
        per_s=rate(way) if way is not None else None,
        pace=round(answers.lately / reads.PACE_OVER.total_seconds(), 2),
        answers=answers,
        slots=slots,
    )


def _state(way: Channel | None, trouble: str, *, is_open: bool, answers: Answers, has_receipts: bool) -> str:
    if way is None:
        return "gone"
    if trouble:
        return "not_set"
    if is_open:
        return "passed_over"
    if answers.percent is None:
        return "unused"
    is_silent = has_receipts and answers.unheard > 0
    return "watch" if answers.percent < GOOD_PERCENT or is_silent else "ok"


def in_words(health: ProviderHealth) -> tuple[str, str, str]:
    """Return a provider's kind of state, icon and word."""
    words = {
        "ok": ("ok", "check", _("In use")),
        "unused": ("calm", "check", _("Ready; nothing was sent in this time")),
        "watch": ("watch", "warn", _("In use, but not everything goes well")),
        "passed_over": ("bad", "stop", _("Passed over")),
        "not_set": ("quiet", "unplugged", _("Not set up")),
        "gone": ("quiet", "unplugged", _("No longer offered")),
    }
    return words[health.state]

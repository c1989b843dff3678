"""Who can take a kind of message now: the providers in order, their breakers and their rates."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from notifications.channels.base import Channel
from notifications.channels.registry import UnknownChannel, all_carriers, carriers
from notifications.models import Carrier
from notifications.rules.breaker import Standing


@dataclass(frozen=True, kw_only=True, slots=True)
class Standings:
    """The breakers that are open, read once for many messages."""

    open: dict[tuple[str, str], Standing]

    @classmethod
    def read(cls) -> Standings:
        """Read them: a handful of rows, mostly none."""
        rows = Carrier.objects.filter(state=Carrier.State.OPEN).values_list("kind", "provider", "probe_at")
        return cls(
            open={
                (kind, provider): Standing(provider=provider, open=True, probe_at=probe_at)
                for kind, provider, probe_at in rows
            }
        )

    def of(self, kind: str) -> list[Standing]:
        """Return how the providers of `kind` stand, in the order in which they are tried; none: not installed."""
        try:
            known = carriers(kind)
        except UnknownChannel:
            return []
        return [self.open.get((kind, each.provider)) or Standing(provider=each.provider) for each in known]

    def usable(self, kind: str) -> list[str]:
        """Return the providers of `kind` whose breaker is closed, or all of them where none is."""
        every = self.of(kind)
        return [each.provider for each in every if not each.open] or [each.provider for each in every]


def rate(way: Channel) -> float | None:
    """Return how many messages a second `way` takes; None for no limit."""
    per_s = settings.CHANNEL_RATES.get((way.kind, way.provider), way.limits.per_s)
    return per_s or None


def rates(kind: str) -> dict[str, float | None]:
    """Return the rate of each provider of `kind`."""
    return {each.provider: rate(each) for each in carriers(kind)}


def paced_kinds() -> list[str]:
    """Return the kinds of message whose senders wait for their turn."""
    limited = sorted({each.kind for each in all_carriers() if rate(each) is not None})
    return [kind for kind in limited if any(per_s is not None for per_s in rates(kind).values())]

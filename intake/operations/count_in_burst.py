"""Count one more alert in its rule's storm window."""

from __future__ import annotations

from datetime import datetime

from intake.models import Burst, RoutingRule
from intake.rules.storm import Window, next_window


def count_in_burst(*, rule: RoutingRule, now: datetime) -> Burst:
    """Return the rule's burst after one more alert, its row locked until the commit: two engines count one window."""
    Burst.objects.bulk_create([Burst(rule=rule, window_started_at=now)], ignore_conflicts=True)
    burst = Burst.objects.select_for_update(no_key=True, of=("self",)).select_related("rule").get(pk=rule.pk)
    window = next_window(
        Window(burst.window_started_at, burst.count) if burst.count else None,
        now=now,
        seconds=rule.storm_seconds,
        in_storm=burst.incident_id is not None,
    )
    if window.count == 1:
        burst.incident = None
    burst.window_started_at, burst.count = window.started_at, window.count
    burst.save(update_fields=["window_started_at", "count", "incident"])
    return burst

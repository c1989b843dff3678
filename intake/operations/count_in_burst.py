"""Count alerts in their rule's storm window."""

from __future__ import annotations

from datetime import datetime

from intake.models import Burst, RoutingRule
from intake.rules.storm import Window, next_window


def count_in_burst(*, rule: RoutingRule, now: datetime, alerts: int = 1) -> Burst:
    """Return the rule's burst after `alerts` more, its row locked until the commit: two engines count one window."""
    Burst.objects.bulk_create([Burst(rule=rule, window_started_at=now)], ignore_conflicts=True)
    burst = Burst.objects.select_for_update(no_key=True, of=("self",)).select_related("rule").get(pk=rule.pk)
    window = Window(burst.window_started_at, burst.count) if burst.count else None
    for _ in range(alerts):
        in_storm = burst.incident_id is not None
        window = next_window(window, now=now, seconds=rule.storm_seconds, in_storm=in_storm)
        if window.count == 1:
            burst.incident = None
    assert window is not None  # noqa: S101  (`alerts` is at least 1)
    burst.window_started_at, burst.count = window.started_at, window.count
    burst.save(update_fields=["window_started_at", "count", "incident"])
    return burst

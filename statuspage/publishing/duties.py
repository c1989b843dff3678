"""The publisher's duties: the folder on this host, and the targets beyond it; and what the watch looks at."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Final

from engine.duties import Duty, Tick
from statuspage.models import Target
from statuspage.operations.request_publication import DUTY
from statuspage.publishing import publish
from statuspage.publishing.build import unwell
from statuspage.publishing.journal import refused
from statuspage.publishing.manifest import NEVER
from statuspage.publishing.targets.upkeep import tend

LONGEST_FAILURE_S: Final = 300.0
OLDEST_S: Final = 180.0
UNUSED_FOR_S: Final = 900.0
"""Longer than a target's sending takes, which may still read an older generation's contents."""
SWEEP_EVERY_S: Final = 300.0


class _Sweeping:
    """When this process last swept; a folder without a sweep grows by a page's front each minute."""

    last: float = float("-inf")


def publish_what_is_due(tick: Tick) -> int:
    """Publish when something is wanted or the folder is 55 s old; a second process that publishes is left alone."""
    tree = publish.folder()
    if not publish.is_due(tree, now=tick.now):
        return 0
    if publish.publish(now=tick.now) is None:
        return 0
    if time.monotonic() - _Sweeping.last > SWEEP_EVERY_S:
        _Sweeping.last = time.monotonic()
        tree.sweep(unused_for_s=UNUSED_FOR_S, now=tick.now.timestamp())
    return 1


def tend_targets(tick: Tick) -> int:
    """Have every target looked after that needs it; their threads are not waited for, so nothing is left to do."""
    tend(now=tick.now)
    return 0


def age_s(now: datetime) -> float:
    """Return how old the published folder of this host is; 0 while there is none."""
    generated_at = publish.folder().manifest().generated_at
    return 0.0 if generated_at == NEVER else (now - generated_at).total_seconds()


def longest_failure_s(now: datetime) -> float:
    """Return for how long a target has been failing."""
    failing = Target.objects.filter(enabled=True, failing_since__isnull=False).order_by("failing_since")
    since = failing.values_list("failing_since", flat=True).first()
    return (now - since).total_seconds() if since else 0.0


def refused_words(_now: datetime) -> float:
    """Return how many emergency publications could not be taken into the database."""
    return float(refused(publish.folder()))


def pages_unwell(_now: datetime) -> float:
    """Return how many pages this engine could not render the last time."""
    return float(len(unwell))


# The first publication of years of history takes a minute of a core's time, more on a busy host: it may neither count
# as late, which the folder's age tells better, nor as a hang that ends the engine.
PUBLISHER: Final = Duty(name=DUTY, run=publish_what_is_due, every_s=1.0, budget_s=900.0, late_after_s=900.0)
TARGETS: Final = Duty(name=publish.TARGETS, run=tend_targets, every_s=2.0)


def register() -> None:
    """Register duties and gauges; called when the app is ready."""
    from engine import duties, watch

    duties.register(PUBLISHER)
    duties.register(TARGETS)
    watch.register_gauge(
        "status_page_age_s",
        age_s,
        limit=OLDEST_S,
        sentence="The published status page is old: customers read what was true minutes ago. Seconds:",
    )
    watch.register_gauge(
        "status_target_failing_s",
        longest_failure_s,
        limit=LONGEST_FAILURE_S,
        sentence="A target of the status page has been failing; see Settings, Publishing targets. Seconds:",
    )
    watch.register_gauge(
        "status_journal_refused",
        refused_words,
        limit=0,
        sentence="Emergency publications could not be taken into the database; see .journal/refused in the folder.",
    )
    watch.register_gauge(
        "status_pages_unwell",
        pages_unwell,
        limit=0,
        sentence="Status pages can't be rendered and stay as they were published last; see the engine's log. Pages:",
    )

"""Jobs whose silence would go unheard, for the readiness report."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from django.urls import reverse

from incidents.readiness.finding import Finding
from incidents.rules.numbers import in_words
from intake.models import Heartbeat

KIND: Final = "heartbeat"


def check_heartbeats(now: datetime) -> Iterator[Finding]:
    """Find heartbeats that were never heard, and jobs that are late or failed."""
    for heartbeat in Heartbeat.objects.select_related("integration").exclude(state=Heartbeat.State.PAUSED):
        if heartbeat.state in (Heartbeat.State.LATE, Heartbeat.State.FAILED):
            word = "is late" if heartbeat.state == Heartbeat.State.LATE else "failed"
            since = heartbeat.last_success_at
            last = (
                f"its last success was {in_words((now - since).total_seconds())} ago" if since else "it never succeeded"
            )
            yield _finding(heartbeat, "job_in_trouble", f"{heartbeat.name} {word}; {last}.", "Look at the job.")
        elif heartbeat.last_ping_at is None:
            sentence = f"{heartbeat.name} was never heard; a wrong address shows itself only when it is late."
            yield _finding(heartbeat, "never_heard", sentence, "Let the job report once.")


def mended_at(heartbeat_id: str) -> str:
    """Return the page of a heartbeat."""
    return reverse("heartbeat", args=[heartbeat_id])


def _finding(heartbeat: Heartbeat, check: str, sentence: str, todo: str) -> Finding:
    return Finding(
        check=check, grade="advice", sentence=sentence, todo=todo, subject=f"{KIND}:{heartbeat.pk}", name=heartbeat.name
    )

"""What the engine does with feedback: a word in the room when customers report in numbers; old reports go."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db import transaction

from engine import duties
from engine.duties import Duty, Tick
from statuspage.feedback.operations.note_spike import note_spike, note_spikes
from statuspage.feedback.operations.report import forget_reports

REPORTS_KEPT_FOR: Final = timedelta(days=30)
"""Four times what they are compared with; counts that people want to keep stand in the ledger."""


def say_what_customers_report(tick: Tick) -> int:
    """Note spikes, each incident once; return how many were noted."""
    noted = 0
    for incident_id in note_spikes(tick.now):
        with transaction.atomic():
            noted += note_spike(incident_id=incident_id, now=tick.now)
    return noted


def forget(tick: Tick) -> int:
    """Remove one batch of old reports."""
    return forget_reports(before=tick.now - REPORTS_KEPT_FOR)


SIGNAL: Final = Duty(name="feedback_signal", run=say_what_customers_report, every_s=15.0, late_after_s=300.0)
TIDY: Final = Duty(name="feedback_tidy", run=forget, every_s=600.0, late_after_s=3600.0)


def register() -> None:
    """Put them before the engine, teach the timeline their sentence, put comments among the staff's screens."""
    from django.utils.translation import gettext_lazy as _

    from incidents import sentences
    from people.permissions import DRAFT_UPDATE
    from statuspage import places
    from statuspage.feedback.sentences import FEEDBACK
    from statuspage.places import Place

    duties.register(SIGNAL)
    duties.register(TIDY)
    sentences.register(FEEDBACK)
    places.register(Place(url_name="status_comments", label=_("Comments"), order=70, capability=DRAFT_UPDATE))

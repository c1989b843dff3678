"""How the room's timeline tells what customers report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _

from incidents.sentences import Said, Saying
from statuspage.feedback.operations.note_spike import VERB


def _reported(said: Said) -> str:
    counts = said.payload.get("components")
    rows = [each for each in counts if isinstance(each, Mapping)] if isinstance(counts, list) else []
    listed = ", ".join(f"{row.get('name', '')}: {row.get('affected', 0)}" for row in rows)
    return _("Customers say that they are affected, within 15 minutes: %(listed)s") % {"listed": listed}


FEEDBACK: Final[dict[str, Saying]] = {VERB: Saying(icon="people", say=_reported, tone="watch")}

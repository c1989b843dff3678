"""How states and stages are told on the page: a tone of colour, an icon and a word, never colour alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Told:
    """`tone` is a class of the stylesheet, `icon` a drawing of the page, `word` follows the language of the page."""

    tone: str
    icon: str
    word: str


def _told(tone: str, icon: str, word: object) -> Told:
    # A lazy text stands in for its translation; it becomes one where it is written out.
    return Told(tone, icon, word)  # type: ignore[arg-type]


STATUS: Final = {
    "operational": _told("ok", "check", _("Operational")),
    "under_maintenance": _told("plan", "wrench", _("Under maintenance")),
    "degraded_performance": _told("slow", "slow", _("Degraded performance")),
    "partial_outage": _told("part", "warn", _("Partial outage")),
    "major_outage": _told("out", "cross", _("Major outage")),
}
STAGE: Final = {
    "investigating": _told("out", "search", _("Investigating")),
    "identified": _told("part", "target", _("Identified")),
    "monitoring": _told("plan", "pulse", _("Monitoring")),
    "resolved": _told("ok", "check", _("Resolved")),
    "postmortem": _told("none", "note", _("Postmortem")),
    "scheduled": _told("plan", "calendar", _("Scheduled")),
    "in_progress": _told("plan", "wrench", _("In progress")),
    "verifying": _told("plan", "pulse", _("Verifying")),
    "completed": _told("ok", "check", _("Completed")),
}
CANCELLED: Final = _told("none", "cross", _("Cancelled"))
"""A maintenance that was completed without ever having begun: Statuspage has no word of its own for it."""
IMPACT: Final = {
    "none": _told("none", "note", _("No impact")),
    "minor": _told("slow", "slow", _("Minor impact")),
    "major": _told("part", "warn", _("Major impact")),
    "critical": _told("out", "cross", _("Critical impact")),
    "maintenance": _told("plan", "wrench", _("Maintenance")),
}
OVERALL: Final = {
    "All Systems Operational": _told("ok", "check", _("All systems operational")),
    "Partially Degraded Service": _told("slow", "slow", _("Partially degraded service")),
    "Degraded System Service": _told("slow", "slow", _("Degraded system service")),
    "Minor Service Outage": _told("part", "warn", _("Minor service outage")),
    "Partial System Outage": _told("part", "warn", _("Partial system outage")),
    "Major System Outage": _told("out", "cross", _("Major system outage")),
    "Service Under Maintenance": _told("plan", "wrench", _("Service under maintenance")),
}
"""Statuspage's words for the whole page, as its API says them, and how the page says them."""
INDICATOR: Final = {"none": "ok", "minor": "slow", "major": "part", "critical": "out", "maintenance": "plan"}


def overall(indicator: str, description: str) -> Told:
    """Return how the whole is told; a description that we don't know is said as it stands."""
    known = OVERALL.get(description)
    if known is not None:
        return known
    tone = INDICATOR.get(indicator, "none")
    icon = {"ok": "check", "slow": "slow", "part": "warn", "out": "cross", "plan": "wrench"}.get(tone, "note")
    return Told(tone, icon, description)

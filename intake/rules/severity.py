"""Tools' own words for how bad it is, in the four that PagerDuty's events have."""

from __future__ import annotations

from typing import Final

SEVERITY_OF: Final = {
    **dict.fromkeys(("critical", "crit", "page", "disaster", "emergency", "emerg", "fatal", "urgent"), "critical"),
    **dict.fromkeys(("blocker", "panic", "p1", "sev1", "severity1"), "critical"),
    **dict.fromkeys(("error", "err", "high", "major", "p2", "sev2", "severity2"), "error"),
    **dict.fromkeys(("warning", "warn", "minor", "medium", "average", "moderate"), "warning"),
    **dict.fromkeys(("p3", "sev3", "severity3"), "warning"),
    **dict.fromkeys(("info", "information", "informational", "notice", "none", "low", "debug"), "info"),
    **dict.fromkeys(("p4", "p5", "sev4", "sev5", "severity4", "not classified"), "info"),
}
USUAL: Final = "error"
"""What an event weighs that does not say: somebody looks."""

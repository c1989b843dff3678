"""Which word may follow which, and what each says of the components; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

OPERATIONAL: Final = "operational"

_UNRESOLVED: Final = ("investigating", "identified", "monitoring")
FOLLOWING: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(_UNRESOLVED, (*_UNRESOLVED, "resolved")),
    "resolved": ("resolved", "postmortem", *_UNRESOLVED),  # back: the trouble has returned
    "postmortem": ("postmortem",),
    "scheduled": ("scheduled", "in_progress", "verifying", "completed"),
    "in_progress": ("in_progress", "verifying", "completed"),
    "verifying": ("verifying", "in_progress", "completed"),
    "completed": ("completed",),
}
FIRST_OF_INCIDENT: Final = ("investigating", "identified", "monitoring", "resolved")
FIRST_OF_MAINTENANCE: Final = ("scheduled", "in_progress")
ENDED: Final = ("resolved", "postmortem", "completed")
RUNNING: Final = ("in_progress", "verifying")


def may_follow(*, stage: str, current: str, published: bool, maintenance: bool) -> bool:
    """Tell whether an update of `stage` may come now; `current` counts only once something was `published`."""
    if published:
        return stage in FOLLOWING[current]
    return stage in (FIRST_OF_MAINTENANCE if maintenance else FIRST_OF_INCIDENT)


def implied_statuses(*, stage: str, before: str, affected: Mapping[str, str], planned: bool) -> dict[str, str]:
    """Return what a stage says of components that its update does not name: component to status.

    `affected` is what the incident said of each so far. The end of an incident, or of a maintenance that ran, lets
    every one recover. A maintenance that starts (`planned`: `affected` is what they will be) makes them so.
    """
    if stage in ENDED and before not in ("scheduled", *ENDED):
        return {component: OPERATIONAL for component, status in affected.items() if status != OPERATIONAL}
    if planned and stage in RUNNING and before == "scheduled":
        return dict(affected)
    return {}

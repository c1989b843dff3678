"""How heavily an alert's own severity weighs where no incident gives one."""

from __future__ import annotations

from typing import Final, Literal

_SEV: Final = {"critical": 2, "error": 3, "warning": 4, "info": 4}
_WAKES: Final = ("critical", "error")


def page_severity(severity: str) -> int:
    """Return 2 to 4: the order in which its page is sent among others."""
    return _SEV.get(severity, 3)


def page_urgency(severity: str) -> Literal["high", "low"]:
    """Return high for what may wake people: critical and error."""
    return "high" if severity in _WAKES else "low"

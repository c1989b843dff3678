"""What people call the roles of an incident; pure."""

from __future__ import annotations

import re
from typing import Final

_FULL: Final = {
    "incident commander": "commander",
    "ic": "commander",
    "deputy commander": "deputy",
    "operations lead": "operations",
    "communications lead": "communications",
    "executive sponsor": "sponsor",
}
_BETWEEN: Final = re.compile(r"[\s_-]+")


def role_named(name: str) -> str:
    """Return the role that `name` means: its own ("operations") or its full one as in "Operations lead",
    "operations_lead" or "IC". What means none is returned as it is."""
    return _FULL.get(_BETWEEN.sub(" ", name.strip()).lower(), name.strip().lower())

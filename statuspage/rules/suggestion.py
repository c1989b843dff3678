"""What an incident's severity suggests of the components of its service; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

BY_SEVERITY: Final[Mapping[int, str]] = {
    1: "major_outage",
    2: "partial_outage",
    3: "degraded_performance",
    4: "operational",
}
"""SEV1 means that most customers are without the service, SEV4 that none notices; a person confirms or corrects it."""

HOLDING: Final = "degraded_performance"
"""What Muster itself says while nobody has confirmed anything: the mildest state that is not "operational". It does not
count against uptime, and the page no longer claims that all is well."""


def suggested_status(severity: int) -> str:
    """Return the component state that an incident of this severity suggests."""
    return BY_SEVERITY[severity]

"""What steps there are. Apart from the document, so that tables need no more than these words."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What a step is."""

    MANUAL = "manual"
    PAUSE_POINT = "pause_point"
    APPROVAL = "approval"
    PAGE = "page"
    STATUS_UPDATE = "status_update"
    WAIT = "wait"
    AUTOMATION = "automation"
    VERIFY = "verify"
    DECISION = "decision"
    SUB_PLAN = "sub_plan"
    END = "end"

"""One thing that the report found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Grade = Literal["broken", "weak", "advice"]
GRADES: Final[tuple[Grade, ...]] = ("broken", "weak", "advice")
"""broken: somebody would not be reached. weak: one failure more and they would not be. advice: it could be better."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What is wrong, what to do, and with what it is mended.

    `subject` names the row to open ("person:<id>", "schedule:<id>", "policy:<id>", "tier:<key>", "service:<key>",
    "severity:<n>", "channel:<kind>", or of a kind that a floor above registered); `name` is what people call it.
    `check` names the kind of finding.
    """

    check: str
    grade: Grade
    sentence: str
    todo: str
    subject: str
    name: str

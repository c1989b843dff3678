"""When and as which publication a file was made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Stamp:
    """`generated_at` is when what the files show was read; `generation` counts publications up."""

    generated_at: datetime
    generation: int

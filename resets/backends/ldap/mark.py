"""What an entry remembers of a reset: `muster-reset:<generation>:<operations>:<way>:<flags>` in one value."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

PREFIX: Final = "muster-reset:"
LAST_WORD_ON_THE_PASSWORD: Final = ("lock", "rotate", "set_password")
FORM: Final = re.compile(r"muster-reset:(\d{1,18}):([a-z_+]*):([a-z]*):([a-z_]*)")
DISABLED_BEFORE: Final = "disabled_before"


@dataclass(frozen=True, slots=True)
class Mark:
    """The reset that an account went through last, its operations in their order, and by what it disabled the account.

    `disabled_before`: somebody else had disabled it, so that enabling it is not ours to do.
    """

    generation: int = 0
    done: tuple[str, ...] = ()
    way: str = ""
    disabled_before: bool = False

    def __str__(self) -> str:
        flags = DISABLED_BEFORE if self.disabled_before else ""
        return f"{PREFIX}{self.generation}:{'+'.join(self.done)}:{self.way}:{flags}"

    @property
    def keeps_disabled(self) -> bool:
        """Return whether the account is disabled by a reset, and by nothing else."""
        return "disable" in self.done and "enable" not in self.done and not self.disabled_before

    @property
    def last_on_password(self) -> str:
        """Return which operation wrote the password last, "" when none did."""
        return next((each for each in reversed(self.done) if each in LAST_WORD_ON_THE_PASSWORD), "")

    def has(self, operation: str, generation: int) -> bool:
        """Return whether the account had this operation of this reset (or one of a later reset)."""
        return self.generation > generation or (self.generation == generation and operation in self.done)

    def after(self, operation: str, generation: int) -> Mark:
        """Return the mark once the operation is done; the first of a new reset begins anew."""
        if generation == self.generation:
            return replace(self, done=(*(each for each in self.done if each != operation), operation))
        kept = self if self.keeps_disabled or (self.disabled_before and "enable" not in self.done) else Mark()
        done = tuple(each for each in ("disable",) if each in kept.done)
        return replace(kept, generation=generation, done=(*(each for each in done if each != operation), operation))


def read_mark(values: list[str]) -> tuple[Mark, list[str]]:
    """Return the newest mark among an attribute's values, and all values that are marks."""
    ours = [value for value in values if value.startswith(PREFIX)]
    found = [match for value in ours if (match := FORM.fullmatch(value))]
    marks = [
        Mark(int(each[1]), tuple(each[2].split("+")) if each[2] else (), each[3], each[4] == DISABLED_BEFORE)
        for each in found
    ]
    return max(marks, key=lambda mark: mark.generation, default=Mark()), ours

"""What a plan says when it calls a reset."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import AwareDatetime, BeforeValidator, Field, StringConstraints, model_validator

from eap.actions.base import Inputs
from eap.format.document import Limits

Do = Literal[
    "prepare", "freeze", "dry_run", "seal", "disable", "lock", "rotate", "revoke", "verify", "draft_notice",
    "notify", "enable", "destroy_seals", "report",
]  # fmt: skip
PHASES: Final = ("seal", "disable", "lock", "rotate", "revoke", "enable")
ALL: Final = "all"
NONE: Final = "none"
"""A plan's input can't be empty, so these words say it."""
THROUGH: Final = {"canary": 0, "first": 1, "one_percent": 2, "ten_percent": 3, "all": 4}


def _words(given: Any) -> Any:
    """A plan's input is one text: words parted by commas, spaces or lines. "all" and "none" alone narrow nothing."""
    if not isinstance(given, str):
        return given
    words = tuple(given.replace(",", " ").split())
    return () if words in ((ALL,), (NONE,)) else words


def _key(given: Any) -> Any:
    return "" if given == NONE else given


Words = Annotated[tuple[Annotated[str, StringConstraints(max_length=254)], ...], BeforeValidator(_words)]


class ResetInputs(Inputs):
    """What to `do`. `prepare` makes the reset of this run: `cutoff`, and whom it covers (`systems` by key, all where
    none is named; `hosts`, `groups`, `plans`, `logins` narrow down; `canary` goes first). The others go on with it:
    `freeze`, `dry_run`, then phases through a wave (`through`; `enable` with `take_back` for a false alarm), `verify`
    (`sample` accounts per system beside the canary), `draft_notice`, `notify`, `destroy_seals`, `report`. Lists may be
    texts with commas or spaces, or one of the words all and none."""

    do: Do
    through: Literal["canary", "first", "one_percent", "ten_percent", "all"] = "all"
    title: Annotated[str, StringConstraints(max_length=200)] = ""
    cutoff: AwareDatetime | None = None
    systems: Words = ()
    hosts: Words = ()
    groups: Words = ()
    plans: Words = ()
    logins: Words = ()
    canary: Words = ()
    mode: Literal["self_set", "scramble"] = "self_set"
    seal_key: Annotated[str, StringConstraints(max_length=64), BeforeValidator(_key)] = ""
    wave_limits: Limits = Limits()
    total_limits: Limits = Limits()
    rate: Annotated[int, Field(ge=1)] | None = None
    take_back: bool = False
    sample: Annotated[int, Field(ge=1, le=20_000)] = 400

    @model_validator(mode="after")
    def _says_when(self) -> ResetInputs:
        if self.do == "prepare" and self.cutoff is None:
            raise ValueError("Say the `cutoff`: passwords set before it count as stolen.")
        return self

    @property
    def wave(self) -> int:
        """Return the number of the wave that `through` names."""
        return THROUGH[self.through]

    @property
    def when(self) -> datetime:
        """Return the cutoff of a reset that is prepared."""
        assert self.cutoff is not None  # noqa: S101  (validated)
        return self.cutoff

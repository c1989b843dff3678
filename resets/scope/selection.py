"""What a reset was asked to cover, as it is kept and as backends read it."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from resets.backends.base import Selection
from resets.models import Reset
from web.errors import BadInput

MOST_LOGINS = 100_000
Word = Annotated[str, StringConstraints(min_length=1, max_length=254, strip_whitespace=True)]


class Asked(BaseModel):
    """The selection of a reset: lists narrow down, an empty one narrows nothing. `canary`: logins that go first."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    hosts: Annotated[tuple[Word, ...], Field(max_length=10_000)] = ()
    groups: Annotated[tuple[Word, ...], Field(max_length=1_000)] = ()
    plans: Annotated[tuple[Word, ...], Field(max_length=1_000)] = ()
    logins: Annotated[tuple[Word, ...], Field(max_length=MOST_LOGINS)] = ()
    canary: Annotated[tuple[Word, ...], Field(max_length=10_000)] = ()


def read_selection(given: object) -> Asked:
    """Return the selection from plain data; raises `BadInput` with a sentence per list."""
    try:
        return Asked.model_validate(given or {})
    except ValidationError as invalid:
        errors = {
            f"selection.{'.'.join(map(str, error['loc']))}": f"{error['msg']}."
            for error in invalid.errors(include_url=False)
        }
        raise BadInput("The selection can't be used. " + " ".join(errors.values()), errors=errors) from None


def selection_of(reset: Reset) -> Selection:
    """Return what backends are asked for."""
    asked = read_selection(reset.selection)
    return Selection(
        set_before=reset.cutoff, hosts=asked.hosts, groups=asked.groups, plans=asked.plans, logins=asked.logins
    )

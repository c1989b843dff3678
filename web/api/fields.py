"""What calls take: objects, and kinds of fields."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, StringConstraints
from pydantic_core import PydanticCustomError

LONGEST_TEXT: Final = 20_000
LONGEST_NAME: Final = 254
YEARS: Final = range(1970, 2200)
"""Times at the very ends of the calendar can't be told in every zone."""
_BLANK_FOR_PLUS: Final = re.compile(r"(?<=[\d.]) (?=\d\d:?\d\d$)")


def _storable(text: str) -> str:
    if "\0" in text:
        raise PydanticCustomError("nul", "Leave the NUL character out; nothing can store it.")
    return text


def _with_plus(value: Any) -> Any:
    # In a query "+" means a blank, and hardly anybody escapes the one of an offset.
    return _BLANK_FOR_PLUS.sub("+", value) if isinstance(value, str) else value


def _within_reach(moment: datetime) -> datetime:
    if moment.year not in YEARS:
        raise PydanticCustomError("out_of_reach", f"Give a time between {YEARS.start} and {YEARS.stop - 1}.")
    return moment


Text = Annotated[str, StringConstraints(max_length=LONGEST_TEXT), AfterValidator(_storable)]
"""What a person writes."""
Name = Annotated[str, StringConstraints(max_length=LONGEST_NAME, strip_whitespace=True), AfterValidator(_storable)]
"""What names a thing: an id, a key, an e-mail address."""
Moment = Annotated[AwareDatetime, BeforeValidator(_with_plus), AfterValidator(_within_reach)]
"""ISO 8601 with offset, in a year from 1970 to 2199."""


class Given(BaseModel):
    """The body of a call: a JSON object. Ninja's own schema reads attributes too, and text has one called `title`."""

"""What calls take: objects, and kinds of fields."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, StringConstraints
from pydantic_core import PydanticCustomError

LONGEST_TEXT: Final = 20_000
LONGEST_NAME: Final = 254
_BLANK_FOR_PLUS: Final = re.compile(r"(?<=[\d.]) (?=\d\d:?\d\d$)")


def _storable(text: str) -> str:
    if "\0" in text:
        raise PydanticCustomError("nul", "Leave the NUL character out; nothing can store it.")
    return text


def _with_plus(value: Any) -> Any:
    # In a query "+" means a blank, and hardly anybody escapes the one of an offset.
    return _BLANK_FOR_PLUS.sub("+", value) if isinstance(value, str) else value


Text = Annotated[str, StringConstraints(max_length=LONGEST_TEXT), AfterValidator(_storable)]
"""What a person writes."""
Name = Annotated[str, StringConstraints(max_length=LONGEST_NAME, strip_whitespace=True), AfterValidator(_storable)]
"""What names a thing: an id, a key, an e-mail address."""
Moment = Annotated[AwareDatetime, BeforeValidator(_with_plus)]
"""ISO 8601 with offset."""


class Given(BaseModel):
    """The body of a call: a JSON object. Ninja's own schema reads attributes too, and text has one called `title`."""

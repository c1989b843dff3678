"""What calls of the API may give."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import TypeAdapter, ValidationError

from web.api.fields import Moment


@pytest.mark.parametrize(
    "given", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1969-12-31T23:59:59Z", "2026-11-22T10:00:00"]
)
def test_a_time_that_some_zone_cannot_tell_is_refused(given: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Moment).validate_python(given)


def test_a_blank_for_the_plus_of_an_offset_is_understood() -> None:
    told = TypeAdapter(Moment).validate_python("2026-11-22T10:00:00 01:00")
    assert told == datetime(2026, 11, 22, 9, tzinfo=UTC)

"""The form that an input's text must have: regular expressions that can't be made to run for ever."""

from __future__ import annotations

from functools import lru_cache

from pydantic_core import SchemaError, SchemaValidator, ValidationError, core_schema


def is_pattern(pattern: str) -> bool:
    """Tell whether this is a regular expression of the kind that plans may use."""
    try:
        _validator(pattern)
    except SchemaError:
        return False
    return True


def fits(pattern: str, text: str) -> bool:
    """Tell whether the whole text has this form, in a time that grows with its length and no faster.

    False for what is no pattern of ours, so that nothing gets past a form that can't be read.
    """
    try:
        _validator(pattern).validate_python(text)
    except (SchemaError, ValidationError):
        return False
    return True


@lru_cache(maxsize=256)
def _validator(pattern: str) -> SchemaValidator:
    _built(pattern)  # alone too: `a)(b` is a pattern only within our brackets
    return _built(f"^(?:{pattern})$")


def _built(pattern: str) -> SchemaValidator:
    # This engine never goes back; Python's takes centuries for `(a+)+b` and a line of a's.
    return SchemaValidator(core_schema.str_schema(pattern=pattern, regex_engine="rust-regex"))

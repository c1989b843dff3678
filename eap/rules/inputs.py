"""Check what a run is told against what its plan asks for; pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final

from eap.format.document import Input
from eap.format.patterns import fits
from intake.rules.text import storable

LONGEST_TEXT: Final = 10_000
LONGEST_SHOWN: Final = 60
MOST_HOSTS: Final = 10_000
MOST_DIGITS: Final = 15
_TRUE: Final = frozenset({"true", "yes", "on", "1"})
_FALSE: Final = frozenset({"false", "no", "off", "0", ""})


@dataclass
class Checked:
    """Inputs as a run keeps them: JSON values, secret ones apart, and a sentence for each that can't be used."""

    plain: dict[str, Any] = field(default_factory=dict)
    secret: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


class Unusable(ValueError):
    """The value can't be used; the text is the sentence."""


def checked_inputs(asked: Mapping[str, Input], given: Mapping[str, Any], *, partly: bool = False) -> Checked:
    """Return every input that is asked for, checked, defaults filled in. Text is read as its type says, so forms and
    command lines can give everything as text. `partly`: those that are missing come later, and nothing is filled in."""
    found = Checked()
    for name in given:
        if name not in asked:
            found.errors[name] = f"This plan has no input {name!r}."
    for name, wanted in asked.items():
        value = given.get(name)
        if _is_missing(value) and not partly:
            value = wanted.default
        if _is_missing(value):
            if not partly:
                _leave_out(found, name, wanted)
            continue
        try:
            read = _kept(_READ[wanted.type](value, wanted))
        except Unusable as error:
            found.errors[name] = f"{wanted.title}: {error}"
            continue
        if wanted.type == "secret":
            found.secret[name] = read
        else:
            found.plain[name] = read
    return found


def _is_missing(value: Any) -> bool:
    return value is None or value in ("", [])


def _leave_out(found: Checked, name: str, wanted: Input) -> None:
    if wanted.required and wanted.type != "boolean":
        found.errors[name] = f"{wanted.title} is needed."
    elif wanted.type != "secret":
        found.plain[name] = False if wanted.type == "boolean" else None


def _kept(read: Any) -> Any:
    """Return a value that a database can keep: JSON can say a NUL and half a character, and no column can."""
    for text in read if isinstance(read, list) else [read]:
        if isinstance(text, str) and "\0" in text:
            raise Unusable("leave the NUL character out; nothing can store it.")
        if storable(text) != text:
            raise Unusable("it holds half a character (a lone surrogate); send it as valid Unicode.")
    return read


def _text(value: Any, wanted: Input) -> str:
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        raise Unusable("write a text.")
    text = str(value).strip()
    if len(text) > LONGEST_TEXT:
        raise Unusable(f"at most {LONGEST_TEXT} characters.")
    if wanted.pattern and not fits(wanted.pattern, text):
        raise Unusable(f"“{text[:LONGEST_SHOWN]}” does not have the form that is asked for ({wanted.pattern}).")
    return text


def _secret(value: Any, wanted: Input) -> str:
    if not isinstance(value, str):
        raise Unusable("write a text.")
    if wanted.pattern and not fits(wanted.pattern, value):
        raise Unusable("it does not have the form that is asked for.")
    if len(value) < 6:
        raise Unusable("at least 6 characters, so that it can be kept out of logs.")
    return value


def _number(value: Any, wanted: Input) -> int | float:
    text = str(value).strip()
    if isinstance(value, bool) or not re.fullmatch(r"-?\d{1,15}(\.\d{1,15})?", text):
        raise Unusable(f"“{text[:LONGEST_SHOWN]}” is not a number.")
    number = float(text) if "." in text else int(text)
    if wanted.minimum is not None and number < wanted.minimum:
        raise Unusable(f"at least {wanted.minimum:g}.")
    if wanted.maximum is not None and number > wanted.maximum:
        raise Unusable(f"at most {wanted.maximum:g}.")
    return int(number) if number == int(number) else number


def _boolean(value: Any, _wanted: Input) -> bool:
    word = str(value).strip().lower()
    if word not in _TRUE | _FALSE:
        raise Unusable("say true or false.")
    return word in _TRUE


def _date(value: Any, _wanted: Input) -> str:
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise Unusable("write a date such as 2026-11-22.") from None


def _datetime(value: Any, _wanted: Input) -> str:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        raise Unusable("write a time such as 2026-11-22T03:00+00:00.") from None
    if moment.tzinfo is None:
        raise Unusable("say the offset too, such as 2026-11-22T03:00+00:00.")
    try:
        return moment.astimezone(UTC).isoformat()
    except OverflowError:
        raise Unusable("write a time that is within the calendar.") from None


def _choice(value: Any, wanted: Input) -> str:
    if str(value) not in wanted.options:
        raise Unusable(f"choose one of {', '.join(wanted.options)}.")
    return str(value)


def _hosts(value: Any, _wanted: Input) -> list[str]:
    words = value if isinstance(value, list | tuple) else re.split(r"[\s,]+", value if isinstance(value, str) else "")
    if not all(isinstance(word, str | int) for word in words):
        raise Unusable("write names, in a list or with commas between them.")
    names = list(dict.fromkeys(str(word).strip() for word in words if str(word).strip()))
    if not names:
        raise Unusable("name a host or a group of the inventory.")
    if len(names) > MOST_HOSTS or any(len(name) > 200 for name in names):
        raise Unusable(f"at most {MOST_HOSTS} names of 200 characters.")
    return names


_READ: Final[Mapping[str, Callable[[Any, Input], Any]]] = {
    "text": _text,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
    "choice": _choice,
    "secret": _secret,
    "hosts": _hosts,
}

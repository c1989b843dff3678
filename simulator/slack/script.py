"""What Slack's methods do wrong, as told by PUT /api/slack/script."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from simulator.script import WrongBehaviour


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """What a method does instead of answering well.

    error: `ok: false` with this code. http: this status (429 carries Retry-After: retry_after_s). hang_s: the answer is
    held back so long. cut: the connection is cut instead of an answer. done: it is done all the same. count: so many
    times, then it is well again; 0 for ever.
    """

    error: str = ""
    http: int = 0
    retry_after_s: int = 1
    hang_s: float = 0.0
    cut: bool = False
    done: bool = False
    count: int = 0


NONE = Trouble(done=True)


class SlackScript:
    """Troubles by method; `*` is every method that has none of its own."""

    def __init__(self) -> None:
        self._troubles: dict[str, Trouble] = {}

    def put(self, given: object) -> None:
        """Sets the trouble of each method named; null forgets one, an empty object all. Raises WrongBehaviour."""
        if not isinstance(given, Mapping):
            raise WrongBehaviour("The script is an object: method → trouble.")
        parsed = {str(name): None if told is None else _parse(str(name), told) for name, told in given.items()}
        if not parsed:
            self._troubles.clear()
        for name, trouble in parsed.items():
            if trouble is None:
                self._troubles.pop(name, None)
            else:
                self._troubles[name] = trouble

    def clear(self) -> None:
        self._troubles.clear()

    def public(self) -> dict[str, Any]:
        plain = Trouble()
        return {
            method: {name: value for name, value in vars(trouble).items() if value != getattr(plain, name)}
            for method, trouble in self._troubles.items()
        }

    def take(self, method: str) -> Trouble:
        """What the method does this time; uses up one of a limited count."""
        key = method if method in self._troubles else "*"
        trouble = self._troubles.get(key)
        if trouble is None:
            return NONE
        if trouble.count == 1:
            del self._troubles[key]
        elif trouble.count > 1:
            self._troubles[key] = replace(trouble, count=trouble.count - 1)
        return trouble


def _parse(method: str, told: object) -> Trouble:
    if not isinstance(told, Mapping):
        raise WrongBehaviour(f'{method}: a trouble is an object such as {{"error": "fatal_error"}}.')
    kinds: dict[str, type] = {"error": str, "http": int, "retry_after_s": int, "cut": bool, "done": bool, "count": int}
    given: dict[str, Any] = {}
    for name, value in told.items():
        if name == "hang_s" and isinstance(value, (int, float)) and not isinstance(value, bool):
            given[name] = float(value)
        elif name in kinds and type(value) is kinds[name]:
            given[name] = value
        else:
            raise WrongBehaviour(f"{method}: {name!r} can't be {value!r}; known are {', '.join([*kinds, 'hang_s'])}.")
    return Trouble(**given)

"""What numbers, addresses and webhooks do when something reaches them, as told by PUT /api/script."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

CALLBACK_MANNERS = frozenset({"late", "doubled", "reordered", "dropped"})
FLAGS = frozenset({"answer", "voicemail", "busy", "no_answer"})


class WrongBehaviour(Exception):
    """The script can't be understood; the message names the number and the field."""


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """What happens at one number (or mail address, or `hook:name`). Seconds throughout.

    answer: True picks up and presses nothing; a string is pressed key by key ("1", "31"; `w` lets one question pass);
        so are the `digits` of an object, as POST …/answer takes it.
    talk_s: how long they stay in a conference, or with whom they are put through.
    delay_s: rings that long before it acts; for a message, the time until it is delivered; for mail, until it is taken.
    http: status of the provider's answer, or a list used up one by one (200 in a list: accepted); `code` is the
        Twilio error code with it (default by status), `retry_after_s` its Retry-After header.
    hang_s: the answer is held back that long. The call or message is made all the same, unless `http` refuses it:
        the customer can't know which.
    disconnect: "before" cuts the connection and nothing is made; "after" makes it and cuts.
    voicemail, busy, no_answer, failed: how the call goes on; failed takes a SIP code (True: 404).
    undelivered, message_failed: a message ends so, with this error code.
    reply: text that is sent back when a message was delivered, after reply_after_s.
    callbacks: manners of the status callbacks: late (by callback_delay_s), doubled, reordered, dropped.
    smtp: 451, 550 or a list used up one by one (250: taken).
    count: applies to that many calls, messages or mails, then is gone.
    """

    answer: bool | str = False
    talk_s: float = 0.0
    delay_s: float | None = None
    http: tuple[int, ...] = ()
    http_always: bool = False
    code: int | None = None
    retry_after_s: int | None = None
    hang_s: float = 0.0
    disconnect: str = ""
    voicemail: bool = False
    busy: bool = False
    no_answer: bool = False
    failed: int = 0
    undelivered: int = 0
    message_failed: int = 0
    reply: str = ""
    reply_after_s: float = 0.3
    callbacks: frozenset[str] = frozenset()
    callback_delay_s: float = 2.0
    smtp: tuple[int, ...] = ()
    smtp_always: bool = False
    count: int | None = None

    def public(self) -> dict[str, Any]:
        """The fields that differ from an unscripted number, in the form PUT takes."""
        plain = Behaviour()
        shown = {name: value for name, value in asdict(self).items() if value != getattr(plain, name)}
        for name in ("http", "smtp"):
            always = shown.pop(f"{name}_always", False)
            if name in shown:
                shown[name] = shown[name][0] if always else list(shown[name])
        if "callbacks" in shown:
            shown["callbacks"] = sorted(shown["callbacks"])
        return shown


UNSCRIPTED = Behaviour()


class Script:
    """Behaviours by number. `*` is every number that has none of its own (not mail addresses and webhooks)."""

    def __init__(self) -> None:
        self._behaviours: dict[str, Behaviour] = {}

    def put(self, script: object) -> None:
        """Sets the behaviour of each number named, leaves the others; null forgets one, an empty object all.

        Raises WrongBehaviour, and then nothing has changed.
        """
        if not isinstance(script, Mapping):
            raise WrongBehaviour("The script is an object: number → behaviour.")
        parsed = {_subject(key): None if value is None else parse(key, value) for key, value in script.items()}
        if not parsed:
            self._behaviours.clear()
        for key, behaviour in parsed.items():
            if behaviour is None:
                self._behaviours.pop(key, None)
            else:
                self._behaviours[key] = behaviour

    def clear(self) -> None:
        self._behaviours.clear()

    def public(self) -> dict[str, Any]:
        return {key: behaviour.public() for key, behaviour in self._behaviours.items()}

    def take(self, subject: str) -> Behaviour:
        """What the subject does this time. Uses up one of a limited count and one of each list.

        The first status of a list stands in `http[0]` (or `smtp[0]`) of the returned behaviour.
        """
        wild = "" if "@" in subject or subject.startswith("hook:") else "*"
        key = subject if subject in self._behaviours else wild
        behaviour = self._behaviours.get(key)
        if behaviour is None:
            return UNSCRIPTED
        left = replace(
            behaviour,
            http=behaviour.http if behaviour.http_always else behaviour.http[1:],
            smtp=behaviour.smtp if behaviour.smtp_always else behaviour.smtp[1:],
            count=None if behaviour.count is None else behaviour.count - 1,
        )
        used_up = left.count == 0 or (left == UNSCRIPTED and behaviour != UNSCRIPTED)
        if used_up:
            del self._behaviours[key]
        else:
            self._behaviours[key] = left
        return behaviour


def _subject(key: object) -> str:
    subject = str(key).strip()
    if "@" in subject:
        return subject.lower()
    if subject == "*" or subject.startswith(("+", "hook:")):
        return subject
    raise WrongBehaviour(f"{subject!r} is no number (+…), no mail address, no hook:name and not *.")


def parse(subject: object, fields: object) -> Behaviour:
    """The behaviour from JSON; the name of a flag alone ("busy") means that it is set. Raises WrongBehaviour with
    subject and field."""
    if isinstance(fields, str) and fields in FLAGS:
        fields = {fields: True}
    if not isinstance(fields, Mapping):
        raise WrongBehaviour(f'{subject}: a behaviour is an object such as {{"answer": "1"}}.')
    told: dict[str, Any] = {}
    for name, value in fields.items():
        reader = READERS.get(str(name))
        if reader is None:
            raise WrongBehaviour(f"{subject}: nothing is called {name!r}; known are {', '.join(sorted(READERS))}.")
        try:
            told[str(name)] = reader(value)
        except (TypeError, ValueError) as error:
            raise WrongBehaviour(f"{subject}: {name} can't be {value!r}: {error}") from error
    for name in ("http", "smtp"):
        if name in told:
            told[f"{name}_always"] = not isinstance(fields[name], list)
    return Behaviour(**told)


def _answer(value: object) -> bool | str:
    if isinstance(value, Mapping) and set(value) <= {"digits"}:
        value = value.get("digits") or True
    if isinstance(value, bool):
        return value
    digits = str(value)
    if not digits or set(digits) - set("0123456789*#w"):
        raise ValueError("true, or keys out of 0-9 * # w")
    return digits


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 3600:
        raise ValueError("seconds from 0 to 3600")
    return float(value)


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError("true or false")
    return value


def _whole(low: int, high: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return value

    return read


def _default_when_true(default: int, low: int, high: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        return (default if value else 0) if isinstance(value, bool) else _whole(low, high)(value)

    return read


def _statuses(value: object) -> tuple[int, ...]:
    given = value if isinstance(value, list) else [value]
    return tuple(_whole(200, 599)(status) for status in given)


def _manners(value: object) -> frozenset[str]:
    manners = frozenset([value] if isinstance(value, str) else [str(item) for item in list(value)])  # type: ignore[call-overload]
    if manners - CALLBACK_MANNERS:
        raise ValueError(f"out of {', '.join(sorted(CALLBACK_MANNERS))}")
    return manners


def _moment_of_cut(value: object) -> str:
    if value not in {"before", "after"}:
        raise ValueError('"before" or "after"')
    return str(value)


READERS: dict[str, Callable[[object], object]] = {
    "answer": _answer,
    "talk_s": _seconds,
    "delay_s": _seconds,
    "http": _statuses,
    "code": _whole(1, 99_999),
    "retry_after_s": _whole(0, 3600),
    "hang_s": _seconds,
    "disconnect": _moment_of_cut,
    "voicemail": _flag,
    "busy": _flag,
    "no_answer": _flag,
    "failed": _default_when_true(404, 400, 699),
    "undelivered": _default_when_true(30003, 1, 99_999),
    "message_failed": _default_when_true(30008, 1, 99_999),
    "reply": str,
    "reply_after_s": _seconds,
    "callbacks": _manners,
    "callback_delay_s": _seconds,
    "smtp": _statuses,
    "count": _whole(1, 1_000_000),
}

"""What the ssh and the script action share: a command's inputs and how its end is read."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from eap.actions.base import Inputs, Preview, Result, Surroundings, Trouble, Unknown
from eap.actions.output import Output
from eap.actions.processes import NO_FOLDER, STARTED_BEFORE
from eap.actions.texts import without_secrets


def as_text(value: object) -> object:
    """Write a number, a truth value or a moment as a word, because inputs keep their own kinds."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, int | float) else value


Word = Annotated[str, BeforeValidator(as_text), StringConstraints(max_length=4_000), AfterValidator(without_secrets)]
Words = Annotated[tuple[Word, ...], Field(max_length=200)]


class Command(Inputs):
    """What a command may do besides running: `dry_run` says what would happen, `verify` whether it did, `undo` takes it
    back. `stdin` may hold secrets. `done_when` are the exit codes that count as success. `repeatable`: running it twice
    comes to the same, so nobody is asked before it is repeated after a crash."""

    stdin: Annotated[str, StringConstraints(max_length=100_000)] = ""
    done_when: tuple[int, ...] = (0,)
    repeatable: bool = False


def read_end(status: int, output: Output, inputs: Command, *, what: str, where: str) -> Result:
    """Return the result of a command that ended with `status`; raises `Trouble` for a failure.

    Facts are `exit_status`, `output` (the last line) and those that the command stated.
    """
    if status == STARTED_BEFORE and not output.last:
        raise Unknown(f"{what} was started on {where} before, by this very step.")
    if status == NO_FOLDER and not output.last:
        raise Trouble(f"{where} has no folder for the marks of what runs: no home that can be written to.")
    if status not in inputs.done_when:
        said = f": {output.last[:200]}" if output.last else "."
        raise Trouble(f"{what} ended with exit status {status} on {where}{said}")
    facts: dict[str, str | int | bool] = {"exit_status": status, "output": output.last[:200], **output.facts}
    return Result(sentence=f"{what} ended with exit status {status} on {where}.", facts=facts)


def read_preview(output: Output, *, what: str, where: str) -> Preview:
    """Return what a dry run said: its last line, and the whole numbers among its facts."""
    counts = {name: value for name, value in output.facts.items() if isinstance(value, int) and value is not True}
    sentence = output.last[:200] or f"Would run {what} on {where}."
    return Preview(sentence=sentence, counts={name: int(value) for name, value in counts.items()})


def named(words: tuple[str, ...]) -> str:
    """Return how people read a command: its first words, in quotation marks."""
    text = re.sub(r"\s+", " ", " ".join(words))
    return f"“{text[:80]}{'…' if len(text) > 80 else ''}”"


def seconds_left(around: Surroundings) -> float:
    """Return the time an exchange may take, at least a second."""
    return max(1.0, around.timeout_s)

"""Why a move is refused, in a sentence a person understands.

Operations raise these; views turn them into a message on the page, the API into problem+json.
"""

from __future__ import annotations

from collections.abc import Mapping


class Refusal(Exception):
    """The move was not made and nothing changed. `sentence` says why and what to do; `status` is the HTTP status."""

    status: int = 400
    title: str = "Not possible"

    def __init__(self, sentence: str, *, status: int | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        if status is not None:
            self.status = status


class IllegalMove(Refusal):
    """The thing is in a state that does not allow the move."""

    status = 409
    title = "Not possible now"


class NotAllowed(Refusal):
    """The person may not make the move."""

    status = 403
    title = "Not allowed"


class NotFound(Refusal):
    """The thing does not exist, or this person may not know that it does."""

    status = 404
    title = "Not found"


class BadInput(Refusal):
    """What was given can't be used. `errors` maps a field's name to its sentence."""

    status = 422
    title = "Please check what you entered"

    def __init__(self, sentence: str, *, errors: Mapping[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.errors: dict[str, str] = dict(errors or {})


class LinkExpired(Refusal):
    """A signed link was genuine once, but its time is over."""

    status = 410
    title = "This link has expired"

"""What people may say from anywhere outside the web: "status", "declare Power lost in hall 2", "oncall", "help".

One registry for every way in that carries words (texts, mail, Slack): each way finds out who speaks, cuts off what is
its own, and asks `read` and `run`. Answers to pages ("1", "ack", "approve 4821") are no verbs of this kind; they belong
to the page's channel.

    found = verbs.read(body)                       # (verb, "Power lost in hall 2") or None
    if found is not None:
        verb, argument = found
        sentence = verbs.run(verb, Said(person=ada, argument=argument, via="sms", now=now))
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection, transaction
from django.db.transaction import TransactionManagementError
from django.utils import translation
from django.utils.functional import Promise

from people.models import Person
from people.permissions import require
from web.errors import Refusal


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """Who said it, proved by the way in (a verified number, a linked account); what followed the verb, as typed; the
    ledger's word for the way ("sms", "email", "slack"); the database's time (UTC)."""

    person: Person
    argument: str
    via: str
    now: datetime


Run = Callable[[Said], str]
"""Does what was asked, in the caller's transaction, and returns the sentence or lines that answer it, in the language
that is active. Raises a `web.errors.Refusal` for what can't be. It must show nothing that the person may not see."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Verb:
    """`words` are what calls it, lower case, the first one as people are told it. `usage` is one example, `what` says
    what it does, and `capability` is what the person needs for it (`people.permissions`). `alone`: with more words
    behind it something else was meant ("Help is on the way")."""

    name: str
    words: tuple[str, ...]
    usage: str | Promise
    what: str | Promise
    capability: str
    run: Run
    alone: bool = False


class Verbs:
    """The verbs that floors and parts of this floor offer, filled in `AppConfig.ready`."""

    def __init__(self) -> None:
        self._by_word: dict[str, Verb] = {}

    def register(self, verb: Verb) -> None:
        """Add a verb; a second one that is called by the same word is a mistake."""
        for word in verb.words:
            if self._by_word.setdefault(word, verb) != verb:
                raise ValueError(f"Two verbs are called {word!r}.")

    def all(self) -> list[Verb]:
        """Return the verbs in the order in which they were registered."""
        return list(dict.fromkeys(self._by_word.values()))

    def read(self, text: str) -> tuple[Verb, str] | None:
        """Return the verb that `text` begins with, and what follows it; None when its first word is no verb.

        Case, full-width letters, blanks and punctuation around the first word do not matter.
        """
        first, rest = _first_word(unicodedata.normalize("NFKC", text))
        verb = self._by_word.get(first.casefold())
        return (verb, rest) if verb is not None and not (rest and verb.alone) else None

    def run(self, verb: Verb, said: Said) -> str:
        """Do what a verb asks for and return the words to send back, in the person's language.

        Inside the caller's transaction, which also holds the receipt of the request: a doubled one does nothing twice.
        Who may not is told so; a refusal undoes what was begun and becomes the answer.
        """
        if not connection.in_atomic_block:
            raise TransactionManagementError("What was said and its receipt are one transaction.")
        with translation.override(said.person.language):
            try:
                with transaction.atomic():
                    require(said.person, verb.capability)
                    return verb.run(said)
            except Refusal as refusal:
                return refusal.sentence


def _first_word(text: str) -> tuple[str, str]:
    start = next((place for place, sign in enumerate(text) if sign.isalnum()), len(text))
    end = next((place for place in range(start, len(text)) if not text[place].isalnum()), len(text))
    return text[start:end], text[end:].lstrip(" \t\r\n:;,.!?-\u2013\u2014").rstrip()


verbs: Final = Verbs()

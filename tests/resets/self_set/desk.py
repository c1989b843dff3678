"""A hosting company's front desk after a reset: accounts that were secured, and customers who come back over HTTP."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any, ClassVar, Final

from django.db import transaction
from django.test import Client

from eap.actions.base import Trouble
from people.actors import actor_for
from resets.backends.base import Ability, Backend, Guard, Settings
from resets.models import Account, Chunk, Phase, Reset, System
from resets.self_set.letters import send_letters
from resets.self_set.operations.issue_code import issue_code
from tests.builders import make_person

PLACE: Final = "tests.resets.self_set.desk:Desk"
GOOD: Final = "correct horse battery staple"
CODE: Final = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b")
_numbers = itertools.count(1)


@dataclass
class Kept:
    """What the system was asked, and how it can fail: `before` runs first, `trouble` is raised instead."""

    passwords: list[tuple[str, str, str, Guard]] = field(default_factory=list)
    trouble: Trouble | None = None
    before: Callable[[], None] = lambda: None
    closed: int = 0


KEPT = Kept()


class DeskSettings(Settings):
    """None."""


class Desk(Backend[DeskSettings]):
    """Sets passwords, and remembers them for the test."""

    kind = "desk"
    title = "Desk"
    settings = DeskSettings
    abilities: ClassVar[frozenset[Ability]] = frozenset({"disable", "lock", "rotate", "revoke", "set_password"})
    chunk_size = 10

    def close(self) -> None:
        KEPT.closed += 1

    def set_password(self, shard: str, login: str, password: str, *, guard: Guard) -> None:
        KEPT.before()
        if KEPT.trouble is not None:
            raise KEPT.trouble
        KEPT.passwords.append((shard, login, password, guard))


def secured(
    accounts: Sequence[dict[str, Any]], *, now: datetime, phases: Sequence[str] = ("lock", "revoke"), **more: Any
) -> Reset:
    """Make a running reset whose accounts came through `phases`; each names a login, most an e-mail address."""
    number = next(_numbers)
    system = more.pop("system", None) or System.objects.create(key=f"desk-{number}", name=f"Desk {number}", kind="desk")
    reset = Reset.objects.create(
        **{
            "title": f"Reset {number}",
            "state": Reset.State.RUNNING,
            "cutoff": now - timedelta(days=1),
            "generation": 9_000 + number,
            "count": len(accounts),
            "frozen_at": now,
            "created_by_name": "Sid",
            "created_at": now,
            **more,
        }
    )
    reset.systems.set([system])
    Account.objects.bulk_create(
        Account(**{"reset": reset, "system": system, "shard": "web1", "position": position, "wave": 4, **account})
        for position, account in enumerate(accounts)
    )
    for name in phases:
        phase = Phase.objects.create(reset=reset, name=name, state=Phase.State.DONE)
        Chunk.objects.create(
            phase=phase, system=system, shard="web1", wave=4, first=0, last=len(accounts) - 1, state="done"
        )
    return reset


def account_of(reset: Reset, login: str) -> Account:
    """Return an account by its login."""
    return Account.objects.select_related("reset", "system").get(reset=reset, login=login)


def support_code(account: Account, *, now: datetime) -> str:
    """Have support give the owner a code."""
    with transaction.atomic():
        by = actor_for(make_person("Sue"), via="web")
        return issue_code(account=account, reason="Called back on the number on file", by=by, now=now)


def code_in(mail: EmailMessage) -> str:
    """Return the code that stands in a mail."""
    found = CODE.search(text_of(mail))
    assert found is not None, text_of(mail)
    return found.group()


def text_of(mail: EmailMessage) -> str:
    """Return a mail's plain text."""
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def hidden(body: str) -> dict[str, str]:
    """Return the hidden fields of a page's form."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', body))


class Customer:
    """Somebody at a browser, or a program: keeps no cookie, and comes from one address. `at` sets the clock."""

    def __init__(self, at: Callable[[datetime], None], start: datetime, *, address: str = "203.0.113.7") -> None:
        self.client = Client(REMOTE_ADDR=address)
        self._at, self.now = at, start

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)
        self._at(self.now)

    def opens(self, path: str, **headers: str) -> str:
        """Open a page; return what it says."""
        self._at(self.now)
        response = self.client.get(path, headers=headers)
        assert response.status_code == 200, response.content.decode()
        return response.content.decode()

    def sends(self, path: str, shown: str, **typed: str) -> Any:
        """Send the form of a page that was shown, five seconds later."""
        self.wait(5)
        return self.client.post(path, {**hidden(shown), **typed})

    def asks(self, login: str) -> Any:
        """Ask for a code; the mails are sent."""
        answer = self.sends("/reset/", self.opens("/reset/"), login=login)
        deliver(self.now)
        return answer

    def chooses(self, code: str, password: str = GOOD, repeated: str | None = None, **typed: str) -> Any:
        """Enter a code, then a password, and return the last answer."""
        answer = self.sends("/reset/code/", self.opens("/reset/code/"), code=code)
        if answer.status_code != 200:
            return answer
        again = password if repeated is None else repeated
        return self.sends("/reset/set/", answer.content.decode(), password=password, repeated=again, **typed)


def deliver(now: datetime) -> None:
    """Send what waits, as workers do: a request first, then the letters that it leads to."""
    # A letter that a request leads to is due a moment after it.
    for moment in (now, now + timedelta(seconds=1)):
        while send_letters(now=moment):
            pass

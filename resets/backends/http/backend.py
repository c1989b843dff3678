"""Accounts behind an endpoint of the hosting company's own: one signed POST for each chunk."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from secrets import token_hex
from typing import Any, ClassVar, Final, TypeVar

from pydantic import ValidationError

from eap.actions.base import Trouble, Unknown
from resets.backends.base import Ability, Backend, Check, Done, Found, Guard, Miss, Probe, Selection, Surroundings
from resets.backends.http.settings import HttpSettings
from resets.backends.http.shapes import Checks, OldHashes, Page, Results, Rights, Shape, told
from resets.backends.http.signing import signed
from resets.backends.panels.calls import Line
from resets.backends.sql.passwords import refuse_weak

EVERYTHING: Final[frozenset[Ability]] = frozenset(
    {"disable", "lock", "rotate", "revoke", "enable", "set_password", "verify", "read_hashes"}
)
T = TypeVar("T", bound=Shape)


class Http(Backend[HttpSettings]):
    """Calls an endpoint that keeps the rules of docs/reset-endpoint.md: it guards its own writes by generation.

    What it can do stands in the settings; it is not asked for anything else.
    """

    kind: ClassVar[str] = "http"
    title: ClassVar[str] = "HTTP endpoint"
    settings: ClassVar[type[HttpSettings]] = HttpSettings
    abilities: ClassVar[frozenset[Ability]] = EVERYTHING
    chunk_size: ClassVar[int] = 500
    tried: ClassVar[str] = "an endpoint written for the tests"

    def __init__(self, settings: HttpSettings, around: Surroundings) -> None:
        super().__init__(settings, around)
        self._line = Line(timeout_s=around.timeout_s)
        # This one can only what its endpoint can.
        self.abilities = frozenset(settings.able)  # type: ignore[misc]

    def close(self) -> None:
        """Hang up."""
        self._line.close()

    def probe(self) -> Sequence[Probe]:
        """Ask the endpoint for its rights; it changes nothing."""
        rights = self._called(Rights, {"operation": "probe", "able": sorted(self.abilities)}, changes=False).rights
        return [Probe(each.name, granted=each.granted, sentence=each.sentence, needed=each.needed) for each in rights]

    def find(self, selection: Selection) -> Iterator[Found]:
        """Go through the accounts in scope page by page."""
        wanted = {
            "set_before": told(selection.set_before),
            "hosts": selection.hosts,
            "groups": selection.groups,
            "plans": selection.plans,
            "logins": selection.logins,
        }
        cursor = ""
        while True:
            call = {"operation": "find", "selection": wanted, "cursor": cursor, "limit": self.given.page}
            page = self._called(Page, call, changes=False)
            for each in page.accounts:
                yield Found(**dict(each))
            if not page.cursor:
                return
            if page.cursor == cursor:
                raise Trouble("The endpoint hands out the same page again and again.")
            cursor = page.cursor

    def read_hashes(self, shard: str, logins: Sequence[str]) -> Sequence[tuple[str, str]]:
        """Return (login, hash) of those that are there."""
        call = {"operation": "read_hashes", "shard": shard, "accounts": [{"login": login} for login in logins]}
        asked = set(logins)
        return [
            (each.login, each.hash)
            for each in self._called(OldHashes, call, changes=False).hashes
            if each.login in asked
        ]

    def disable(self, shard: str, logins: Sequence[str], *, guard: Guard) -> Done:
        """Let nobody sign in."""
        return self._change("disable", shard, [{"login": login} for login in logins], guard)

    def lock(self, shard: str, logins: Sequence[str], *, guard: Guard) -> Done:
        """Put the password out of force."""
        return self._change("lock", shard, [{"login": login} for login in logins], guard)

    def rotate(self, shard: str, hashes: Sequence[tuple[str, str]], *, guard: Guard) -> Done:
        """Put ready hashes in the place of the old ones."""
        return self._change("rotate", shard, [{"login": login, "hash": hashed} for login, hashed in hashes], guard)

    def revoke(self, shard: str, logins: Sequence[str], *, guard: Guard) -> Done:
        """End sessions, keys and tokens."""
        return self._change("revoke", shard, [{"login": login} for login in logins], guard)

    def enable(self, shard: str, logins: Sequence[str], *, guard: Guard) -> Done:
        """Take back what `disable` did."""
        return self._change("enable", shard, [{"login": login} for login in logins], guard)

    def set_password(self, shard: str, login: str, password: str, *, guard: Guard) -> None:
        """Set the owner's password and enable the account."""
        refuse_weak(password, login=login, shortest=self.given.shortest_password, scheme="bcrypt")
        done = self._change("set_password", shard, [{"login": login, "password": password}], guard)
        if done.misses and done.misses[0].passing:
            raise Trouble("The system could not set the password now.", passing=True)
        if done.unchanged:
            raise Trouble("A later reset has begun with this account.")
        if done.skipped or done.misses:
            raise Trouble("The system did not take this password. Choose another one.")

    def verify(self, shard: str, logins: Sequence[str], *, guard: Guard) -> Sequence[Check]:
        """Have the endpoint look at the accounts."""
        call = {
            "operation": "verify",
            "shard": shard,
            "generation": guard.generation,
            "cutoff": told(guard.cutoff),
            "accounts": [{"login": login} for login in logins],
        }
        asked = set(logins)
        return [
            Check(each.login, each.what, each.holds, each.sentence)
            for each in self._called(Checks, call, changes=False).checks
            if each.login in asked
        ]

    def _change(self, operation: str, shard: str, accounts: Sequence[Mapping[str, str]], guard: Guard) -> Done:
        """Make one call; every account has to be in its answer once, or nobody knows what was done."""
        logins = [account["login"] for account in accounts]
        if not logins:
            return Done(applied=0)
        if operation not in self.abilities:
            return self._unable(operation, logins)
        call = {
            "operation": operation,
            "shard": shard,
            "generation": guard.generation,
            "cutoff": told(guard.cutoff),
            # An owner may choose another password the second time: no answer of before belongs to it.
            "idempotency_key": token_hex(20)
            if operation == "set_password"
            else key_of(operation, shard, logins, guard),
            "accounts": list(accounts),
        }
        results = self._called(Results, call, changes=True).results
        by_login = {each.login: each for each in results}
        if len(results) != len(by_login) or set(by_login) != set(logins):
            raise Unknown("The endpoint's answer does not name each account once; whether all were done is not known.")
        outcomes = [each.outcome for each in results]
        return Done(
            applied=outcomes.count("applied"),
            unchanged=outcomes.count("unchanged"),
            skipped=tuple(each.login for each in results if each.outcome == "skipped"),
            misses=tuple(
                Miss(each.login, each.code, each.sentence[:500] or "The endpoint says no more.", each.passing)
                for each in results
                if each.outcome == "missed"
            ),
        )

    def _unable(self, operation: str, logins: Sequence[str]) -> Done:
        """Leave accounts alone where that keeps nobody out or in wrongly; the dry run tells what is lacking."""
        if operation in ("revoke", "enable"):
            return Done(applied=0, skipped=tuple(logins))
        raise Trouble(f"The endpoint can't {operation}; its settings say what it can.")

    def _called(self, shape: type[T], call: Mapping[str, Any], *, changes: bool) -> T:
        body = json.dumps(call, separators=(",", ":")).encode()
        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            **signed(body, secret=self.around.secret(self.given.secret), at_s=int(time.time())),
        }
        answer = self._line.ask("POST", self.given.url, headers=headers, body=body, changes=changes)
        if answer.status != 200:
            raise Trouble(f"The endpoint answered {answer.status} to {call['operation']}.")
        try:
            return shape.model_validate(answer.json())
        except ValidationError as error:
            where = ", ".join(".".join(map(str, each["loc"])) for each in error.errors()[:3])
            sentence = f"The endpoint's answer to {call['operation']} can't be read: {where}."
            raise (Unknown(sentence) if changes else Trouble(sentence)) from None


def key_of(operation: str, shard: str, logins: Sequence[str], guard: Guard) -> str:
    """Return the idempotency key of a call: the same when the same chunk is done again."""
    about = json.dumps([operation, guard.generation, shard, sorted(logins)])
    return hashlib.sha256(about.encode()).hexdigest()[:40]

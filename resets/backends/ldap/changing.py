"""A chunk of accounts, changed one by one on one connection, each guarded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from eap.actions.base import Stopped
from resets.backends.base import Done, Guard, Miss
from resets.backends.ldap import connection as ldap
from resets.backends.ldap.connection import Directory
from resets.backends.ldap.entries import FOR_GOOD, LOCK, Entry, attributes_of, read_entry, texts
from resets.backends.ldap.policy import Policies
from resets.backends.ldap.rules import REPLACE, Change, Not, Operation, change_for
from resets.backends.ldap.settings import LdapSettings

AT_ONCE: Final = 100
"""Logins in one question: a filter of some kilobytes."""

SENTENCES: Final = {
    "no_way_to_disable": "No password policy with pwdLockout is in force for it, and nothing else is configured.",
    "hash_not_readable": "Its hash may not be read, so that it can't be put out of force.",
    "several_entries": "Several entries have this login.",
    "changed_meanwhile": "Somebody else changed the entry at the same time, twice.",
    "insufficient_access": "Our sign-in may not write this entry.",
    "policy_refused": "The password policy refused it. With pwdCheckQuality 2 it takes ready hashes from the "
    "directory's own root only.",
    "lock_lost": "The lock went with the password that was set, and could not be put back.",
}


@dataclass
class Tally:
    """What became of the accounts so far."""

    applied: int = 0
    unchanged: int = 0
    skipped: list[str] = field(default_factory=list)
    misses: list[Miss] = field(default_factory=list)
    relock: list[str] = field(default_factory=list)

    def miss(self, login: str, code: str, *, passing: bool = False) -> None:
        """Note an account on which it did not work."""
        sentence = SENTENCES.get(code, "The directory refused the change.")
        self.misses.append(Miss(login, code, sentence, passing))

    def done(self) -> Done:
        """Return it as the engine takes it."""
        return Done(
            applied=self.applied, unchanged=self.unchanged, skipped=tuple(self.skipped), misses=tuple(self.misses)
        )


class Changing:
    """One operation on one chunk."""

    def __init__(
        self,
        directory: Directory,
        policies: Policies,
        given: LdapSettings,
        *,
        operation: Operation,
        guard: Guard,
        stopped: Callable[[], bool],
    ) -> None:
        self._directory, self._policies, self._given = directory, policies, given
        self._operation, self._guard, self._stopped = operation, guard, stopped

    def run(self, logins: Sequence[str], hashes: Mapping[str, str] | None = None) -> Done:
        """Change the accounts; `hashes` by login belong to rotate. Raises `Stopped` between two questions when told."""
        tally = Tally()
        for part in slices(logins):
            if self._stopped():
                raise Stopped("Stopped between two accounts; those done will count as unchanged.", confirmed=True)
            for login, entry in found(self._directory, self._given, part).items():
                if entry is None:
                    tally.skipped.append(login)
                elif isinstance(entry, str):
                    tally.miss(login, entry)
                else:
                    self._one(entry, (hashes or {}).get(login, ""), tally)
        self._keep_locked(tally)
        return tally.done()

    def _one(self, entry: Entry, new_hash: str, tally: Tally) -> None:
        """Change one account. Where it is no longer what was looked at, look and decide once more."""
        change, code = self._tried(entry, new_hash)
        if isinstance(change, Change) and code in {ldap.ASSERTION_FAILED, ldap.NO_SUCH_ATTRIBUTE}:
            again = read_again(self._directory, self._given, entry)
            if again is None:
                tally.skipped.append(entry.login)
                return
            entry = again
            change, code = self._tried(entry, new_hash)
        if isinstance(change, Not):
            self._note(change, entry.login, tally)
        elif code == ldap.OK:
            tally.applied += 1
            if change.relock:
                tally.relock.append(entry.login)
        else:
            self._refused(code, entry.login, tally)

    def _tried(self, entry: Entry, new_hash: str) -> tuple[Change | Not, int]:
        way = self._policies.way_for(entry)
        change = change_for(self._operation, entry, guard=self._guard, given=self._given, way=way, new_hash=new_hash)
        return change, ldap.OK if isinstance(change, Not) else self._write(entry, change)

    def _write(self, entry: Entry, change: Change) -> int:
        """Write only what is still as it was looked at: an owner may set a password at this very moment."""
        if not change.writes:
            return ldap.OK
        name, value = self._given.set_at, entry.set_at_value
        unchanged = "" if not name else f"({name}={escaped(value)})" if value else f"(!({name}=*))"
        return self._directory.modify(entry.dn, change.writes, where=unchanged)

    def _note(self, found: Not, login: str, tally: Tally) -> None:
        if found.why == "unchanged":
            tally.unchanged += 1
        elif found.why == "skipped":
            tally.skipped.append(login)
        else:
            tally.miss(login, found.why)

    def _refused(self, code: int, login: str, tally: Tally) -> None:
        if code == ldap.NO_SUCH_OBJECT:
            tally.skipped.append(login)
        elif code in {ldap.ASSERTION_FAILED, ldap.NO_SUCH_ATTRIBUTE}:
            tally.miss(login, "changed_meanwhile", passing=True)
        elif code == ldap.INSUFFICIENT_ACCESS:
            tally.miss(login, "insufficient_access")
        elif code == ldap.CONSTRAINT_VIOLATION:
            tally.miss(login, "policy_refused")
        else:
            tally.miss(login, f"ldap_{code}")

    def _keep_locked(self, tally: Tally) -> None:
        """See that the locks are there after all: lock again after each password that took one away."""
        for part in slices(tally.relock):
            for login, now in found(self._directory, self._given, part).items():
                if not isinstance(now, Entry) or now.locked == FOR_GOOD:
                    continue
                if self._directory.modify(now.dn, {LOCK: [(REPLACE, [FOR_GOOD])]}) != ldap.OK:
                    tally.applied -= 1
                    tally.miss(login, "lock_lost", passing=True)


def found(directory: Directory, given: LdapSettings, logins: Sequence[str]) -> dict[str, Entry | str | None]:
    """Return the entry of each login: None where there is none, a code where that is not one."""
    answer: dict[str, Entry | str | None] = dict.fromkeys(logins)
    wanted = {login.casefold(): login for login in logins}
    names = "".join(f"({given.login}={escaped(login)})" for login in logins)
    for row in directory.search(f"(&{given.filter}(|{names}))", attributes_of(given)):
        for value in texts(row.values, given.login):
            if (login := wanted.get(value.casefold())) is not None:
                again = answer[login] is not None
                answer[login] = "several_entries" if again else read_entry(row, given, login=login)
    return answer


def read_again(directory: Directory, given: LdapSettings, entry: Entry) -> Entry | None:
    """Return the entry as it is now, None when it has gone."""
    row = directory.row(entry.dn, attributes_of(given))
    return read_entry(row, given, login=entry.login) if row else None


def escaped(text: str) -> str:
    """Return a value as it may stand in a filter (RFC 4515, 3)."""
    return "".join(f"\\{ord(each):02x}" if each in "\\*()\0" else each for each in text)


def slices(logins: Sequence[str]) -> Iterator[Sequence[str]]:
    """Cut a chunk into what fits one question."""
    for start in range(0, len(logins), AT_ONCE):
        yield logins[start : start + AT_ONCE]

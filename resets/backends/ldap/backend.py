"""Accounts in an LDAP directory: OpenLDAP with or without its password policy, and what behaves like it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from eap.actions.base import Trouble
from resets.backends.base import Ability, Backend, Check, Done, Found, Guard, Probe, Selection, Surroundings
from resets.backends.ldap import connection as ldap
from resets.backends.ldap import hashes as kept
from resets.backends.ldap.changing import Changing, escaped, found, read_again, slices
from resets.backends.ldap.connection import Directory
from resets.backends.ldap.entries import Entry, attributes_of, first, read_entry, read_time
from resets.backends.ldap.policy import Policies
from resets.backends.ldap.probing import probes
from resets.backends.ldap.rules import Change, Operation, change_for
from resets.backends.ldap.settings import LdapSettings
from resets.backends.ldap.verifying import bound_names, old_password_refused, session_gone, state_effective
from resets.backends.sql.passwords import refuse_weak


class Ldap(Backend[LdapSettings]):
    """One directory is one shard, "". Connections that are bound stay bound; nothing in LDAP ends them."""

    kind: ClassVar[str] = "ldap"
    title: ClassVar[str] = "LDAP directory"
    settings: ClassVar[type[LdapSettings]] = LdapSettings
    abilities: ClassVar[frozenset[Ability]] = frozenset(
        {"disable", "lock", "rotate", "revoke", "enable", "set_password", "verify", "read_hashes"}
    )
    chunk_size: ClassVar[int] = 300

    def __init__(self, settings: LdapSettings, around: Surroundings) -> None:
        super().__init__(settings, around)
        password = around.secret(settings.bind_password) if settings.bind_password else ""
        self._directory = Directory(settings, password=password, timeout_s=around.timeout_s)
        self._policies = Policies(self._directory, settings)

    def close(self) -> None:
        """End the connection."""
        self._directory.close()

    def probe(self) -> Sequence[Probe]:
        """Try every right on the first account found, changing nothing."""
        return list(probes(self._directory, self._policies, self.given))

    def find(self, selection: Selection) -> Iterator[Found]:
        """Go through the directory by pages of 500."""
        given = self.given
        wanted = [*attributes_of(given), given.mail, given.mail_changed_at, given.language, given.customer]
        logins = {login.casefold() for login in selection.logins}
        for row in self._directory.search(self._filter(selection), [each for each in wanted if each]):
            entry = read_entry(row, given)
            if not entry.login or (logins and entry.login.casefold() not in logins):
                continue
            if entry.set_at is None or entry.set_at < selection.set_before:
                yield Found(
                    login=entry.login,
                    set_at=entry.set_at,
                    email=first(row.values, given.mail),
                    email_changed_at=read_time(first(row.values, given.mail_changed_at)),
                    language=first(row.values, given.language)[:5],
                    customer=first(row.values, given.customer),
                )

    def read_hashes(self, shard: str, logins: Sequence[str]) -> Sequence[tuple[str, str]]:  # noqa: ARG002 - one shard
        """Return what stands in `userPassword`; several values one below the other."""
        return [
            (login, b"\n".join(entry.hashes).decode("utf-8", "replace"))
            for login, entry in self._entries(logins)
            if entry.hashes and not all(kept.is_marker(each) for each in entry.hashes)
        ]

    def disable(self, shard: str, logins: Sequence[str], *, guard: Guard) -> Done:  # noqa: ARG002 - one shard
        """Lock for good by the policy in force; without one, as the settings say."""
        return self._changing("disable", guard).run(logins)

    def lock(self, shard: str, logins: Sequence[str], *, guard: Guard) -> Done:  # noqa: ARG002 - one shard
        """Replace the hash by a marker; a lock by policy stands again after it."""
        return self._changing("lock", guard).run(logins)

    def rotate(self, shard: str, hashes: Sequence[tuple[str, str]], *, guard: Guard) -> Done:  # noqa: ARG002 - as above
        """Replace the hash by `{CRYPT}` and the ready one; a lock by policy stands again after it."""
        return self._changing("rotate", guard).run([login for login, _hash in hashes], dict(hashes))

    def revoke(self, shard: str, logins: Sequence[str], *, guard: Guard) -> Done:  # noqa: ARG002 - one shard
        """Set SSH keys aside. What is bound stays bound until it is closed."""
        return self._changing("revoke", guard).run(logins)

    def enable(self, shard: str, logins: Sequence[str], *, guard: Guard) -> Done:  # noqa: ARG002 - one shard
        """Take back the disabling that a reset did; an account disabled before it stays so."""
        return self._changing("enable", guard).run(logins)

    def set_password(self, shard: str, login: str, password: str, *, guard: Guard) -> None:  # noqa: ARG002 - one shard
        """Have the directory hash it (RFC 3062), then unlock. Its own policy has a say besides ours."""
        refuse_weak(password, login=login, shortest=self.given.shortest_password, scheme="sha512_crypt")
        entry = next((entry for _login, entry in self._entries([login])), None)
        if entry is None:
            raise Trouble("There is no such account any more.")
        if entry.mark.generation > guard.generation:
            raise Trouble("A later reset has begun with this account.")
        if entry.mark.disabled_before:
            raise Trouble("This account was suspended before the reset; the support has to look at it first.")
        code, words = self._directory.set_password(entry.dn, password)
        if code == ldap.CONSTRAINT_VIOLATION:
            raise Trouble(f"That password was refused: {words or 'it is too short or was used before'}.")
        if code != ldap.OK:
            raise Trouble(f"The directory did not take the password (LDAP result {code}).")
        self._enable_after(entry, guard)

    def verify(self, shard: str, logins: Sequence[str], *, guard: Guard) -> Sequence[Check]:  # noqa: ARG002 - one shard
        """Bind with the old passwords of the probe accounts; look at the entries of the others."""
        checks: list[Check] = []
        bound = bound_names(self._directory)
        for login, entry in self._entries(logins):
            if (name := self.given.probes.get(login)) is not None:
                checks.append(old_password_refused(self._directory, entry, self.around.secret(name)))
            checks.append(state_effective(self._policies, entry, self.given, guard))
            checks.append(session_gone(entry, bound))
        return checks

    def _enable_after(self, entry: Entry, guard: Guard) -> None:
        """Unlock after a password was set, by what the entry shows now."""
        for _try in range(2):
            now = read_again(self._directory, self.given, entry)
            if now is None:
                raise Trouble("There is no such account any more.")
            way = self._policies.way_for(now)
            change = change_for("set_password", now, guard=guard, given=self.given, way=way)
            if not isinstance(change, Change) or not change.writes:
                return
            if (code := self._directory.modify(now.dn, change.writes)) == ldap.OK:
                return
        raise Trouble(f"The password is set, but the account could not be enabled (LDAP result {code}).", passing=True)

    def _entries(self, logins: Sequence[str]) -> Iterator[tuple[str, Entry]]:
        for part in slices(logins):
            for login, entry in found(self._directory, self.given, part).items():
                if isinstance(entry, Entry):
                    yield login, entry

    def _changing(self, operation: Operation, guard: Guard) -> Changing:
        return Changing(
            self._directory,
            self._policies,
            self.given,
            operation=operation,
            guard=guard,
            stopped=self.around.stopped,
        )

    def _filter(self, selection: Selection) -> str:
        parts = [self.given.filter]
        for name, values in (("host", selection.hosts), ("group", selection.groups), ("plan", selection.plans)):
            if not values:
                continue
            attribute = self.given.narrow.get(name)  # type: ignore[call-overload]
            if attribute is None:
                raise Trouble(f"This directory's settings do not say where an account's {name} stands (`narrow`).")
            parts.append("(|" + "".join(f"({attribute}={escaped(value)})" for value in values) + ")")
        if 0 < len(selection.logins) <= 100:
            parts.append("(|" + "".join(f"({self.given.login}={escaped(each)})" for each in selection.logins) + ")")
        return f"(&{''.join(parts)})" if len(parts) > 1 else parts[0]

"""Users of Linux hosts: expired, locked, given new hashes, their sessions ended, by one program a chunk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import ClassVar

from eap.actions.base import Host, Trouble
from resets.backends.base import Ability, Backend, Check, Done, Found, Guard, Miss, Probe, Selection, Surroundings
from resets.backends.shadow.outcomes import SENTENCES, done_of, sentence_of_revoked, tell_owner
from resets.backends.shadow.probing import probes_of
from resets.backends.shadow.program import HASH, Call, call, logins_that_fit
from resets.backends.shadow.settings import ShadowSettings
from resets.backends.shadow.verifying import DAY_S, checks_of, old_password_refused
from resets.backends.sql.passwords import hash_of, refuse_weak


class Shadow(Backend[ShadowSettings]):
    """One host is one shard. Each chunk is one connection, one program, and one rewriting of /etc/shadow."""

    kind: ClassVar[str] = "shadow"
    title: ClassVar[str] = "Linux users (shadow, by SSH)"
    settings: ClassVar[type[ShadowSettings]] = ShadowSettings
    abilities: ClassVar[frozenset[Ability]] = frozenset(
        {"disable", "lock", "rotate", "revoke", "enable", "set_password", "verify", "read_hashes"}
    )
    chunk_size: ClassVar[int] = 200

    def __init__(self, settings: ShadowSettings, around: Surroundings) -> None:
        super().__init__(settings, around)
        self._hosts: dict[str, Host] = {}

    def probe(self) -> Sequence[Probe]:
        """Ask each host for what will be needed there."""
        probes: list[Probe] = []
        for host in self._all().values():
            try:
                rows = call("probe", host, given=self.given, around=self.around)
            except Trouble as trouble:
                probes.append(Probe(f"{host.name}: sign-in", False, trouble.sentence))
                continue
            probes += probes_of(rows, host.name, self.given)
        return probes

    def find(self, selection: Selection) -> Iterator[Found]:
        """Ask the hosts one after the other. Days are all that a host knows: a password set on the cutoff's own day
        counts as set before it."""
        if selection.plans:
            raise Trouble("Linux hosts do not know plans; choose by group instead.")
        hosts = self._all()
        if unknown := sorted(set(selection.hosts) - hosts.keys()):
            raise Trouble(f"These hosts are not of this system: {', '.join(unknown)}.")
        logins = set(selection.logins)
        for name in selection.hosts or hosts:
            rows = call("find", hosts[name], given=self.given, around=self.around, lines=selection.groups)
            members = _members(rows)
            for _word, login, _uid, gid, day in (row for row in rows if row[0] == "account" and len(row) == 5):
                set_at = _time_of(day)
                if (
                    login != self.given.user
                    and (not logins or login in logins)
                    and (not selection.groups or login in members or f"gid {gid}" in members)
                    and (set_at is None or set_at < selection.set_before)
                ):
                    yield Found(login=login, shard=name, set_at=set_at)

    def read_hashes(self, shard: str, logins: Sequence[str]) -> Sequence[tuple[str, str]]:
        """Return the hashes; who has none is left out."""
        return [(row[0], row[1]) for row in self._rows("hashes", shard, logins) if len(row) == 2]

    def disable(self, shard: str, logins: Sequence[str], *, guard: Guard) -> Done:
        """Let the account expire on 2 January 1970, as `usermod -e 1` does: keys and crontabs are refused too."""
        return self._changed("disable", shard, logins, guard)

    def lock(self, shard: str, logins: Sequence[str], *, guard: Guard) -> Done:
        """Put `!*muster.<generation>` in the place of the hash."""
        return self._changed("lock", shard, logins, guard)

    def rotate(self, shard: str, hashes: Sequence[tuple[str, str]], *, guard: Guard) -> Done:
        """Put the ready hashes in their places; what `usermod -L` has put out of force stays so."""
        wrong = [login for login, each in hashes if not HASH.fullmatch(each)]
        if wrong:
            misses = tuple(Miss(login, "no_hash_fits", SENTENCES["no_hash_fits"]) for login in wrong)
            done = self.rotate(shard, [each for each in hashes if each[0] not in set(wrong)], guard=guard)
            return Done(
                applied=done.applied, unchanged=done.unchanged, skipped=done.skipped, misses=done.misses + misses
            )
        return self._changed("rotate", shard, [login for login, _hash in hashes], guard, dict(hashes))

    def revoke(self, shard: str, logins: Sequence[str], *, guard: Guard) -> Done:
        """Kill what runs, until nothing does; set key files aside beside themselves; say what else waits there."""
        fit, odd = logins_that_fit(logins)
        rows = self._rows("revoke", shard, fit, guard) if fit else []
        if sentence := sentence_of_revoked(rows, shard):
            self.around.say(sentence)
        return done_of(rows, fit, odd=odd)

    def enable(self, shard: str, logins: Sequence[str], *, guard: Guard) -> Done:
        """Give the expiry back that was there before the reset."""
        return self._changed("enable", shard, logins, guard)

    def set_password(self, shard: str, login: str, password: str, *, guard: Guard) -> None:
        """Hash it here, and write it with the expiry of before."""
        refuse_weak(password, login=login, shortest=self.given.shortest_password, scheme=self.given.scheme)
        fit, odd = logins_that_fit([login])
        if odd:
            tell_owner("gone")
        line = f"{login}:{hash_of(password, self.given.scheme)}"
        rows = call("set_password", self._host(shard), given=self.given, around=self.around, guard=guard, lines=[line])
        tell_owner(next((row[1] for row in rows if row[0] in fit and len(row) >= 2), ""))

    def verify(self, shard: str, logins: Sequence[str], *, guard: Guard) -> Sequence[Check]:
        """Ask the host what stands and what runs there; sign in with the old passwords of the probe accounts."""
        checks = [each for row in self._rows("look", shard, logins) for each in checks_of(row, guard)]
        there = {check.login for check in checks}
        probes = [(login, self.given.probes[login]) for login in logins if login in there & self.given.probes.keys()]
        return [*checks, *(self._old_password(shard, login, self.around.secret(name)) for login, name in probes)]

    def _old_password(self, shard: str, login: str, password: str) -> Check:
        from eap.actions.ssh_connection import known_hosts

        host = self._host(shard)
        port = int(host.variables.get("port") or self.given.port)
        return old_password_refused(login, password, host, port, known_hosts(host, port))

    def _changed(
        self, call_: Call, shard: str, logins: Sequence[str], guard: Guard, hashes: dict[str, str] | None = None
    ) -> Done:
        fit, odd = logins_that_fit(logins)
        rows = self._rows(call_, shard, fit, guard, hashes) if fit else []
        return done_of(rows, fit, odd=odd)

    def _rows(
        self,
        call_: Call,
        shard: str,
        logins: Sequence[str],
        guard: Guard | None = None,
        hashes: dict[str, str] | None = None,
    ) -> list[list[str]]:
        fit, _odd = logins_that_fit(logins)
        lines = [f"{login}:{(hashes or {}).get(login, '')}" for login in fit]
        return call(call_, self._host(shard), given=self.given, around=self.around, guard=guard, lines=lines)

    def _all(self) -> dict[str, Host]:
        from eap.hosts import hosts_of

        if not self._hosts:
            self._hosts = {host.name: host for host in hosts_of(self.given.hosts)}
        if not self._hosts:
            raise Trouble(f"No inventory has hosts of {self.given.hosts}.")
        return self._hosts

    def _host(self, shard: str) -> Host:
        found = self._all().get(shard)
        if found is None:
            raise Trouble(f"{shard} is no longer a host of this system.")
        return found


def _members(rows: Sequence[Sequence[str]]) -> set[str]:
    """Return the logins of the groups that were asked for, and "gid 100" for those whose first group it is."""
    members: set[str] = set()
    for row in rows:
        if row[0] == "group" and len(row) == 4:
            members |= {f"gid {row[2]}", *filter(None, row[3].split(","))}
    return members


def _time_of(day: str) -> datetime | None:
    """Return the beginning of a day since 1970; None for none, and for 0 ("must be changed")."""
    return datetime.fromtimestamp(int(day) * DAY_S, UTC) if day.isdecimal() and int(day) else None

"""Customers' sign-ins and additional FTP accounts of Plesk: found, and given a password that nobody learns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar, Final

from eap.actions.base import Trouble
from resets.backends.base import Ability, Backend, Done, Found, Guard, Miss, Probe, Selection, Surroundings
from resets.backends.panels.calls import Line
from resets.backends.panels.notes import OWNED, Notes, Outcome
from resets.backends.panels.passwords import nobodys_password
from resets.backends.plesk.api import PleskApi, Refused
from resets.backends.plesk.settings import PleskServer, PleskSettings
from resets.backends.sql.passwords import refuse_weak
from resets.models import PanelNote

CLIENT: Final = "client/"
"""Before a customer's sign-in in a login; an FTP account may have the same name."""
_GONE: Final = ("does not exist", "unable to find", "not found")


class Plesk(Backend[PleskSettings]):
    """Accounts on Plesk servers.

    Its API has no ready hash, no time at which a password was set, nothing that stops only signing in, and nothing that
    ends sessions. So disabling, locking and rotating each set a password that nobody learns, revoking leaves accounts
    alone, and what was done is noted on our side.
    """

    kind: ClassVar[str] = "plesk"
    title: ClassVar[str] = "Plesk"
    settings: ClassVar[type[PleskSettings]] = PleskSettings
    abilities: ClassVar[frozenset[Ability]] = frozenset({"lock", "set_password"})
    chunk_size: ClassVar[int] = 20
    tried: ClassVar[str] = "a peer built from the documentation"

    def __init__(self, settings: PleskSettings, around: Surroundings) -> None:
        super().__init__(settings, around)
        self._line = Line(timeout_s=around.timeout_s)
        self._owners: dict[tuple[str, str], tuple[str, str]] = {}

    def close(self) -> None:
        """Hang up."""
        self._line.close()

    def probe(self) -> Sequence[Probe]:
        """Ask each server for its accounts; change nothing."""
        found = []
        for shard in self.given.servers:
            try:
                count = len(self._api(shard).rows("clients")) + len(self._api(shard).rows("ftpusers"))
            except Trouble as trouble:
                found.append(Probe(f"{shard}: REST API", granted=False, sentence=trouble.sentence))
            else:
                sentence = f"{count} customers and FTP accounts; an administrator's key may set their passwords."
                found.append(Probe(f"{shard}: REST API", granted=True, sentence=sentence))
        return found

    def find(self, selection: Selection) -> Iterator[Found]:
        """Go through the accounts of all servers."""
        if selection.plans or selection.groups:
            raise Trouble("Plesk's API does not tell plans or groups of an account; choose by server or login.")
        wanted = set(selection.logins)
        for shard in self.given.servers:
            if selection.hosts and shard not in selection.hosts:
                continue
            for found in self._all(shard):
                if not wanted or found.login in wanted:
                    yield found

    def disable(self, shard: str, logins: Sequence[str], *, guard: Guard) -> Done:
        """Set a password that nobody learns: there is no quicker way to keep people out and sites up."""
        return self._work_off(shard, logins, "disable", guard)

    def lock(self, shard: str, logins: Sequence[str], *, guard: Guard) -> Done:
        """Set a password that nobody learns."""
        return self._work_off(shard, logins, "lock", guard)

    def rotate(self, shard: str, hashes: Sequence[tuple[str, str]], *, guard: Guard) -> Done:
        """Set a password that nobody learns: Plesk takes no ready hash, and nobody knows its secret either."""
        return self._work_off(shard, [login for login, _ in hashes], "rotate", guard)

    def revoke(self, shard: str, logins: Sequence[str], *, guard: Guard) -> Done:  # noqa: ARG002 - nothing is done
        """Leave the accounts alone: the API ends no session. The dry run says so."""
        self.around.say(f"{shard}: Plesk's API ends no sessions; they end by themselves, or in the panel.")
        return Done(applied=0, skipped=tuple(logins))

    def enable(self, shard: str, logins: Sequence[str], *, guard: Guard) -> Done:  # noqa: ARG002 - nothing is done
        """Do nothing: what is locked opens by the password that its owner sets."""
        known = {found.login for found in self._all(shard)}
        gone = tuple(login for login in logins if login not in known)
        return Done(applied=0, unchanged=len(logins) - len(gone), skipped=gone)

    def set_password(self, shard: str, login: str, password: str, *, guard: Guard) -> None:
        """Set the owner's password."""
        refuse_weak(
            password,
            login=login.removeprefix(CLIENT),
            shortest=self.given.shortest_password,
            scheme="sha512_crypt",
        )
        notes = Notes(self._server(shard).url)
        notes.refuse_older(login, guard=guard)
        try:
            self._set(shard, login, password)
        except Refused as refused:
            raise Trouble("The panel did not take this password. Choose another one.") from refused
        notes.note(login, OWNED, PanelNote.State.DONE, guard=guard)

    def _work_off(self, shard: str, logins: Sequence[str], operation: str, guard: Guard) -> Done:
        def do(login: str) -> Outcome:
            try:
                self._set(shard, login, nobodys_password())
            except Refused as refused:
                if any(words in refused.said.lower() for words in _GONE):
                    return "gone"
                return Miss(login, "refused", "Plesk refused it; its log says why.")
            return "done"

        notes = Notes(self._server(shard).url)
        return notes.work_off(logins, operation, do, guard=guard, stopped=self.around.stopped)

    def _set(self, shard: str, login: str, password: str) -> None:
        name = login.removeprefix(CLIENT)
        utility = "client" if login.startswith(CLIENT) else "ftpsubaccount"
        if name.startswith("-"):
            raise Refused("A name that looks like an option.")
        self._api(shard).run(utility, ["--update", name, "-passwd", ""], password=password)

    def _all(self, shard: str) -> Iterator[Found]:
        api = self._api(shard)
        if "client" in self.given.kinds:
            for row in api.rows("clients"):
                yield Found(
                    login=f"{CLIENT}{row.get('login', '')}",
                    shard=shard,
                    email=str(row.get("email") or ""),
                    customer=str(row.get("id") or ""),
                )
        if "ftp" in self.given.kinds:
            for row in api.rows("ftpusers"):
                email, customer = self._owner(shard, str(row.get("parent_domain") or ""))
                yield Found(login=str(row.get("name", "")), shard=shard, email=email, customer=customer)

    def _owner(self, shard: str, domain: str) -> tuple[str, str]:
        """Return mail address and number of the customer who owns a domain; each domain is asked about once."""
        key = (shard, domain)
        if key not in self._owners:
            api = self._api(shard)
            rows = api.rows("domains", name=domain) if domain else []
            client = api.one(f"domains/{int(rows[0]['id'])}/client") if rows else {}
            self._owners[key] = (str(client.get("email") or ""), str(client.get("id") or ""))
        return self._owners[key]

    def _api(self, shard: str) -> PleskApi:
        return PleskApi(self._server(shard), line=self._line, secret=self.around.secret)

    def _server(self, shard: str) -> PleskServer:
        try:
            return self.given.servers[shard]
        except KeyError:
            raise Trouble(f"There is no server {shard} in the settings of this system.") from None

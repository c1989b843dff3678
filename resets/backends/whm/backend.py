"""cPanel accounts and their extra FTP accounts: found, locked, their tokens revoked one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Final

from eap.actions.base import Trouble
from resets.backends.base import Ability, Backend, Check, Done, Found, Guard, Miss, Probe, Selection, Surroundings
from resets.backends.panels.calls import Line
from resets.backends.panels.notes import KEPT_OUT, OWNED, SUSPENDING, Notes, Outcome
from resets.backends.panels.passwords import nobodys_password
from resets.backends.sql.passwords import refuse_weak
from resets.backends.whm.api import Refused, WhmApi
from resets.backends.whm.settings import WhmSettings
from resets.backends.whm.verifying import check_account
from resets.models import PanelNote

BETWEEN: Final = "/"
"""Between a cPanel user and one of its FTP accounts in a login: harbor/backup@harbor.example."""
_GONE: Final = ("does not exist", "no such user", "not exist", "invalid user")


class Whm(Backend[WhmSettings]):
    """Accounts on cPanel servers.

    WHM has no ready hash, no time at which a password was set, and nothing that stops only signing in. So locking sets
    a password that nobody learns, everybody whose password may be older than the cutoff is covered, and what was done
    is noted on our side. Unless `suspend_sites` says otherwise disabling locks at once, and enabling has nothing to do:
    an account opens again by the password that its owner sets.
    """

    kind: ClassVar[str] = "whm"
    title: ClassVar[str] = "cPanel & WHM"
    settings: ClassVar[type[WhmSettings]] = WhmSettings
    abilities: ClassVar[frozenset[Ability]] = frozenset({"lock", "revoke", "set_password", "verify"})
    chunk_size: ClassVar[int] = 20
    tried: ClassVar[str] = "a peer built from the documentation"

    def __init__(self, settings: WhmSettings, around: Surroundings) -> None:
        super().__init__(settings, around)
        self._line = Line(timeout_s=around.timeout_s)
        if settings.suspend_sites:
            # This one can more than its kind.
            self.abilities = self.abilities | {"disable", "enable"}  # type: ignore[misc]

    def close(self) -> None:
        """Hang up."""
        self._line.close()

    def probe(self) -> Sequence[Probe]:
        """Ask each server for its accounts and the rights of our token; change nothing."""
        return [self._probed(name) for name in self.given.servers]

    def find(self, selection: Selection) -> Iterator[Found]:
        """Go through the accounts of all servers. `plans` are packages, `groups` the resellers who own accounts."""
        wanted = set(selection.logins)
        for shard in self.given.servers:
            if selection.hosts and shard not in selection.hosts:
                continue
            for account in self._accounts(shard):
                if selection.plans and str(account.get("plan")) not in selection.plans:
                    continue
                if selection.groups and str(account.get("owner")) not in selection.groups:
                    continue
                for found in self._with_ftp(shard, account):
                    if not wanted or found.login in wanted:
                        yield found

    def disable(self, shard: str, logins: Sequence[str], *, guard: Guard) -> Done:
        """Suspend the accounts where the settings say so; else lock them at once."""
        if not self.given.suspend_sites:
            return self._work_off(shard, logins, "disable", self._lock_one, guard)
        return self._work_off(shard, logins, "disable", self._suspend_one, guard)

    def lock(self, shard: str, logins: Sequence[str], *, guard: Guard) -> Done:
        """Set a password that nobody learns."""
        return self._work_off(shard, logins, "lock", self._lock_one, guard)

    def rotate(self, shard: str, hashes: Sequence[tuple[str, str]], *, guard: Guard) -> Done:
        """Set a password that nobody learns: WHM takes no ready hash, and nobody knows the secret behind it either."""
        return self._work_off(shard, [login for login, _ in hashes], "rotate", self._lock_one, guard)

    def revoke(self, shard: str, logins: Sequence[str], *, guard: Guard) -> Done:
        """Revoke the API tokens of each cPanel user, one by one."""
        return self._work_off(shard, logins, "revoke", self._revoke_one, guard)

    def enable(self, shard: str, logins: Sequence[str], *, guard: Guard) -> Done:
        """Lift the suspension that `disable` put there, and no other."""
        return self._work_off(shard, logins, "enable", self._unsuspend_one, guard)

    def set_password(self, shard: str, login: str, password: str, *, guard: Guard) -> None:
        """Set the owner's password and lift our suspension."""
        refuse_weak(
            password, login=login.partition(BETWEEN)[0], shortest=self.given.shortest_password, scheme="sha512_crypt"
        )
        self._notes(shard).refuse_older(login, guard=guard)
        try:
            self._set(shard, login, password)
            self._notes(shard).note(login, OWNED, PanelNote.State.DONE, guard=guard)
            if BETWEEN not in login and self.given.force_change:
                # Its owner has just changed it.
                self._api(shard).call("forcepasswordchange", {"users_json": f'{{"{login}":0}}'}, changes=True)
            self._unsuspend_one(shard, login, guard)
        except Refused as refused:
            raise Trouble("The panel did not take this password. Choose another one.") from refused

    def verify(self, shard: str, logins: Sequence[str], *, guard: Guard) -> Sequence[Check]:
        """Look at what the panel shows, and try the old password of accounts whose old password is known."""
        api, notes = self._api(shard), self._notes(shard)
        return [
            check
            for login in logins
            for check in check_account(
                login,
                api=api,
                notes=notes,
                given=self.given,
                shard=shard,
                line=self._line,
                around=self.around,
                guard=guard,
            )
        ]

    def _work_off(self, shard: str, logins: Sequence[str], operation: str, deed: Any, guard: Guard) -> Done:
        def do(login: str) -> Outcome:
            try:
                deed(shard, login, guard)
            except Refused as refused:
                if any(words in refused.reason.lower() for words in _GONE):
                    return "gone"
                return Miss(login, "refused", "WHM refused it; its error log says why.")
            return "done"

        return self._notes(shard).work_off(logins, operation, do, guard=guard, stopped=self.around.stopped)

    def _lock_one(self, shard: str, login: str, _guard: Guard) -> None:
        self._set(shard, login, nobodys_password())
        if BETWEEN not in login and self.given.force_change:
            self._api(shard).call("forcepasswordchange", {"users_json": f'{{"{login}":1}}'}, changes=True)

    def _set(self, shard: str, login: str, password: str) -> None:
        user, _, ftp = login.partition(BETWEEN)
        if ftp:
            name, _, domain = ftp.rpartition("@")
            given = {"user": name, "domain": domain, "pass": password}
            self._api(shard).uapi(user, "Ftp", "passwd", given, changes=True)
            return
        databases = "1" if self.given.database_passwords else "0"
        given = {"user": user, "password": password, "db_pass_update": databases}
        self._api(shard).call("passwd", given, changes=True)

    def _revoke_one(self, shard: str, login: str, _guard: Guard) -> None:
        api = self._api(shard)
        user, _, ftp = login.partition(BETWEEN)
        if ftp:
            # An FTP account has no tokens of its own; that it is there is looked up.
            if ftp not in self._ftp_of(shard, user):
                raise Refused("The account does not exist.")
            return
        for token in api.uapi(user, "Tokens", "list", {}, changes=False) or []:
            api.uapi(user, "Tokens", "revoke", {"name": str(token["name"])}, changes=True)

    def _suspend_one(self, shard: str, login: str, guard: Guard) -> None:
        if BETWEEN in login:
            return self._lock_one(shard, login, guard)
        api, notes = self._api(shard), self._notes(shard)
        seen = api.call("accountsummary", {"user": login}, changes=False).get("acct") or [{}]
        if str(seen[0].get("suspended")) == "1" and not notes.intends(login, SUSPENDING, guard=guard):
            notes.note(login, KEPT_OUT, PanelNote.State.DONE, guard=guard)
            return None
        notes.note(login, SUSPENDING, PanelNote.State.INTENDED, guard=guard)
        api.call("suspendacct", {"user": login, "reason": "Password reset"}, changes=True)
        return None

    def _unsuspend_one(self, shard: str, login: str, guard: Guard) -> None:
        notes = self._notes(shard)
        ours = notes.has(login, "disable", guard=guard) and not notes.has(login, KEPT_OUT, guard=guard)
        if self.given.suspend_sites and BETWEEN not in login and ours:
            self._api(shard).call("unsuspendacct", {"user": login}, changes=True)
        else:
            self._api(shard).call("accountsummary", {"user": login.partition(BETWEEN)[0]}, changes=False)

    def _with_ftp(self, shard: str, account: dict[str, Any]) -> Iterator[Found]:
        user = str(account.get("user", ""))
        email = str(account.get("email", "")).split(",")[0].strip()
        email = "" if email in ("*unknown*", "") else email
        yield Found(login=user, shard=shard, email=email)
        if self.given.ftp_accounts:
            for name in self._ftp_of(shard, user):
                yield Found(login=f"{user}{BETWEEN}{name}", shard=shard, email=email)

    def _ftp_of(self, shard: str, user: str) -> list[str]:
        """Return the extra FTP accounts of a user: not the main one, nor those of logs and visitors."""
        skip = {"skip_acct_types": "main|anonymous|logaccess"}
        try:
            rows = self._api(shard).uapi(user, "Ftp", "list_ftp", skip, changes=False) or []
        except Refused as refused:
            raise Trouble(f"WHM does not list the FTP accounts of {user}.") from refused
        return [str(row.get("user")) for row in rows if row.get("type") == "sub"]

    def _accounts(self, shard: str) -> list[dict[str, Any]]:
        try:
            rows = self._api(shard).call("listaccts", {}, changes=False).get("acct") or []
        except Refused as refused:
            raise Trouble(f"WHM on {shard} does not list its accounts.") from refused
        return [row for row in rows if isinstance(row, dict)]

    def _probed(self, shard: str) -> Probe:
        try:
            count = len(self._accounts(shard))
            rights = self._api(shard).call("myprivs", {}, changes=False).get("privileges") or [{}]
        except Trouble as trouble:
            return Probe(f"{shard}: WHM API 1", granted=False, sentence=trouble.sentence)
        except Refused:
            return Probe(f"{shard}: WHM API 1", granted=False, sentence="WHM does not tell our token's rights.")
        granted = rights[0] if isinstance(rights, list) and rights else {}
        enough = str(granted.get("all")) == "1" or str(granted.get("passwd")) == "1"
        sentence = f"{count} accounts; the token {'may' if enough else 'may not'} set passwords."
        return Probe(f"{shard}: WHM API 1", granted=enough, sentence=sentence)

    def _notes(self, shard: str) -> Notes:
        return Notes(self._server(shard).url)

    def _api(self, shard: str) -> WhmApi:
        return WhmApi(self._server(shard), line=self._line, secret=self.around.secret)

    def _server(self, shard: str) -> Any:
        try:
            return self.given.servers[shard]
        except KeyError:
            raise Trouble(f"There is no server {shard} in the settings of this system.") from None

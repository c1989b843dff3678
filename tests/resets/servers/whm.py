"""A peer of WHM API 1, built from cPanel's API documentation: no real WHM was asked.

Knows listaccts, accountsummary, passwd, forcepasswordchange, suspendacct, unsuspendacct, myprivs, and through `cpanel`
UAPI's Ftp::list_ftp, Ftp::passwd, Tokens::list, Tokens::revoke; and cpsrvd's own sign-in.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.resets.servers.peer import Asked, Said

TOKEN = "WHMTOKEN-4YQ7ZJ2K"


@dataclass
class CpanelAccount:
    """An account: `ftp` are its FTP accounts (name@domain to password), `tokens` its API tokens."""

    password: str
    email: str = ""
    plan: str = "basic"
    owner: str = "root"
    suspended: bool = False
    force_change: bool = False
    database_password: str = ""
    ftp: dict[str, str] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=list)


@dataclass
class WhmPeer:
    """One server's accounts."""

    accounts: dict[str, CpanelAccount] = field(default_factory=dict)
    privileges: dict[str, int] = field(default_factory=lambda: {"all": 1})
    next: list[Said] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)

    def answer(self, asked: Asked) -> Said:
        """Answer as the documentation says."""
        parts = urlsplit(asked.path)
        given = dict(parse_qsl(parts.query) + parse_qsl(asked.body.decode()))
        if parts.path == "/login/":
            right = self.signs_in(given.get("user", ""), given.get("pass", ""))
            return Said(200 if right else 401, json.dumps({"status": int(right)}).encode())
        if asked.headers.get("Authorization") != f"whm root:{TOKEN}":
            return Said(403, b'{"cpanelresult":{"error":"Access denied"}}')
        function = parts.path.removeprefix("/json-api/")
        if function == "cpanel":
            return self._uapi(given)
        if given.get("api.version") != "1":
            return Said(200, b'{"status":0,"statusmsg":"Unknown App Requested"}')
        return self._api_1(function, given)

    def signs_in(self, login: str, password: str) -> bool:
        """Tell whether the panel (or its FTP server) lets somebody in."""
        user, _, ftp = login.partition("/")
        account = self.accounts.get(user)
        if account is None or account.suspended:
            return False
        return (account.ftp.get(ftp) if ftp else account.password) == password

    def _api_1(self, function: str, given: dict[str, str]) -> Said:  # noqa: PLR0911 - an answer for each function
        if function == "listaccts":
            return self._good(function, {"acct": [self._shown(user) for user in sorted(self.accounts)]})
        if function == "myprivs":
            return self._good(function, {"privileges": [self.privileges]})
        if function == "forcepasswordchange":
            wanted = json.loads(given["users_json"])
            for user, on in wanted.items():
                self.accounts[user].force_change = bool(on)
            return self._good(function, {"updated": sorted(wanted)})
        account = self.accounts.get(given.get("user", ""))
        if account is None:
            return self._bad(function, "The user “nobody” does not exist.")
        match function:
            case "accountsummary":
                return self._good(function, {"acct": [self._shown(given["user"])]})
            case "passwd":
                account.password = given["password"]
                if given.get("db_pass_update", "1") == "1":
                    account.database_password = given["password"]
                return self._good(function, {"app": ["system", "ftp", "mail"]})
            case "suspendacct" | "unsuspendacct":
                account.suspended = function == "suspendacct"
                return self._good(function, {})
        return self._bad(function, "Unknown app requested for this version of the API.")

    def _uapi(self, given: dict[str, str]) -> Said:  # noqa: PLR0911 - an answer for each function
        account = self.accounts.get(given["cpanel_jsonapi_user"])
        if account is None or given["cpanel_jsonapi_apiversion"] != "3":
            return self._result(0, None, "The user does not exist.")
        match given["cpanel_jsonapi_module"], given["cpanel_jsonapi_func"]:
            case "Ftp", "list_ftp":
                rows = [{"user": name, "type": "sub", "homedir": "/home"} for name in account.ftp]
                return self._result(1, [*rows, {"user": given["cpanel_jsonapi_user"], "type": "main"}])
            case "Ftp", "passwd":
                name = f"{given['user']}@{given['domain']}"
                if name not in account.ftp:
                    return self._result(0, None, "The FTP account does not exist.")
                account.ftp[name] = given["pass"]
                return self._result(1, None)
            case "Tokens", "list":
                return self._result(1, [{"name": name, "has_full_access": 1} for name in account.tokens])
            case "Tokens", "revoke":
                account.tokens.remove(given["name"])
                return self._result(1, 1)
        return self._result(0, None, "Failed to load module.")

    def _shown(self, user: str) -> dict[str, Any]:
        account = self.accounts[user]
        return {
            "user": user,
            "domain": f"{user}.example",
            "email": account.email or "*unknown*",
            "plan": account.plan,
            "owner": account.owner,
            "suspended": int(account.suspended),
            "unix_startdate": 1_500_000_000,
        }

    def _good(self, command: str, data: dict[str, Any]) -> Said:
        metadata = {"command": command, "reason": "OK", "result": 1, "version": 1}
        return Said(200, json.dumps({"metadata": metadata, "data": data}).encode())

    def _bad(self, command: str, reason: str) -> Said:
        metadata = {"command": command, "reason": reason, "result": 0, "version": 1}
        return Said(200, json.dumps({"metadata": metadata}).encode())

    def _result(self, status: int, data: Any, *errors: str) -> Said:
        result = {"status": status, "data": data, "errors": list(errors) or None, "messages": None, "metadata": {}}
        return Said(200, json.dumps({"apiversion": 3, "func": "", "module": "", "result": result}).encode())

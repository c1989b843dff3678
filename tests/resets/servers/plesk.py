"""A peer of Plesk's REST API, built from Plesk's documentation: no real Plesk was asked.

Knows clients, ftpusers, domains, domains/<id>/client, and the utilities `client` and `ftpsubaccount` through the
gateway to the command line.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.resets.servers.peer import Asked, Said

KEY = "9f4c8a61-plesk-key"


@dataclass
class PleskPeer:
    """Customers (login to password) and FTP accounts of the domain harbor.example, which the first customer owns."""

    clients: dict[str, str] = field(default_factory=dict)
    ftp: dict[str, str] = field(default_factory=dict)
    next: list[Said] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)

    def answer(self, asked: Asked) -> Said:  # noqa: PLR0911 - an answer for each function
        """Answer as the documentation says."""
        parts = urlsplit(asked.path)
        if asked.headers.get("X-Api-Key", asked.headers.get("X-API-Key")) != KEY:
            return Said(401, b'{"code":0,"message":"Unauthorized"}')
        path = parts.path.removeprefix("/api/v2/")
        if path.startswith("cli/"):
            return self._run(path.split("/")[1], json.loads(asked.body))
        match path:
            case "clients":
                return _said([self._client(number) for number in range(len(self.clients))])
            case "ftpusers":
                return _said(
                    [{"id": n, "name": name, "parent_domain": "harbor.example"} for n, name in enumerate(self.ftp)]
                )
            case "domains":
                name = parse_qs(parts.query).get("name", [""])[0]
                return _said([{"id": 12, "name": name}] if name == "harbor.example" else [])
            case "domains/12/client":
                return _said(self._client(0)) if self.clients else Said(404, b'{"code":1013}')
        return Said(404, b'{"code":0,"message":"Not found"}')

    def signs_in(self, login: str, password: str) -> bool:
        """Tell whether the panel or its FTP server lets somebody in."""
        if login.startswith("client/"):
            return self.clients.get(login.removeprefix("client/")) == password
        return self.ftp.get(login) == password

    def _client(self, number: int) -> dict[str, Any]:
        login = list(self.clients)[number]
        return {"id": 100 + number, "login": login, "email": f"{login}@customers.example", "status": 0}

    def _run(self, utility: str, call: dict[str, Any]) -> Said:
        kept = {"client": self.clients, "ftpsubaccount": self.ftp}[utility]
        verb, name, option, value = call["params"]
        assert (verb, option) == ("--update", "-passwd")
        if name not in kept:
            return _said({"code": 1, "stdout": "", "stderr": f"Unable to find account {name}: it does not exist.\n"})
        # An empty value on the command line: the password is in the environment.
        kept[name] = value or call["env"]["PSA_PASSWORD"]
        return _said({"code": 0, "stdout": "SUCCESS: Update complete.\n", "stderr": ""})


def _said(content: Any) -> Said:
    return Said(200, json.dumps(content).encode())

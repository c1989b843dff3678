"""Plesk's REST API: JSON under `/api/v2`, header `X-API-Key`; utilities of its command line through `cli/<name>/call`.

A password goes in the utility's environment (PSA_PASSWORD, with an empty `-passwd`): what stands in its arguments shows
in the server's list of processes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, Final
from urllib.parse import quote, urlencode

from eap.actions.base import Trouble
from resets.backends.panels.calls import Line
from resets.backends.plesk.settings import PleskServer

BY_ENVIRONMENT: Final = "PSA_PASSWORD"


class Refused(Exception):
    """The utility ran and said no; `said` is its own output."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said


class PleskApi:
    """One server's API."""

    def __init__(self, server: PleskServer, *, line: Line, secret: Callable[[str], str]) -> None:
        self._server = server
        self._line = line
        self._secret = secret

    def rows(self, path: str, **query: str) -> list[dict[str, Any]]:
        """Return a list of objects, such as `ftpusers`; an unknown place has none."""
        found = self._get(path, **query)
        return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []

    def one(self, path: str) -> dict[str, Any]:
        """Return one object, empty where there is none."""
        found = self._get(path)
        return found if isinstance(found, dict) else {}

    def run(self, utility: str, arguments: Sequence[str], *, password: str) -> None:
        """Run a utility with a password in its environment; raise `Refused` when it ends with another code than 0."""
        content = {"params": list(arguments), "env": {BY_ENVIRONMENT: password}}
        answer = self._line.ask(
            "POST",
            f"{self._server.url}/api/v2/cli/{quote(utility)}/call",
            headers=self._headers(),
            body=json.dumps(content).encode(),
            changes=True,
        )
        if answer.status >= 400:
            raise Trouble(f"Plesk answered {answer.status} to {utility}.")
        result = answer.json()
        if not isinstance(result, dict) or not isinstance(result.get("code"), int):
            raise Trouble("Plesk's answer tells no exit code.")
        if result["code"] != 0:
            raise Refused(f"{result.get('stdout', '')} {result.get('stderr', '')}"[:500])

    def _get(self, path: str, **query: str) -> Any:
        url = f"{self._server.url}/api/v2/{path}" + (f"?{urlencode(query)}" if query else "")
        answer = self._line.ask("GET", url, headers=self._headers(), changes=False)
        if answer.status == 404:
            return None
        if answer.status >= 400:
            raise Trouble(f"Plesk answered {answer.status} to {path}.")
        return answer.json()

    def _headers(self) -> dict[str, str]:
        return {
            "X-API-Key": self._secret(self._server.key),
            "Content-Type": "application/json",
            "Accept": "application/json",
        }

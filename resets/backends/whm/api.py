"""WHM API 1 (JSON, header `Authorization: whm user:token`), and UAPI through it.

Functions and fields as cPanel's API documentation describes them. What is given goes in the body, never in the address:
addresses are logged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from eap.actions.base import Trouble
from resets.backends.panels.calls import Line
from resets.backends.whm.settings import WhmServer

FORM: Final = "application/x-www-form-urlencoded"


class Refused(Exception):
    """The function ran and said no; `reason` is the panel's own sentence, which may repeat what it was given."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class WhmApi:
    """One server's functions."""

    def __init__(self, server: WhmServer, *, line: Line, secret: Callable[[str], str]) -> None:
        self._server = server
        self._line = line
        self._secret = secret

    def call(self, function: str, given: Mapping[str, str], *, changes: bool) -> dict[str, Any]:
        """Call a function and return its `data`; raise `Refused` when its result is 0, and what `Line.ask` raises."""
        answer = self._ask(function, {"api.version": "1", **given}, changes=changes)
        metadata = answer.get("metadata")
        if not isinstance(metadata, dict):
            raise Trouble("WHM's answer has no metadata; is this the address of WHM?")
        if metadata.get("result") != 1:
            raise Refused(str(metadata.get("reason", ""))[:300])
        data = answer.get("data")
        return data if isinstance(data, dict) else {}

    def uapi(self, user: str, module: str, function: str, given: Mapping[str, str], *, changes: bool) -> Any:
        """Call a UAPI function as a cPanel user and return its `data`; raise `Refused` when its status is 0."""
        names = {
            "cpanel_jsonapi_user": user,
            "cpanel_jsonapi_apiversion": "3",
            "cpanel_jsonapi_module": module,
            "cpanel_jsonapi_func": function,
        }
        result = self._ask("cpanel", {**names, **given}, changes=changes).get("result")
        if not isinstance(result, dict):
            raise Trouble("WHM's answer has no result; may this token call cPanel's functions?")
        if result.get("status") != 1:
            errors = result.get("errors") or [""]
            raise Refused(" ".join(str(each) for each in errors)[:300])
        return result.get("data")

    def _ask(self, function: str, given: Mapping[str, str], *, changes: bool) -> dict[str, Any]:
        headers = {
            "Authorization": f"whm {self._server.user}:{self._secret(self._server.token)}",
            "Content-Type": FORM,
            "Accept": "application/json",
        }
        url = f"{self._server.url}/json-api/{function}"
        answer = self._line.ask("POST", url, headers=headers, body=urlencode(given).encode(), changes=changes)
        if answer.status != 200:
            raise Trouble(f"WHM answered {answer.status} to {function}.")
        found = answer.json()
        if not isinstance(found, dict):
            raise Trouble("WHM's answer is no object.")
        return found

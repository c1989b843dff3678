"""The library's transport over kept connections with hard time limits, its refusals as ours."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from urllib3.exceptions import HTTPError
from vonage_http_client import Auth, HttpClient

from notifications.channels.base import OutcomeUnknown
from notifications.channels.vonage.errors import failure_of
from notifications.phone.connections import failure_to_answer, kept_connections


class KeptConnections(HttpClient):  # type: ignore[misc]
    """The library's transport, shared by all threads of a process: no retries, no redirects, `CALL_S` in all.

    The library's own one repeats a request whose connection was cut, up to ten times, and so would call somebody twice;
    it also keeps its headers on itself, where two threads meet. Refusals are raised as `ChannelFailure`.
    """

    def __init__(self, auth: Auth, *, api_url: str) -> None:
        super().__init__(auth)
        self._api_url = api_url
        self._pool = kept_connections()

    def make_request(
        self,
        request_type: str,
        host: str,
        request_path: str = "",
        params: dict[str, Any] | None = None,
        auth_type: str = "jwt",
        sent_data_type: str = "json",
        token: str | None = None,  # noqa: ARG002 - of services that we don't use
    ) -> Any:
        """Make one request and return what its JSON says; raise a `ChannelFailure` for anything but a 2xx."""
        given = {name: value for name, value in (params or {}).items() if value is not None}
        url, body, headers = f"{self._api_url or f'https://{host}'}{request_path}", b"", self._headers_for(auth_type)
        if request_type == "GET":
            url += f"?{urlencode(given)}" if given else ""
        elif sent_data_type == "form":
            body, headers["Content-Type"] = urlencode(given).encode(), "application/x-www-form-urlencoded"
        else:
            body, headers["Content-Type"] = json.dumps(given).encode(), "application/json"
        try:
            answer = self._pool.request(request_type, url, body=body or None, headers=headers, redirect=False)
        except HTTPError as error:
            raise failure_to_answer(error, carrier="Vonage", changes=request_type != "GET") from None
        text = answer.data.decode("utf-8", "replace")
        if answer.status >= 300:
            raise failure_of(status=answer.status, body=text, retry_after=answer.headers.get("Retry-After"))
        try:
            return json.loads(text) if text.strip() else None
        except ValueError:
            raise OutcomeUnknown("Vonage answered with something that is no JSON.", code="no_json") from None

    def _headers_for(self, auth_type: str) -> dict[str, str]:
        if auth_type == "basic":
            authorization = self._auth.create_basic_auth_string()
        else:
            authorization = self._auth.create_jwt_auth_string().decode()
        return {"User-Agent": self._user_agent, "Accept": "application/json", "Authorization": authorization}

"""The library's transport over kept connections with hard time limits."""

from __future__ import annotations

import base64
import logging
from urllib.parse import urlencode

from twilio.http import HttpClient
from twilio.http.response import Response
from urllib3.exceptions import HTTPError

from notifications.channels.base import CALL_S
from notifications.channels.twilio.errors import failure_of
from notifications.phone.connections import failure_to_answer, kept_connections

log = logging.getLogger(__name__)


class KeptConnections(HttpClient):  # type: ignore[misc]
    """The library's transport, shared by all threads of a process: no retries, no redirects, `CALL_S` in all.

    The library's own one prepares a `requests.Request` twice for each call and takes five times as long. Refusals are
    raised here as `ChannelFailure`, because the library's exceptions lose the `Retry-After` header.
    """

    def __init__(self) -> None:
        super().__init__(log, is_async=False, timeout=CALL_S)
        self._pool = kept_connections()

    def request(
        self,
        method: str,
        uri: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ARG002 - ours holds for every call
        allow_redirects: bool = False,  # noqa: ARG002
    ) -> Response:
        """Make one request; raise a `ChannelFailure` for anything but a 2xx."""
        url = f"{uri}?{urlencode(params, doseq=True)}" if params else uri
        sent = dict(headers or {})
        if auth:
            sent["Authorization"] = "Basic " + base64.b64encode(":".join(auth).encode()).decode()
        body = urlencode(data, doseq=True).encode() if data else None
        try:
            answer = self._pool.request(method.upper(), url, body=body, headers=sent, redirect=False)
        except HTTPError as error:
            raise failure_to_answer(error, carrier="Twilio", changes=method.upper() != "GET") from None
        text = answer.data.decode("utf-8", "replace")
        if answer.status >= 400:
            raise failure_of(status=answer.status, body=text, retry_after=answer.headers.get("Retry-After"))
        return Response(answer.status, text, answer.headers)

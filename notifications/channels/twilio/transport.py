"""The library's transport over kept connections with hard time limits."""

from __future__ import annotations

import base64
import logging
from typing import Final
from urllib.parse import urlencode

import urllib3
from twilio.http import HttpClient
from twilio.http.response import Response
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    MaxRetryError,
    NewConnectionError,
    ProtocolError,
    ReadTimeoutError,
    SSLError,
)

from notifications.channels.base import CALL_S, ChannelFailure, OutcomeUnknown, TemporaryFailure
from notifications.channels.twilio.errors import failure_of

KEPT_CONNECTIONS: Final = 16
CONNECT_S: Final = 3.0

log = logging.getLogger(__name__)


class KeptConnections(HttpClient):  # type: ignore[misc]
    """The library's transport, shared by all threads of a process: no retries, no redirects, `CALL_S` in all.

    The library's own one prepares a `requests.Request` twice for each call and takes five times as long. Refusals are
    raised here as `ChannelFailure`, because the library's exceptions lose the `Retry-After` header.
    """

    def __init__(self) -> None:
        super().__init__(log, is_async=False, timeout=CALL_S)
        self._pool = urllib3.PoolManager(
            maxsize=KEPT_CONNECTIONS, retries=False, timeout=urllib3.Timeout(total=CALL_S, connect=CONNECT_S)
        )

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
            raise _failure(error, changes=method.upper() != "GET") from None
        text = answer.data.decode("utf-8", "replace")
        if answer.status >= 400:
            raise failure_of(status=answer.status, body=text, retry_after=answer.headers.get("Retry-After"))
        return Response(answer.status, text, answer.headers)


def _failure(error: HTTPError, *, changes: bool) -> ChannelFailure:
    reason = error.reason if isinstance(error, MaxRetryError) else error
    never_left = isinstance(reason, ConnectTimeoutError | NewConnectionError | SSLError)
    if changes and not never_left and isinstance(reason, ReadTimeoutError | ProtocolError):
        return OutcomeUnknown("Twilio gave no answer; the message may have been made.", code="no_answer")
    return TemporaryFailure(f"Twilio can't be reached ({type(reason).__name__}).", code="unreachable")

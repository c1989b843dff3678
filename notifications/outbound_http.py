"""One request to an address that somebody typed: only where OUTBOUND_ALLOW lets it, without redirects, in `CALL_S`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

import httpx

from notifications.channels.base import (
    CALL_S,
    ChannelFailure,
    OutcomeUnknown,
    PermanentFailure,
    Scope,
    TemporaryFailure,
)
from notifications.outbound import Target, host_of, resolve
from notifications.outbound_line import TimedTransport, names, servers

CONNECT_S: Final = 3.0
TRY_LATER: Final = frozenset({408, 425, 429})


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """What a server said: `host` is its name in the address, `text` the beginning of its answer if wanted."""

    host: str
    status: int
    retry_after: str | None = None
    text: str = field(default="", repr=False)

    @property
    def is_good(self) -> bool:
        """Tell whether the server took it."""
        return 200 <= self.status < 300


def exchange(
    url: str, *, body: bytes, headers: Mapping[str, str], method: str = "POST", most_bytes: int = 0
) -> Answered:
    """Send one request to the very address that was checked, and return the answer whatever its status.

    Of its text at most `most_bytes` are read, none by default. Redirects are not followed, because where they lead
    nobody has checked. Raises `PermanentFailure` (address) for what may not be reached, `TemporaryFailure` when nothing
    left (also because earlier requests to this server hang), `OutcomeUnknown` when no answer came.
    """
    with names.at(host_of(url)):
        target = resolve(url)
    named = {"Host": target.host_header, "User-Agent": "Muster", **headers}
    with servers.at(str(target.address)):
        return _answered(target, body=body, headers=named, method=method, most_bytes=most_bytes)


def failure_of(answer: Answered, *, address: frozenset[int], otherwise: Scope = "message") -> ChannelFailure:
    """Return what a status other than 2xx means: try later, or over for good.

    `address` are the statuses by which this service says that the address is gone or was never right; any other 4xx
    is about `otherwise`.
    """
    detail, code = f"{answer.host} answered {answer.status}.", str(answer.status)
    if answer.status in TRY_LATER or answer.status >= 500:
        wished = answer.retry_after
        retry_after_s = float(wished) if wished and wished.isdecimal() else None
        return TemporaryFailure(detail, code=code, retry_after_s=retry_after_s)
    return PermanentFailure(detail, scope="address" if answer.status in address else otherwise, code=code)


def _answered(target: Target, *, body: bytes, headers: Mapping[str, str], method: str, most_bytes: int) -> Answered:
    try:
        return _exchange(target, body=body, headers=headers, method=method, most_bytes=most_bytes)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as error:
        raise TemporaryFailure(f"{target.host} can't be reached.", code="unreachable") from error
    except httpx.HTTPError as error:
        raise OutcomeUnknown(f"{target.host} gave no answer.", code="no_answer") from error
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise PermanentFailure("The address can't be asked.", scope="address", code="bad_url") from error


def _exchange(target: Target, *, body: bytes, headers: Mapping[str, str], method: str, most_bytes: int) -> Answered:
    # The name goes along for TLS: the certificate is checked against it, not against the address.
    named = {"sni_hostname": target.host}
    with _client().stream(method, target.url, content=body, headers=headers, extensions=named) as answer:
        return Answered(
            host=target.host,
            status=answer.status_code,
            retry_after=answer.headers.get("Retry-After"),
            text=_text(answer, most_bytes) if most_bytes else "",
        )


def _text(answer: httpx.Response, most_bytes: int) -> str:
    """Read the beginning of an answer."""
    read = bytearray()
    for piece in answer.iter_bytes():
        read += piece
        if len(read) >= most_bytes:
            break
    return bytes(read[:most_bytes]).decode("utf-8", "replace")


@lru_cache(maxsize=1)
def _client() -> httpx.Client:
    timeout = httpx.Timeout(CALL_S, connect=CONNECT_S)
    return httpx.Client(timeout=timeout, transport=TimedTransport(most=32), follow_redirects=False, trust_env=False)

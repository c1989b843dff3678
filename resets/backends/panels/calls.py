"""One HTTP request to a system: to an address that OUTBOUND_ALLOW lets us reach, with its certificate checked."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final

from eap.actions.base import Trouble, Unknown
from resets.backends.base import Busy

if TYPE_CHECKING:
    import httpx

LARGEST_ANSWER: Final = 20_000_000
LONGEST_WAIT_S: Final = 600.0
_LATER: Final = frozenset({408, 425, 429, 503})


@dataclass(frozen=True)
class Answer:
    """What a system answered: the status and the body."""

    status: int
    body: bytes

    def json(self) -> Any:
        """Return the body read as JSON; raise a final `Trouble` when it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise Trouble("The system answered something that is no JSON.") from None


class Line:
    """Keeps connections to systems for one thread's calls."""

    def __init__(self, *, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._client: httpx.Client | None = None

    def close(self) -> None:
        """Hang up."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def ask(self, method: str, url: str, *, headers: Mapping[str, str], body: bytes = b"", changes: bool) -> Answer:
        """Send a request and return the answer to it, whatever its status but those that mean "later".

        Raises `Busy` (408, 425, 429, 503; `Retry-After` is kept to), a passing `Trouble` when the host can't be
        reached, and where nothing came back: `Unknown` if the request `changes` something, else a passing `Trouble`.
        Addresses hold no secret, and redirects are not followed.
        """
        import httpx

        from notifications.channels.base import ChannelFailure, PermanentFailure
        from notifications.outbound import resolve

        try:
            target = resolve(url)
        except PermanentFailure as error:
            raise Trouble(error.detail) from error
        except ChannelFailure as error:
            raise Trouble(error.detail, passing=True) from error
        given = {**headers, "Host": target.host_header, "User-Agent": "Muster"}
        try:
            answer = self._sent(method, target.url, target.host, given, body)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise Trouble(f"{target.host} can't be reached.", passing=True) from error
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError, UnicodeError) as error:
            raise Trouble(f"This request can't be written: {type(error).__name__}.") from error
        except httpx.HTTPError as error:
            sentence = f"{target.host} gave no answer ({type(error).__name__})."
            raise (Unknown(sentence) if changes else Trouble(sentence, passing=True)) from error
        return self._judged(answer, target.host, changes=changes)

    def _sent(
        self, method: str, url: str, host: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[httpx.Response, bytes]:
        import httpx

        if self._client is None:
            limit = httpx.Timeout(max(1.0, self._timeout_s), connect=5.0)
            self._client = httpx.Client(timeout=limit, follow_redirects=False, trust_env=False)
        content = bytearray()
        ends_at = time.monotonic() + self._timeout_s
        # The name is what the certificate is checked against; the address is the one that was allowed.
        extensions = {"sni_hostname": host}
        with self._client.stream(method, url, content=body, headers=dict(headers), extensions=extensions) as answer:
            for piece in answer.iter_bytes():
                content += piece
                if len(content) > LARGEST_ANSWER or time.monotonic() > ends_at:
                    raise httpx.ReadTimeout("The answer is too long, or takes too long.")
        return answer, bytes(content)

    def _judged(self, answer: tuple[httpx.Response, bytes], host: str, *, changes: bool) -> Answer:
        response, body = answer
        status = response.status_code
        if status in _LATER:
            wait_s = retry_after_s(response.headers.get("Retry-After", ""), now_s=time.time())
            raise Busy(f"{host} asks for patience ({status}).", retry_after_s=wait_s)
        if status >= 500:
            sentence = f"{host} answered {status}."
            raise Unknown(sentence) if changes else Trouble(sentence, passing=True)
        if status in (401, 403):
            raise Trouble(f"{host} refuses our sign-in ({status}).")
        if 300 <= status < 400:
            raise Trouble(f"{host} answered {status}; redirects are not followed.")
        return Answer(status, body)


def retry_after_s(text: str, *, now_s: float) -> float:
    """Return how long `Retry-After` asks to wait: seconds or an HTTP date (RFC 9110 section 10.2.3), 1 s to 10 min."""
    try:
        wait = float(text) if text.strip().isdecimal() else parsedate_to_datetime(text).timestamp() - now_s
    except (TypeError, ValueError):
        wait = 5.0
    return min(max(wait, 1.0), LONGEST_WAIT_S)

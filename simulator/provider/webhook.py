"""Signed requests to the customer: status callbacks, call documents, inbound messages."""

import asyncio
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urldefrag, urlencode

import aiohttp
from yarl import URL

from simulator.clock import Clock, iso
from simulator.provider.signing import Signing
from simulator.records import Exchange

# Twilio's documented limits of a webhook. Waiting for one of our own connections doesn't count.
LIMITS = aiohttp.ClientTimeout(total=None, sock_connect=5, sock_read=15)
LARGEST_ANSWER = 64 * 1024
EXCHANGES_KEPT = 60


class Unreachable(Exception):
    """The customer gave no answer, twice."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: int
    content_type: str
    text: str

    @property
    def is_good(self) -> bool:
        return 200 <= self.status < 300


class Webhooks:
    """Keeps two sets of connections, so that a thousand status callbacks never hold up a call's next words.

    `signing` may be changed while it runs."""

    def __init__(self, *, auth_token: str, clock: Clock) -> None:
        self.signing = Signing(secret=auth_token)
        self._clock = clock
        self._words = _session(connections=100)
        self._news = _session(connections=16)

    async def close(self) -> None:
        await self._words.close()
        await self._news.close()

    async def tell(self, *, url: str, method: str, params: Mapping[str, str], event: str, log: list[Exchange]) -> None:
        """News that expects nothing back. What went wrong stands in the log."""
        try:
            await self._send(self._news, url=url, method=method, params=params, event=event, log=log)
        except Unreachable:
            return

    async def ask(self, *, url: str, method: str, params: Mapping[str, str], event: str, log: list[Exchange]) -> Answer:
        """A question whose answer goes on. Raises Unreachable."""
        return await self._send(self._words, url=url, method=method, params=params, event=event, log=log)

    async def _send(
        self,
        session: aiohttp.ClientSession,
        *,
        url: str,
        method: str,
        params: Mapping[str, str],
        event: str,
        log: list[Exchange],
    ) -> Answer:
        """One retry if the connection fails, with the same I-Twilio-Idempotency-Token, as Twilio does it."""
        token = str(uuid.uuid4())
        for attempt in (1, 2):
            entry = Exchange(
                at=iso(self._clock.now()) or "",
                event=event,
                url=url,
                attempt=attempt,
                status=None,
                error="",
                took_ms=0.0,
                token=token,
            )
            log.append(entry)
            del log[:-EXCHANGES_KEPT]
            began = time.perf_counter()
            try:
                answer = await self._request(session, url=url, method=method, params=params, token=token)
            except (aiohttp.ClientError, TimeoutError, ValueError) as error:
                entry["error"] = f"{type(error).__name__}: {error}".rstrip(": ")
                if isinstance(error, (ValueError, aiohttp.SocketTimeoutError)):
                    break  # only a connection that failed is tried again
            else:
                entry["status"] = answer.status
                return answer
            finally:
                entry["took_ms"] = round((time.perf_counter() - began) * 1000, 1)
        raise Unreachable(url)

    async def _request(
        self, session: aiohttp.ClientSession, *, url: str, method: str, params: Mapping[str, str], token: str
    ) -> Answer:
        target = urldefrag(url).url
        body: bytes | None = urlencode(params).encode()
        signed: Mapping[str, str] = params
        if method.upper() == "GET":
            target += ("&" if "?" in target else "?") + urlencode(params)
            body, signed = None, {}
        headers = {
            **self.signing.headers(url=target, params=signed),
            "I-Twilio-Idempotency-Token": token,
        }
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
        # The address goes out exactly as it was signed: yarl would normalise escapes otherwise.
        async with session.request(
            method.upper(), URL(target, encoded=True), data=body, headers=headers, allow_redirects=False
        ) as response:
            return Answer(status=response.status, content_type=response.content_type, text=await _text(response))


async def _text(response: aiohttp.ClientResponse) -> str:
    """The body, cut at LARGEST_ANSWER bytes."""
    raw = bytearray()
    async for chunk in response.content.iter_chunked(8192):
        raw += chunk
        if len(raw) > LARGEST_ANSWER:
            break
    try:
        return raw[:LARGEST_ANSWER].decode(response.charset or "utf-8", errors="replace")
    except LookupError:
        return raw[:LARGEST_ANSWER].decode("utf-8", errors="replace")


def _session(*, connections: int) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=connections, loop=asyncio.get_running_loop()),
        timeout=LIMITS,
        headers={"User-Agent": "TwilioProxy/1.1", "Accept": "*/*"},
        auto_decompress=True,
    )

"""Who calls the API, and who knows it. Apart from `web.api`, whose libraries no engine and no worker needs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True)
class Caller:
    """The person behind a call, and the token they used ("" for a browser session)."""

    person: Any
    token_id: str = ""
    token_name: str = ""

    @property
    def via(self) -> str:
        """How they came: "api" or "web", the words of the ledger's actors."""
        return "api" if self.token_id else "web"

    @property
    def scope(self) -> str:
        """Whose Idempotency-Keys these are."""
        return f"token:{self.token_id}" if self.token_id else f"person:{self.person.pk}"


Lookup = Callable[[str], Caller | None]
_lookups: Final[list[Lookup]] = []


def register_lookup(lookup: Lookup) -> None:
    """Let `lookup(sha256_hex)` find the caller of a token; None when there is no such token or it was revoked.

    The floor that keeps the tokens registers itself here in `AppConfig.ready`.
    """
    _lookups[:] = [lookup]


def digest_of(token: str) -> str:
    """Return the SHA-256 of a token as hex. Tokens are long random text, so no slow hash is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def caller_of_token(token: str) -> Caller | None:
    """Return whose token this is, or None."""
    return _lookups[0](digest_of(token)) if _lookups else None

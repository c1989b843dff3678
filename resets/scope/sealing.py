"""Seal old hashes to a public key: from here on only who holds its private half, elsewhere, can read them."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from eap.actions.base import Trouble
from resets.backends.base import Backend, Done
from resets.models import Chunk, Seal


def seal_chunk(*, chunk: Chunk, backend: Backend[Any], logins: Sequence[str], now: datetime) -> Done:
    """Read the hashes of a chunk's accounts, keep them sealed, and say what became of each account.

    The hashes are in memory only for as long as that takes. Done again, the box is replaced. Raises `Trouble` where the
    reset has no key, and what the backend raises.
    """
    key = chunk.phase.reset.seal_key
    if not key:
        raise Trouble("The reset has no public key to seal to.")
    hashes = [(login, value) for login, value in backend.read_hashes(chunk.shard, logins) if value]
    box = sealed(key, {"system": chunk.system.key, "shard": chunk.shard, "hashes": hashes})
    is_again = Seal.objects.filter(chunk=chunk).exists()
    Seal.objects.update_or_create(
        chunk=chunk, defaults={"reset_id": chunk.phase.reset_id, "accounts": len(hashes), "box": box, "at": now}
    )
    found = {login for login, _value in hashes}
    return Done(
        applied=0 if is_again else len(found),
        unchanged=len(found) if is_again else 0,
        skipped=tuple(login for login in logins if login not in found),
    )


def sealed(key: str, content: object) -> bytes:
    """Return a libsodium sealed box (X25519, XSalsa20-Poly1305) over `content` as JSON; `key` is in Base64."""
    from nacl.public import PublicKey, SealedBox

    return bytes(SealedBox(PublicKey(base64.b64decode(key))).encrypt(json.dumps(content).encode()))

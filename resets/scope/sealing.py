"""Seal old hashes to a public key: from here on only who holds its private half, elsewhere, can read them."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from eap.actions.base import Trouble
from engine import clock
from resets.backends.base import Backend, Done
from resets.models import Reset, Seal, System

if TYPE_CHECKING:
    from resets.work.deeds import Task


def seal(backend: Backend[Any], task: Task) -> Done:
    """Read the hashes of a chunk's accounts and keep them sealed: the deed of the phase "seal".

    They are in memory for as long as that takes, and nowhere else. Done again, the chunk's box is replaced. Raises
    `Trouble` where the reset has no key, and what the backend raises.
    """
    chunk = task.chunk
    key = Reset.objects.values_list("seal_key", flat=True).get(pk=chunk.reset_id)
    if not key:
        raise Trouble("The reset has no public key to seal to.")
    hashes = [(login, value) for login, value in backend.read_hashes(chunk.shard, task.logins) if value]
    system = System.objects.values_list("key", flat=True).get(pk=chunk.system_id)
    box = sealed(key, {"system": system, "shard": chunk.shard, "hashes": hashes})
    _row, is_new = Seal.objects.update_or_create(
        chunk_id=chunk.id,
        defaults={"reset_id": chunk.reset_id, "accounts": len(hashes), "box": box, "at": clock.now()},
    )
    found = {login for login, _value in hashes}
    return Done(
        applied=len(found) if is_new else 0,
        unchanged=0 if is_new else len(found),
        skipped=tuple(login for login in task.logins if login not in found),
    )


def sealed(key: str, content: object) -> bytes:
    """Return a libsodium sealed box (X25519, XSalsa20-Poly1305) over `content` as JSON; `key` is in Base64."""
    from nacl.public import PublicKey, SealedBox

    return bytes(SealedBox(PublicKey(base64.b64decode(key))).encrypt(json.dumps(content).encode()))

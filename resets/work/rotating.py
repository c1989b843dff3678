"""Rotate a chunk: hashes of secrets that nobody learns take the place of the old ones."""

from __future__ import annotations

from typing import Any

from resets.backends.base import Backend, Done
from resets.work.deeds import Task
from resets.work.hashing import hashers


def rotate(backend: Backend[Any], task: Task) -> Done:
    """Have a fresh hash made for every login and hand them to the backend; raises `Stopped` in between."""
    hashes = hashers().make(len(task.logins), stopped=task.stopped)
    return backend.rotate(task.chunk.shard, list(zip(task.logins, hashes, strict=True)), guard=task.chunk.guard)

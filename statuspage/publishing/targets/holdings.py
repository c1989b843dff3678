"""What this host knows a target to hold, so that only differences travel.

It is knowledge, not truth: the target's own `generation.json` decides whether it is still so.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from statuspage.publishing.tree import PRIVATE, Tree


@dataclass(frozen=True, kw_only=True)
class Holdings:
    """The generation a target holds, and the digest of each of its files."""

    generation: int = 0
    files: dict[str, str] = field(default_factory=dict)


def known(tree: Tree, target_id: int) -> Holdings:
    """Return what was noted last; nothing where the note is missing or damaged."""
    try:
        given = json.loads(_place(tree, target_id).read_text())
        return Holdings(generation=int(given["generation"]), files=dict(given["files"]))
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return Holdings()


def note(tree: Tree, target_id: int, holdings: Holdings) -> None:
    """Note what a target holds."""
    text = json.dumps({"generation": holdings.generation, "files": holdings.files}).encode()
    tree.write(_place(tree, target_id), text, private=True)


def forget(tree: Tree, target_id: int) -> None:
    """Have everything sent anew."""
    _place(tree, target_id).unlink(missing_ok=True)


def _place(tree: Tree, target_id: int) -> Path:
    return tree.root / PRIVATE / "targets" / str(target_id)

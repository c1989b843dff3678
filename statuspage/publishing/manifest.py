"""What a published tree holds: its generation, and the digest of every file.

The whole manifest stands in `.manifest.json`, which no web server hands out, because it names secret folders. What
everybody may know stands beside it in `generation.json`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

MANIFEST: Final = ".manifest.json"
GENERATION: Final = "generation.json"
NEVER: Final = datetime.min.replace(tzinfo=UTC)
COMPRESSED_FROM: Final = 1024
"""Bytes. Below, the answer's head weighs more than what compression saves."""
COMPRESSED_TYPES: Final = (
    *("text/", "application/json", "application/javascript", "image/svg+xml"),
    *("application/atom+xml", "application/rss+xml", "application/feed+json"),
)


class DamagedManifest(Exception):
    """The text is no manifest of ours."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A file of the tree. `digest` is the SHA-256 of its bytes, "" while they are not known for sure.

    `key` is what its renderer said it was made from, "" where it said nothing: the same key, the same bytes.
    """

    digest: str
    size: int
    type: str
    phase: int
    key: str = ""

    @property
    def compressed(self) -> bool:
        """Tell whether a compressed copy stands beside it."""
        return self.size >= COMPRESSED_FROM and self.type.startswith(COMPRESSED_TYPES)


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """A generation of the tree.

    `generated_at` is when what it shows was read (UTC); `shows` is the publisher's count of wanted changes that it
    includes; `renderer` names the code and settings that made it. `held`: it is an older generation put back by hand,
    and stays until something new is wanted.
    """

    generation: int = 0
    generated_at: datetime = NEVER
    shows: int = -1
    renderer: str = ""
    held: bool = False
    files: Mapping[str, Entry] = field(default_factory=dict)

    def text(self) -> bytes:
        """Return the manifest as it is stored."""
        files = {path: [e.digest, e.size, e.type, e.phase, e.key] for path, e in sorted(self.files.items())}
        head = {
            "generation": self.generation,
            "generated_at": self.generated_at.isoformat(),
            "shows": self.shows,
            "renderer": self.renderer,
            "held": self.held,
        }
        return json.dumps({**head, "files": files}, ensure_ascii=False, separators=(",", ":")).encode()

    def public_text(self) -> bytes:
        """Return what `generation.json` says: enough to tell which of two copies is newer, and no name of a file."""
        return json.dumps(
            {
                "generation": self.generation,
                "generated_at": self.generated_at.isoformat(),
                "files": len(self.files),
            }
        ).encode()

    @classmethod
    def parse(cls, text: bytes) -> Manifest:
        """Return the manifest that `text()` wrote; raises DamagedManifest."""
        try:
            given = json.loads(text)
            files = {
                path: Entry(digest=digest, size=size, type=kind, phase=phase, key=key)
                for path, (digest, size, kind, phase, key) in given["files"].items()
            }
            return cls(
                generation=int(given["generation"]),
                generated_at=datetime.fromisoformat(given["generated_at"]),
                shows=int(given["shows"]),
                renderer=str(given["renderer"]),
                held=bool(given["held"]),
                files=files,
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise DamagedManifest(str(error)) from error


def head_of(text: bytes) -> bytes:
    """Return a manifest's text without its thousands of files."""
    head, _, files = text.partition(b',"files":')
    return head + b',"files":{}}' if files else text


def generation_in(text: bytes) -> int:
    """Return the number in a `generation.json`; raises DamagedManifest."""
    try:
        return int(json.loads(text)["generation"])
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedManifest(str(error)) from error

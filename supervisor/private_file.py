"""Files that hold secrets: readable by their owner only, and whole at every moment."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from supervisor.errors import StartRefused


def write_private(path: Path, content: Mapping[str, Any]) -> None:
    """Write `content` as JSON, mode 0600; a reader sees the old file or the new one, never a part."""
    number, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mkstemp makes it 0600
    try:
        with os.fdopen(number, "w", encoding="utf-8") as file:
            json.dump(content, file, indent=2, ensure_ascii=False)
            file.write("\n")
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def read_private(path: Path) -> dict[str, Any]:
    """Return what `write_private` wrote, nothing where there is no file; raises StartRefused for a damaged one."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise StartRefused(f"{path} is damaged: {error}. Restore it from a backup or remove it.") from None
    if not isinstance(content, dict):
        raise StartRefused(f"{path} is damaged: it should hold one JSON object. Restore it or remove it.")
    return content

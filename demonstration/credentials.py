"""What may be known in clear of a demonstration: passwords, tokens and keys, in one file of mode 0600."""

from __future__ import annotations

import json
import os
import secrets
import tempfile
from pathlib import Path
from typing import Any, Final

from django.conf import settings

FILE: Final = "demo-company.json"


def path() -> Path:
    """Return where the file is."""
    return Path(settings.VAR_DIR) / FILE


def read() -> dict[str, Any] | None:
    """Return what was written, or None when it is gone or unreadable: then everything is made anew."""
    try:
        found = json.loads(path().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def write(company: dict[str, Any]) -> None:
    """Write the file whole or not at all, readable by its owner only."""
    path().parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path().parent, prefix=".demo-company.")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(company, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    Path(name).replace(path())


def new_password() -> str:
    """Return the password that MUSTER_DEMO_PASSWORD sets, or a random one that can be typed on a phone."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    made = "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))
    return os.environ.get("MUSTER_DEMO_PASSWORD") or made

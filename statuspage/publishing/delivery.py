"""How a published file is to be delivered: its type, how long it may be kept, who may embed it.

The same for Muster's own address, for storage and for the web server in `deploy/nginx.conf`, which repeats it.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Final

TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".atom": "application/atom+xml; charset=utf-8",
    ".rss": "application/rss+xml; charset=utf-8",
    ".ics": "text/calendar; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".txt": "text/plain; charset=utf-8",
}
HASHED: Final = re.compile(r"(?:^|/)assets/[^/]+\.[0-9a-f]{12,64}\.[a-z0-9]+$")
FOR_EVER: Final = "public, max-age=31536000, immutable"
BRIEFLY: Final = "public, max-age=15, stale-if-error=86400"
"""Seconds. A cache in front may go on with its copy for a day when it can't reach us: an old page says that it is old,
no page says nothing."""
EMBEDDED: Final = "widget.html"


def type_of(path: str) -> str:
    """Return the content type of a path in the tree."""
    return TYPES.get(PurePosixPath(path).suffix, "application/octet-stream")


def kept_for(path: str) -> str:
    """Return the Cache-Control of a path: for ever where the name changes with the content, else some seconds."""
    return FOR_EVER if HASHED.search(path) else BRIEFLY


def headers_of(path: str) -> list[tuple[str, str]]:
    """Return the headers that a path is delivered with, besides its size and version.

    Everything but a page may be read by scripts of other sites. Only the widget may stand in a frame of theirs. A link
    that leads away tells where it came from by the site's name only, because a page's address may be its secret.
    """
    headers = [
        ("Content-Type", type_of(path)),
        ("Cache-Control", kept_for(path)),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "strict-origin"),
    ]
    if not path.endswith(".html"):
        headers.append(("Access-Control-Allow-Origin", "*"))
    elif not path.endswith(EMBEDDED):
        headers.append(("Content-Security-Policy", "frame-ancestors 'none'"))
    return headers

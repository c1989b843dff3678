"""Where symbolic links lead, worked out as the kernel would, without touching a disk."""

from __future__ import annotations

from collections.abc import Mapping

MOST_HOPS = 40
"""As many as Linux follows (path_resolution(7))."""


def outward(links: Mapping[str, str], site: str) -> str:
    """Return the path of a link that leads out of the site, "" when none does.

    `links` maps each link's path inside the site to its target. An absolute target is inside when it begins with the
    path of the `site` itself. Links may lead through links: what looks harmless alone may climb out through another.
    """
    for path in links:
        if not _stays(path, links, site.rstrip("/")):
            return path
    return ""


def _stays(path: str, links: Mapping[str, str], site: str) -> bool:
    left = path.split("/")[::-1]
    at: list[str] = []
    hops = 0
    while left:
        word = left.pop()
        if word in ("", "."):
            continue
        if word == "..":
            if not at:
                return False
            at.pop()
            continue
        target = links.get("/".join([*at, word]))
        if target is None:
            at.append(word)
            continue
        hops += 1
        if hops > MOST_HOPS:
            return False
        inside = _below(target, site)
        if inside is None:
            return False
        if target.startswith("/"):
            at = []
        left += inside.split("/")[::-1]
    return True


def _below(target: str, site: str) -> str | None:
    """Return a target as a relative path, None for an absolute one outside the site."""
    if not target.startswith("/"):
        return target
    if target == site:
        return ""
    return target[len(site) + 1 :] if target.startswith(f"{site}/") else None

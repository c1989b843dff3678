"""The folder of a site's archives: `<name>-<UTC time>.tar.gpg`, each with a `.json` that says what it is."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from eap.actions.webserver.host.disk import remove, sync_folder
from eap.actions.webserver.host.trouble import Trouble, say, shown

_NAME = re.compile(r"(?P<site>[A-Za-z0-9][A-Za-z0-9._-]{0,99})-(?P<stamp>\d{8}T\d{6}Z)\.tar\.gpg")


@dataclass(frozen=True)
class Archive:
    """One archive as its folder knows it; `sha256` and `unpacked` (bytes on a disk) come from the file beside it and
    are empty and 0 without one."""

    path: Path
    made_at: str
    size: int
    sha256: str
    unpacked: int


def archive_name(site: str, now: datetime) -> str:
    """Return the name of an archive made at `now` (UTC)."""
    return f"{site}-{now.strftime('%Y%m%dT%H%M%SZ')}.tar.gpg"


def archives_of(folder: Path, site: str) -> list[Archive]:
    """Return a site's archives, the newest first; what has another name or is a link is none."""
    if not folder.is_dir():
        raise Trouble(f"There is no folder {folder} on this host.")
    found = []
    for path in folder.iterdir():
        match = _NAME.fullmatch(path.name)
        if match and match["site"] == site and path.is_file() and not path.is_symlink():
            found.append(_described(path, match["stamp"]))
    return sorted(found, key=lambda each: each.path.name, reverse=True)


def choose(folder: Path, site: str, name: str) -> Archive:
    """Return the archive of this name, or the newest one for ""; raises `Trouble` where there is none."""
    found = archives_of(folder, site)
    if not found:
        raise Trouble(f"{folder} holds no archive of {site}.")
    for archive in found:
        if name in ("", archive.path.name):
            return archive
    names = ", ".join(each.path.name for each in found[:5])
    raise Trouble(f"{folder} has no archive {shown(name)}; the newest ones are {names}.")


def _described(path: Path, stamp: str) -> Archive:
    sha256, unpacked = "", 0
    try:
        said = json.loads(beside(path).read_text("utf-8"))
        sha256, unpacked = str(said["sha256"]), int(said["unpacked"])
    except (OSError, ValueError, KeyError, TypeError):
        say(f"Nothing readable stands beside {path.name}: its checksum is not known here.")
    made = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)  # noqa: UP017 - 3.9 has no UTC
    return Archive(path, made.isoformat().replace("+00:00", "Z"), path.stat().st_size, sha256, unpacked)


def beside(path: Path) -> Path:
    """Return the file that describes an archive."""
    return path.with_name(f"{path.name}.json")


def prune(folder: Path, site: str, *, keep: int) -> int:
    """Remove all but the newest `keep` archives of a site; return how many were removed."""
    old = archives_of(folder, site)[max(1, keep) :]
    for archive in old:
        remove(archive.path)
        remove(beside(archive.path))
    if old:
        sync_folder(folder)
    return len(old)

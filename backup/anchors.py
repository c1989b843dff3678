"""The ledger's anchors on their way into a backup and out: they are files, and vouch for what the database says."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from backup.archive import DAMAGED, Member
from backup.errors import BackupError
from ledger import anchor_files
from ledger.actor import Actor
from ledger.chains import Break
from ledger.operations.restart_anchors import restart_anchors
from ledger.operations.verify import Verified, verify

OURS: Final = re.compile(r"(?:[\w-]+/){0,4}(?:id|heads-\d{4}-\d\d-\d\d\.jsonl)")
"""A path in a folder of anchors; what was put away after a restore stands in folders beneath."""
PATIENCE_S: Final = 10.0


@dataclass(frozen=True, kw_only=True)
class AnchorFile:
    """A file of the folder as it was at one moment: its first `size` bytes."""

    path: Path
    name: str
    size: int


@contextmanager
def standing_still(folder: Path) -> Iterator[None]:
    """Keep every engine of this host from anchoring, so that a snapshot and the files tell the same.

    A host where no engine ever anchored has nothing to keep still. Raises `BackupError` after 10 s.
    """
    if not folder.exists():
        yield
        return
    deadline = time.monotonic() + PATIENCE_S
    while True:
        with anchor_files.opened(folder) as writer:
            if writer is not None:
                yield
                return
        if time.monotonic() > deadline:
            raise BackupError(f"Something has been writing to {folder} for {PATIENCE_S:.0f} s. Try again.")
        time.sleep(0.05)


def files(folder: Path) -> list[AnchorFile]:
    """Return what the folder holds."""
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    named = [(path, path.relative_to(folder).as_posix()) for path in found]
    return [AnchorFile(path=p, name=name, size=p.stat().st_size) for p, name in named if OURS.fullmatch(name)]


def spool(member: Member, into: Path) -> None:
    """Write an archive's `anchors/<path>` below `into`. Raises `BackupError` for a path that is not one of ours."""
    name = member[0].removeprefix("anchors/")
    if not OURS.fullmatch(name):
        raise BackupError(DAMAGED)
    path = into / name
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("xb") as target:
        shutil.copyfileobj(member[1], target)
    path.chmod(0o600)


def put_back(spooled: Path, *, folder: Path, made_at: str) -> bool:
    """Copy the backup's anchors to their place where there are none, and tell so: then they must fit.

    Where the folder's own history goes on from the backup it holds all of it already; those of another installation
    stay, and the backup's are put beneath.
    """
    if not spooled.exists():
        return False
    target = folder
    if is_taken := any(folder.glob(anchor_files.FILES)):
        if anchor_files.folder_id(folder) == anchor_files.folder_id(spooled):
            return False
        target = folder / f"of-backup-{re.sub(r'[^0-9TZ-]', '', made_at)}"
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    shutil.copytree(spooled, target, dirs_exist_ok=True)
    return not is_taken


@dataclass(frozen=True, kw_only=True)
class BegunAnew:
    """The anchors did not fit: where they are kept, and the first thing they say against the restored ledger."""

    kept: Path
    first: Break


def vouch(
    folder: Path, *, may_restart: bool, reason: str, by: Actor, clock: Callable[[], datetime]
) -> tuple[Verified, BegunAnew | None]:
    """Verify the restored ledger; where it is whole but for the anchors, begin those anew and verify again.

    Returns the last verification. The reason is recorded in the ledger.
    """
    result = verify(anchors=[folder])
    if result.broken is None or not may_restart or verify(anchors=[]).broken is not None:
        return result, None
    kept = restart_anchors(folder=folder, reason=reason, by=by, now=clock())
    return verify(anchors=[folder]), BegunAnew(kept=kept, first=result.broken)

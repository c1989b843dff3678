"""A further folder that this host can reach: a mounted share, a second web server's root."""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterable, Sequence
from pathlib import Path

from statuspage.models import Target
from statuspage.publishing.manifest import GENERATION
from statuspage.publishing.targets.place import Parcel, Trouble
from statuspage.publishing.tree import LOCK, checked


class Directory:
    """A folder. It is empty or ours: one with other things in it is refused, so that a mistyped path destroys nothing.
    Two engines wait for each other at its lock."""

    def __init__(self, target: Target) -> None:
        self._root = Path(str(target.settings.get("folder", "")))
        if not self._root.is_absolute():
            raise Trouble("The folder has to be an absolute path.")
        try:
            self._root.mkdir(parents=True, exist_ok=True)
            ours = (self._root / GENERATION).exists()
            if not ours and any(not path.name.startswith(".") for path in self._root.iterdir()):
                raise Trouble(f"{self._root} holds something else already. Choose an empty folder.")
            self._lock = os.open(self._root / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise Trouble(f"{self._root} can't be used: {error.strerror}.") from error
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def fetch(self, paths: Sequence[str]) -> dict[str, bytes]:
        """Return what stands there."""
        found = {}
        for path in paths:
            try:
                found[path] = (self._root / checked(path)).read_bytes()
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError as error:
                raise Trouble(f"{path} can't be read: {error.strerror}.") from error
        return found

    def put(self, parcels: Sequence[Parcel]) -> None:
        """Copy each file beside its place and rename it."""
        try:
            for parcel in parcels:
                place = self._root / checked(parcel.path)
                place.parent.mkdir(parents=True, exist_ok=True)
                packed = place.with_name(f"{place.name}.gz")
                if parcel.compressed:
                    self._copy(parcel.compressed, packed)
                else:
                    packed.unlink(missing_ok=True)
                self._copy(parcel.content, place)
        except OSError as error:
            raise Trouble(f"{error.filename or self._root} can't be written: {error.strerror}.") from error

    def remove(self, paths: Iterable[str]) -> None:
        """Remove files."""
        try:
            for path in paths:
                place = self._root / checked(path)
                place.unlink(missing_ok=True)
                place.with_name(f"{place.name}.gz").unlink(missing_ok=True)
        except OSError as error:
            raise Trouble(f"{error.filename or self._root} can't be removed: {error.strerror}.") from error

    def names(self) -> list[str]:
        """Walk the folder."""
        found = (path.relative_to(self._root) for path in self._root.rglob("*") if path.is_file())
        return [str(path) for path in found if not any(part.startswith(".") for part in path.parts)]

    def close(self) -> None:
        """Give the lock back."""
        os.close(self._lock)

    def _copy(self, content: Path, place: Path) -> None:
        temporary = place.with_name(f".{place.name[:100]}.{secrets.token_hex(6)}")
        try:
            with temporary.open("wb") as file:
                os.fchmod(file.fileno(), 0o644)
                file.write(content.read_bytes())
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(place)
        finally:
            temporary.unlink(missing_ok=True)

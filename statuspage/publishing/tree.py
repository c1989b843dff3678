"""The published folder: how files get into it so that a reader finds the old page or the new one, never half of one.

Contents are kept by their digest under `.generations/objects` and reach their place by a hard link that is renamed over
the old one. What begins with a dot is private: no web server hands it out.
"""

from __future__ import annotations

import contextlib
import fcntl
import gzip
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from statuspage.publishing.manifest import (
    GENERATION,
    MANIFEST,
    DamagedManifest,
    Entry,
    Manifest,
    generation_in,
    head_of,
)

LOCK: Final = ".lock"
PRIVATE: Final = ".generations"
KEPT: Final = 5
"""Generations that can be put back."""
FLUSHED_ONE_BY_ONE: Final = 200
"""Above, one `sync` of everything is quicker than an `fsync` for each file (measured: some 2 ms each)."""
LONGEST_PART: Final = 200
"""Bytes of one part of a path: file systems end at 255, and a temporary name is longer."""
LONGEST: Final = 1000
"""Bytes of a path inside the tree; systems end at 1,024 to 4,096 with the folder before it."""


_read_before: dict[Path, tuple[tuple[int, int, int], Manifest]] = {}


class Superseded(Exception):
    """The folder holds this generation or a higher one, or words that no generation shows yet: nothing was changed."""


class UnfitPath(ValueError):
    """A file would land outside of the tree, or where no web server looks."""


def checked(path: str) -> str:
    """Return `path` if it is a plain relative path inside the tree; raises UnfitPath."""
    if len(path.encode()) > LONGEST:
        raise UnfitPath(f"{path[:80]!r}… is longer than {LONGEST} bytes.")
    for part in path.split("/"):
        if not part or part.startswith(".") or "\\" in part or not part.isprintable():
            raise UnfitPath(f"{path!r} is no place in a published tree.")
        if len(part.encode()) > LONGEST_PART:
            raise UnfitPath(f"A part of {path[:80]!r}… is longer than {LONGEST_PART} bytes.")
    return path


class Tree:
    """A published folder on this host."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._objects = root / PRIVATE / "objects"
        self._place_of = str(root)

    # --- what it holds ------------------------------------------------------------------------------------------------
    def manifest(self) -> Manifest:
        """Return what the folder holds; a damaged manifest counts as none, so that every file is written anew.

        It is read again only after it was replaced: the duties ask each second, and it may name thousands of files.
        """
        place = self.root / MANIFEST
        try:
            found = place.stat()
            version = (found.st_ino, found.st_mtime_ns, found.st_size)
            known = _read_before.get(place)
            if known is None or known[0] != version:
                known = _read_before[place] = (version, Manifest.parse(place.read_bytes()))
            return known[1]
        except FileNotFoundError:
            return Manifest()
        except DamagedManifest:
            return Manifest(generation=self._public_generation())

    def _public_generation(self) -> int:
        try:
            return generation_in((self.root / GENERATION).read_bytes())
        except (FileNotFoundError, DamagedManifest):
            return 0

    def kept(self, *, heads: bool = False) -> list[Manifest]:
        """Return the generations that can be put back, newest first; with `heads` without their files."""
        found = []
        for path in (self.root / PRIVATE).glob("[0-9]*.json"):
            with contextlib.suppress(FileNotFoundError, DamagedManifest):
                text = path.read_bytes()
                found.append(Manifest.parse(head_of(text) if heads else text))
        return sorted(found, key=lambda manifest: manifest.generation, reverse=True)

    def stands(self, path: str, entry: Entry) -> bool:
        """Tell whether the file is in its place with its size; that it is whole is the promise of the rename."""
        try:
            # Thousands of times with each publication, and a Path costs more than the call itself.
            return bool(entry.digest) and os.stat(f"{self._place_of}/{path}").st_size == entry.size  # noqa: PTH116
        except OSError:
            return False

    def object(self, digest: str) -> Path:
        """Return where the content with this digest is kept."""
        return self._objects / digest[:2] / digest

    # --- making a generation ------------------------------------------------------------------------------------------
    def keep(self, body: bytes, *, kind: str, phase: int, key: str = "") -> Entry:
        """Keep a content and its compressed copy; return its entry. No reader sees it before `swap`."""
        entry = Entry(digest=hashlib.sha256(body).hexdigest(), size=len(body), type=kind, phase=phase, key=key)
        place = self.object(entry.digest)
        self._private_folder()
        if entry.compressed and not place.with_suffix(".gz").exists():
            # No time inside: the same content is the same file.
            self.write(place.with_suffix(".gz"), gzip.compress(body, compresslevel=6, mtime=0))
        if not place.exists():
            self.write(place, body)
        return entry

    def swap(self, new: Manifest) -> None:
        """Make `new` what readers find, in the order of the phases; wait for others who write here.

        Raises Superseded when the folder already holds its generation or a higher one, or when the journal has words
        that nobody imported yet; nothing is changed then. A crash leaves a mix of whole files of two generations that
        still refer to files which exist: what disappears is removed last, and the next publication repairs the rest.
        """
        with self.locked():
            old = self.manifest()
            if old.generation >= new.generation:
                raise Superseded(f"The folder holds generation {old.generation}.")
            if self.waiting_words():
                raise Superseded("An emergency publication waits to be imported.")
            changed = [path for path, entry in new.files.items() if not self._holds(old, path, entry)]
            changed.sort(key=lambda path: (new.files[path].phase, path))
            self._flush([new.files[path].digest for path in changed])
            if changed:
                self._doubt(old, changed)
            for path in changed:
                self._place(path, new.files[path])
            self._remove(path for path in old.files if path not in new.files)
            text = new.text()
            self.write(self.root / MANIFEST, text, private=True, flush=True)
            self.write(self.root / PRIVATE / f"{new.generation}.json", text, private=True)
            self.write(self.root / GENERATION, new.public_text(), flush=True)
            self._flush_folder(self.root)
            self._forget_generations()

    @contextlib.contextmanager
    def rendering(self) -> Iterator[bool]:
        """Tell whether nobody else on this host renders for this folder, and keep others from it meanwhile."""
        self._private_folder()
        descriptor = os.open(self.root / PRIVATE / "rendering", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True
        finally:
            os.close(descriptor)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Be the only one on this host who writes here; a process that dies gives the lock back."""
        self._private_folder()
        descriptor = os.open(self.root / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def waiting_words(self) -> list[Path]:
        """Return the journal's entries of emergency publications that were not imported yet, oldest first."""
        return sorted((self.root / ".journal").glob("*.json"))

    def sweep(self, *, unused_for_s: float, now: float) -> int:
        """Remove contents that no kept generation has named since a sweep `unused_for_s` ago (`now` is a UNIX time, as
        theirs was); return how many. A target that still sends an older generation has that long.

        When each was first found unused is noted in a file: their own times are those of the published files.
        """
        named = {entry.digest for manifest in [self.manifest(), *self.kept()] for entry in manifest.files.values()}
        found = {path.name.split(".")[0] for path in self._objects.glob("??/*")}
        noted = self.root / PRIVATE / "unused"
        try:
            before: dict[str, float] = json.loads(noted.read_text())
        except (FileNotFoundError, ValueError):
            before = {}
        unused = {digest: before.get(digest, now) for digest in found - named}
        swept = [digest for digest, since in unused.items() if now - since >= unused_for_s]
        for digest in swept:
            self.object(digest).unlink(missing_ok=True)
            self.object(digest).with_suffix(".gz").unlink(missing_ok=True)
            del unused[digest]
        self.write(noted, json.dumps(unused).encode(), private=True)
        return len(swept)

    # --- the parts of a swap ------------------------------------------------------------------------------------------
    def _holds(self, old: Manifest, path: str, entry: Entry) -> bool:
        before = old.files.get(path)
        if before is entry:
            return True  # found in its place while this generation was made
        if before is None or before.digest != entry.digest or not self.stands(path, entry):
            return False
        return not entry.compressed or (self.root / f"{path}.gz").exists()

    def _doubt(self, old: Manifest, changed: Iterable[str]) -> None:
        """Note in the old manifest which files are about to be replaced: after a crash they are written again."""
        doubted: Mapping[str, Entry] = {
            path: replace(entry, digest="", key="") for path in changed if (entry := old.files.get(path))
        }
        self.write(self.root / MANIFEST, replace(old, files={**old.files, **doubted}).text(), private=True, flush=True)

    def _place(self, path: str, entry: Entry) -> None:
        place = self.root / checked(path)
        self._folders(place.parent)
        content = self.object(entry.digest)
        # The compressed copy first: who asks for it is a browser, and finds both within the same millisecond.
        if entry.compressed:
            _link(content.with_suffix(".gz"), place.with_name(f"{place.name}.gz"))
        else:
            place.with_name(f"{place.name}.gz").unlink(missing_ok=True)
        _link(content, place)

    def _private_folder(self) -> None:
        self._folders(self.root)
        (self.root / PRIVATE).mkdir(mode=0o700, exist_ok=True)

    def _folders(self, folder: Path) -> None:
        """Make the folder and those above it, open to the web server's user whatever our own umask is."""
        missing = [each for each in (folder, *folder.parents) if not each.exists()]
        for each in reversed(missing):
            each.mkdir(exist_ok=True)
            each.chmod(0o755)

    def _remove(self, paths: Iterable[str]) -> None:
        for path in paths:
            place = self.root / checked(path)
            place.unlink(missing_ok=True)
            place.with_name(f"{place.name}.gz").unlink(missing_ok=True)
            for folder in place.parents:
                if folder == self.root or not _removed(folder):
                    break

    def _forget_generations(self) -> None:
        """Keep the last five that differ in what they show: those written only to be fresh would fill the places with
        five minutes of the same."""
        seen: list[tuple[int, str, bool]] = []
        for manifest in self.kept(heads=True):
            what = (manifest.shows, manifest.renderer, manifest.held)
            if what in seen or len(seen) == KEPT:
                (self.root / PRIVATE / f"{manifest.generation}.json").unlink(missing_ok=True)
            else:
                seen.append(what)

    def _flush(self, digests: list[str]) -> None:
        if len(digests) > FLUSHED_ONE_BY_ONE:
            os.sync()
            return
        for digest in digests:
            for place in (self.object(digest), self.object(digest).with_suffix(".gz")):
                with contextlib.suppress(FileNotFoundError):
                    descriptor = os.open(place, os.O_RDONLY)
                    try:
                        os.fsync(descriptor)
                    finally:
                        os.close(descriptor)

    def _flush_folder(self, folder: Path) -> None:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def write(self, place: Path, body: bytes, *, private: bool = False, flush: bool = False) -> None:
        place.parent.mkdir(parents=True, exist_ok=True)
        temporary = _beside(place)
        try:
            with temporary.open("wb") as file:
                os.fchmod(file.fileno(), 0o600 if private else 0o644)
                file.write(body)
                if flush:
                    file.flush()
                    os.fsync(file.fileno())
            temporary.replace(place)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def _beside(place: Path) -> Path:
    return place.with_name(f".{place.name[:100]}.{secrets.token_hex(6)}")


def _link(content: Path, place: Path) -> None:
    """Put the content in its place in one step, whatever stands there."""
    temporary = _beside(place)
    try:
        try:
            os.link(content, temporary)
        except OSError:  # a file system without hard links, or one that allows no more to this file
            shutil.copyfile(content, temporary)
        temporary.replace(place)
    finally:
        # Also after success: a rename between two names of one file does nothing and leaves both.
        temporary.unlink(missing_ok=True)


def _removed(folder: Path) -> bool:
    try:
        folder.rmdir()
    except OSError:
        return False
    return True

"""Bring a target to the folder's generation, and see that it has arrived."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final

from statuspage.models import Target
from statuspage.publishing.manifest import GENERATION, DamagedManifest, Entry, Manifest, generation_in
from statuspage.publishing.targets.holdings import Holdings, forget, known, note
from statuspage.publishing.targets.kinds import open_place
from statuspage.publishing.targets.place import Parcel, Place, Trouble
from statuspage.publishing.tree import Tree

OURS: Final = ("incidents/", "pages/", "customers/", "servers/", "assets/", "history/")
"""Where files of a forgotten generation are looked for and removed; other things in a bucket are not ours to judge."""
FETCHED_BACK: Final = 40
"""Files of a sending that are fetched back and compared, the most important last; a check fetches all."""
FETCHED_AT_ONCE: Final = 200
"""So that memory stays flat however many files there are."""
INDEX_PHASE: Final = 3


def send(target: Target, tree: Tree, *, manifest: Manifest) -> int:
    """Bring the target to `manifest`, which this host's folder keeps; return how many files travelled.

    Files go in the order of the phases, `generation.json` last. Raises Trouble, also when the target holds a higher
    generation, or one of the same number that is not this one: it takes only what is newer.
    """
    place = open_place(target)
    try:
        there = _generation(place)
        _refuse_older(there, manifest)
        before = known(tree, target.pk)
        if before.generation != there:
            before = Holdings(generation=there)
        changed = [path for path, entry in manifest.files.items() if before.files.get(path) != entry.digest]
        gone = _gone(place, before, manifest)
        # What is on its way is not known to be there: after a failure it travels again.
        certain = {path: digest for path, digest in before.files.items() if path not in {*changed, *gone}}
        note(tree, target.pk, Holdings(generation=there, files=certain))
        _put(place, tree, manifest, changed)
        place.remove(gone)
        place.put([_announcement(tree, manifest)])
        _compare(place, manifest, changed[-FETCHED_BACK:])
        files = {path: entry.digest for path, entry in manifest.files.items()}
        note(tree, target.pk, Holdings(generation=manifest.generation, files=files))
        return len(changed)
    finally:
        place.close()


def check(target: Target, tree: Tree, *, manifest: Manifest) -> None:
    """Fetch back every file that the target should hold of `manifest` and compare it.

    Raises Trouble for a difference; the next sending then brings every file anew.
    """
    place = open_place(target)
    try:
        try:
            _compare(place, manifest, list(manifest.files))
        except Trouble:
            forget(tree, target.pk)
            raise
    finally:
        place.close()


def _generation(place: Place) -> int:
    try:
        return generation_in(place.fetch([GENERATION]).get(GENERATION, b'{"generation": 0}'))
    except DamagedManifest:
        return 0


def _refuse_older(there: int, manifest: Manifest) -> None:
    if there > manifest.generation:
        raise Trouble(
            f"It holds generation {there}, which is newer than {manifest.generation}. Nothing was sent."
            " See “A copy that is ahead” in docs/status-page.md."
        )


def _gone(place: Place, before: Holdings, manifest: Manifest) -> list[str]:
    """Return what is to be removed. Without a note of what is there, the target is asked."""
    if before.files:
        return [path for path in before.files if path not in manifest.files]
    if before.generation == 0:
        return []
    return [path for path in place.names() if path not in manifest.files and _is_ours(path)]


def _is_ours(path: str) -> bool:
    return any(path.startswith(folder) or f"/{folder}" in path for folder in OURS) and not path.endswith(".gz")


def _put(place: Place, tree: Tree, manifest: Manifest, changed: Iterable[str]) -> None:
    def phase(path: str) -> int:
        return manifest.files[path].phase

    for number, paths in groupby(sorted(changed, key=lambda path: (phase(path), path)), key=phase):
        if number == INDEX_PHASE:
            _refuse_older(_generation(place), manifest)
        place.put([_parcel(tree, path, manifest.files[path]) for path in paths])


def _parcel(tree: Tree, path: str, entry: Entry) -> Parcel:
    content = tree.object(entry.digest)
    if not content.exists():
        raise Trouble("The folder moved on while its files were being sent. They are sent again.")
    packed = content.with_suffix(".gz") if entry.compressed else None
    return Parcel(path=path, entry=entry, content=content, compressed=packed)


def _announcement(tree: Tree, manifest: Manifest) -> Parcel:
    entry = tree.keep(manifest.public_text(), kind="application/json; charset=utf-8", phase=INDEX_PHASE)
    return _parcel(tree, GENERATION, entry)


def _compare(place: Place, manifest: Manifest, paths: Sequence[str]) -> None:
    for some in (paths[start : start + FETCHED_AT_ONCE] for start in range(0, len(paths), FETCHED_AT_ONCE)):
        found = place.fetch(some)
        for path in some:
            if path not in found:
                raise Trouble(f"Fetched back, {path} is not there.")
            if hashlib.sha256(found[path]).hexdigest() != manifest.files[path].digest:
                raise Trouble(f"Fetched back, {path} differs from what was published.")
    if place.fetch([GENERATION]).get(GENERATION) != manifest.public_text():
        raise Trouble("Fetched back, it holds another generation than the one sent.")

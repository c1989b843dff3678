"""Who else writes files into the published tree, besides the page itself: apps and parts register in `ready`.

A source gets the page, the time and `reuse`, and yields files whose paths are relative to the root of the tree
(`statuspage.addresses.folder(page)` is where the page lies). Before it makes a file it may ask `reuse(path, key)`: True
means that a file of this path, made from the same `key`, is already published and stays; it then yields nothing for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from statuspage.models import StatusPage
from statuspage.site.file import File, Reuse

Files = Callable[[StatusPage, datetime, Reuse], Iterable[File]]


@dataclass(frozen=True, kw_only=True)
class Source:
    """A named source. It runs outside any transaction; after an error of it the whole page stays as it was published
    last, so that no file is lost because its source was unwell. `unfinished` tells that it left something for a
    publication soon."""

    name: str
    files: Files
    unfinished: Callable[[], bool]


_sources: Final[dict[str, Source]] = {}


def register(name: str, files: Files, *, unfinished: Callable[[], bool] = lambda: False) -> None:
    """Have `files(page, now, reuse)` asked for every published page; a second source of the same name is a mistake."""
    source = Source(name=name, files=files, unfinished=unfinished)
    if _sources.setdefault(name, source) != source:
        raise ValueError(f"Two sources of files are called {name!r}.")


def registered() -> list[Source]:
    """Return the sources in the order of registration."""
    return list(_sources.values())


def unfinished() -> bool:
    """Tell whether a source has more to write than it did in this process's last publication."""
    return any(source.unfinished() for source in _sources.values())

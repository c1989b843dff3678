"""A program for tests that kill it: publishes generation after generation of a small tree into the folder it is given.

Every file says which generation made it and ends with its own digest, so that a reader can tell half a file from a
whole one; each page names its asset, whose name changes with every generation.
"""

from __future__ import annotations

import hashlib
import sys
from datetime import UTC, datetime
from pathlib import Path

from statuspage.publishing.manifest import Manifest
from statuspage.publishing.tree import Tree

PAGES = 12


def sealed(text: str) -> bytes:
    """Return the text with its digest in the last line."""
    return f"{text}\n{hashlib.sha256(text.encode()).hexdigest()}".encode()


def generation(tree: Tree, number: int) -> Manifest:
    """Keep the files of a generation and return it."""
    files = {f"assets/page.{number}.css": tree.keep(sealed(f"css {number} " + "x" * 3000), kind="text/css", phase=0)}
    for page in range(PAGES):
        body = sealed(f"page {number} assets/page.{number}.css " + f"{page}" * 2000)
        files[f"incidents/{page}.html"] = tree.keep(body, kind="text/html", phase=1)
    index = sealed(f"index {number} assets/page.{number}.css " + "y" * 5000)
    files["index.html"] = tree.keep(index, kind="text/html", phase=3)
    old = tree.manifest()
    assets = {path: entry for path, entry in old.files.items() if path.startswith("assets/")}
    newest = sorted(assets, key=lambda path: int(path.split(".")[1]))[-3:]
    files |= {path: assets[path] for path in newest}
    return Manifest(generation=number, generated_at=datetime.now(UTC), shows=number, renderer="churn", files=files)


def main(folder: str) -> None:
    """Publish until killed."""
    tree = Tree(Path(folder))
    while True:
        tree.swap(generation(tree, tree.manifest().generation + 1))


if __name__ == "__main__":
    main(sys.argv[1])

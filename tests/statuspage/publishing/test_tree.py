"""Files get into the published folder whole, in order, and never from an older generation."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import signal
import stat
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from statuspage.publishing.manifest import Manifest
from statuspage.publishing.tree import KEPT, Superseded, Tree, UnfitPath, checked
from tests.statuspage.publishing.churn import PAGES, generation

ROOT = Path(__file__).resolve().parents[3]
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def manifest(tree: Tree, number: int, files: dict[str, bytes], *, shows: int | None = None) -> Manifest:
    kept = {
        path: tree.keep(body, kind="text/html", phase=3 if path == "index.html" else 1) for path, body in files.items()
    }
    return Manifest(
        generation=number, generated_at=NOW, shows=number if shows is None else shows, renderer="test", files=kept
    )


def test_a_generation_is_what_readers_find(tmp_path: Path) -> None:
    tree = Tree(tmp_path / "status")
    tree.swap(manifest(tree, 1, {"index.html": b"first", "incidents/a.html": b"one", "incidents/b.html": b"two"}))
    tree.swap(manifest(tree, 2, {"index.html": b"second", "incidents/a.html": b"one"}))
    assert (tree.root / "index.html").read_bytes() == b"second"
    assert not (tree.root / "incidents/b.html").exists()
    public = json.loads((tree.root / "generation.json").read_text())
    assert public["generation"] == 2
    assert public["generated_at"] == NOW.isoformat()
    assert "incidents" not in json.dumps(public), "a file's name may be a secret"


def test_an_unchanged_file_is_left_alone(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.swap(manifest(tree, 1, {"index.html": b"first", "incidents/a.html": b"one"}))
    before = (tree.root / "incidents/a.html").stat()
    time.sleep(0.01)
    tree.swap(manifest(tree, 2, {"index.html": b"second", "incidents/a.html": b"one"}))
    after = (tree.root / "incidents/a.html").stat()
    assert (before.st_ino, before.st_ctime_ns) == (after.st_ino, after.st_ctime_ns)


def test_a_folder_takes_only_a_higher_generation(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    older, newer = manifest(tree, 6, {"index.html": b"older"}), manifest(tree, 7, {"index.html": b"newer"})
    tree.swap(newer)
    for late in (older, newer):
        with pytest.raises(Superseded):
            tree.swap(late)
    assert (tree.root / "index.html").read_bytes() == b"newer"


def test_two_that_race_leave_the_higher_one(tmp_path: Path) -> None:
    children = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.statuspage.publishing.churn", str(tmp_path)], cwd=ROOT, stderr=subprocess.PIPE
        )
        for _ in range(2)
    ]
    tree, seen = Tree(tmp_path), 0
    until = time.monotonic() + 60
    while all(child.poll() is None for child in children):
        assert time.monotonic() < until, "neither ever lost a race"
        found = tree.manifest().generation
        assert found >= seen, "the folder went back"
        seen = found
    for child in children:
        child.kill()
        _, said = child.communicate()
        if child.returncode > 0:  # the one that lost was told so, and by nothing else
            assert b"Superseded" in said, said.decode()
    check_whole(tmp_path)


def test_words_nobody_imported_are_not_published_over(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.swap(manifest(tree, 1, {"index.html": b"first"}))
    (tmp_path / ".journal").mkdir()
    (tmp_path / ".journal" / "1.json").write_text("{}")
    with pytest.raises(Superseded):
        tree.swap(manifest(tree, 2, {"index.html": b"second"}))
    assert (tree.root / "index.html").read_bytes() == b"first"


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../x", "a/../b", "", "a//b", ".hidden", "a/.b", "a\\b", "a\nb", "a/" + "x" * 300, "a/"]
)
def test_no_file_leaves_the_tree(path: str) -> None:
    with pytest.raises(UnfitPath):
        checked(path)


def test_what_was_lost_from_the_disk_is_written_again(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    files = {"index.html": b"first", "incidents/a.html": b"one" * 1000}
    tree.swap(manifest(tree, 1, files))
    (tmp_path / "incidents/a.html").unlink()
    (tmp_path / "index.html").unlink()
    (tmp_path / "index.html").write_bytes(b"half")
    tree.swap(manifest(tree, 2, files))
    assert (tmp_path / "index.html").read_bytes() == b"first"
    assert (tmp_path / "incidents/a.html").read_bytes() == b"one" * 1000


def test_a_damaged_manifest_costs_one_full_rewrite_and_no_generation(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.swap(manifest(tree, 5, {"index.html": b"first"}))
    (tmp_path / ".manifest.json").write_text("{half")
    with pytest.raises(Superseded):
        tree.swap(manifest(tree, 4, {"index.html": b"older"}))
    tree.swap(manifest(tree, 6, {"index.html": b"second"}))
    assert (tmp_path / "index.html").read_bytes() == b"second"


def test_a_compressed_copy_stands_beside_what_is_worth_it(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.swap(manifest(tree, 1, {"index.html": b"long " * 1000, "incidents/a.html": b"short"}))
    assert gzip.decompress((tmp_path / "index.html.gz").read_bytes()) == b"long " * 1000
    assert not (tmp_path / "incidents/a.html.gz").exists()
    tree.swap(manifest(tree, 2, {"index.html": b"short"}))
    assert not (tmp_path / "index.html.gz").exists(), "an old copy would be served for the new page"


def test_the_web_server_may_read_what_is_public_and_nothing_else(tmp_path: Path) -> None:
    tree = Tree(tmp_path / "status")
    tree.swap(manifest(tree, 1, {"index.html": b"first", "pages/acme/incidents/a.html": b"one"}))
    for path in tree.root.rglob("*"):
        relative = path.relative_to(tree.root)
        private = relative.parts[0].startswith(".")
        mode = path.stat().st_mode
        if not private:
            assert mode & stat.S_IROTH, relative
        elif len(relative.parts) == 1:
            assert not mode & stat.S_IROTH, relative


def test_five_generations_that_differ_are_kept_and_can_be_read(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    for number in range(1, 30):  # each shown state is rendered three times, as time passes
        tree.swap(manifest(tree, number, {"index.html": f"{number}".encode()}, shows=number // 3))
    kept = tree.kept()
    assert [each.shows for each in kept] == [9, 8, 7, 6, 5]
    assert len(kept) == KEPT
    tree.sweep(unused_for_s=0, now=time.time() + 60)
    for each in kept:
        assert tree.object(each.files["index.html"].digest).read_bytes() == f"{each.generation}".encode()


def test_contents_that_nobody_names_are_swept_once_nobody_may_need_them(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    for number in range(1, 9):
        tree.swap(manifest(tree, number, {"index.html": f"{number}".encode()}))
    assert tree.sweep(unused_for_s=600, now=1000.0) == 0
    tree.swap(manifest(tree, 9, {"index.html": b"1"}))  # what was unused is taken up again
    assert tree.sweep(unused_for_s=600, now=1600.0) == 2
    assert tree.sweep(unused_for_s=600, now=1700.0) == 0
    for each in tree.kept():
        assert tree.object(each.files["index.html"].digest).exists()


def check_whole(folder: Path) -> None:
    """Check that each file is entirely of one generation and that what the pages name is there."""
    names = ["index.html", *(f"incidents/{page}.html" for page in range(PAGES))]
    if not (folder / "index.html").exists():
        return  # killed before the first generation was in: there is no page yet, and no half of one
    for name in names:
        text, _, digest = (folder / name).read_text().rpartition("\n")
        assert hashlib.sha256(text.encode()).hexdigest() == digest, f"{name} is half a file"
        assert gzip.decompress((folder / f"{name}.gz").read_bytes()).decode().startswith(text.split()[0])
        asset = folder / text.split()[2]
        assert asset.exists(), f"{name} names {asset.name}, which is gone"


def test_killed_at_any_moment_it_leaves_whole_files(tmp_path: Path) -> None:
    chance = random.Random(20261122)  # noqa: S311 - moments, no secrets
    tree = Tree(tmp_path)
    reached = set()
    for _ in range(25):
        child = subprocess.Popen([sys.executable, "-m", "tests.statuspage.publishing.churn", str(tmp_path)], cwd=ROOT)
        before = tree.manifest().generation
        until = time.monotonic() + 30
        while tree.manifest().generation < before + 2:
            assert time.monotonic() < until, "the program publishes nothing"
            time.sleep(0.005)
        time.sleep(chance.random() * 0.05)
        child.send_signal(signal.SIGKILL)
        child.wait()
        check_whole(tmp_path)
        reached.add(tree.manifest().generation)
    assert len(reached) == 25
    # The next publication repairs whatever was left between two generations.
    last = generation(tree, tree.manifest().generation + 1)
    tree.swap(last)
    for path, entry in last.files.items():
        assert hashlib.sha256((tmp_path / path).read_bytes()).hexdigest() == entry.digest, path

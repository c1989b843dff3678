"""What no archive may put on a disk: each kind refused with its reason, and nothing of it stays."""

from __future__ import annotations

import tarfile
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from eap.actions.webserver.host.links import outward
from eap.actions.webserver.host.manifest import Head
from eap.actions.webserver.host.request import Limits
from eap.actions.webserver.host.site_files import examine, extract
from eap.actions.webserver.host.trouble import Refused
from tests.eap.webserver.forging import Piece, folder, hard, link, piece, site_archive

SITE = Path("/srv/www/site")
LIMITS = Limits(files=50, bytes=10_000_000, ratio=50)
BOMB = piece("./bomb", b"\0" * 9_000_000)
HOSTILE: dict[str, tuple[list[Piece], str]] = {
    "absolute": ([piece("/etc/cron.d/x")], "“/etc/cron.d/x” is an absolute path"),
    "up": ([piece("../x")], r"“../x” leads out of the site"),
    "up-inside": ([folder("a"), piece("a/../../x")], "leads out of the site"),
    "link-up": ([link("a", "../../etc")], "“a” is a link that leads out"),
    "link-absolute": ([link("a", "/etc/passwd")], "“a” is a link that leads out"),
    "link-to-a-namesake": ([link("a", "/srv/www/site-two/x")], "“a” is a link that leads out"),
    "link-through-link": (
        [folder("d"), folder("d/e"), link("d/e/top", "../.."), link("x", "d/e/top/..")],
        "“x” is a link that leads out",
    ),
    "link-circle": ([link("a", "b"), link("b", "a")], "in a circle"),
    "link-to-nothing": ([link("a", "")], "a link to nothing"),
    "below-a-link": ([link("a", "."), piece("a/x")], "“a/x” lies in no folder of the archive"),
    "below-nothing": ([piece("a/b/x")], "lies in no folder of the archive"),
    "hard-outward": ([hard("a", "/etc/shadow")], "“/etc/shadow” is an absolute path"),
    "hard-up": ([hard("a", "../../etc/shadow")], "leads out of the site"),
    "hard-to-nothing": ([hard("a", "b")], "“a” is a hard link to what is no file before it"),
    "hard-to-a-link": ([link("l", "x"), hard("a", "l")], "“a” is a hard link to what is no file before it"),
    "hard-to-a-folder": ([folder("d"), hard("a", "d")], "“a” is a hard link to what is no file before it"),
    "character-device": ([piece("a", type=tarfile.CHRTYPE, devmajor=1, devminor=3)], "“a” is a device"),
    "block-device": ([piece("a", type=tarfile.BLKTYPE, devmajor=8)], "“a” is a device"),
    "pipe": ([piece("a", type=tarfile.FIFOTYPE)], "“a” is a pipe"),
    "set-user-id": ([piece("a", b"x", mode=0o4755)], "“a” runs with its owner's rights"),
    "set-group-id": ([piece("a", b"x", mode=0o2755)], "“a” runs with its owner's rights"),
    "set-user-id-folder": ([folder("a", mode=0o4755)], "“a” runs with its owner's rights"),
    "capability": (
        [piece("a", b"x", pax_headers={"SCHILY.xattr.security.capability": "x"})],
        "has an attribute that gives rights",
    ),
    "twice": ([piece("a", b"x"), link("a", "b")], "“a” is in the archive twice"),
    "owner": ([piece("a", b"x", uid=2**40)], "an owner that can't be one"),
    "time": ([piece("a", b"x", pax_headers={"mtime": "1e300"})], "a time that can't be one"),
    "many": ([piece(f"f{n}") for n in range(60)], "more than the 50 members"),
    "large": ([piece("a", b"x" * 4_000_000), piece("b", b"y" * 7_000_000)], "more than the 10000000 bytes"),
    "name": ([piece("x" * 300)], "no name that a file can have"),
    "headers": ([piece("a", b"x", pax_headers={"comment": "x" * 3_000_000})], "a header of absurd size"),
    "no-root": ([], "does not begin with the site's own folder"),
}


def written(tmp_path: Path, pieces: list[Piece], **more: Any) -> tuple[Path, Path]:
    """Write an archive and a manifest that says the same."""
    inner, manifest = tmp_path / "site.tar.gz", tmp_path / "manifest.jsonl"
    lines = site_archive(inner, pieces)
    head = Head(name="x", made_at="", files=1, bytes=1, inner={"sha256": "", "size": 1}, dump={}, tables={})
    manifest.write_bytes(head.line() + more.get("lines", lines))
    return inner, manifest


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_member_is_refused_with_its_reason(tmp_path: Path, kind: str) -> None:
    pieces, reason = HOSTILE[kind]
    inner, manifest = written(tmp_path, pieces)
    if kind == "no-root":
        with tarfile.open(inner, "w:gz") as tar:
            tar.addfile(piece("a")[0])
    for read in (examine, partial(extract, into=tmp_path / "into")):
        with pytest.raises(Refused) as caught:
            read(inner, manifest, LIMITS, SITE)
        assert reason in caught.value.sentence
    assert {path.name for path in tmp_path.iterdir()} == {"site.tar.gz", "manifest.jsonl"}


def test_a_bomb_is_noticed_while_it_is_read(tmp_path: Path) -> None:
    inner, manifest = written(tmp_path, [piece("bomb", b"\0" * 150_000_000)])
    assert inner.stat().st_size < 1_000_000
    with pytest.raises(Refused, match="more than 50 times its size"):
        examine(inner, manifest, Limits(files=50, bytes=10**12, ratio=50), SITE)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda lines: lines[:-1], "is not what the manifest says"),
        (lambda lines: [*lines, lines[-1].replace(b'"b"', b'"c"')], "“c” is in the manifest and not in the archive"),
        (lambda lines: [lines[0], lines[2], lines[1]], "“a” is not what the manifest says"),
        (lambda lines: [lines[0], lines[1].replace(b"ca978", b"ca979"), lines[2]], "“a” is not what the manifest says"),
        (lambda lines: [lines[0], b"[1, 2]\n", lines[2]], "a line that is none"),
        (lambda lines: [lines[0], b'"' + b"x" * 2_000_000 + b'"\n'], "a line of absurd length"),
    ],
)
def test_manifest_and_archive_have_to_agree(tmp_path: Path, change: Any, reason: str) -> None:
    pieces = [piece("a", b"a"), piece("b", b"b")]
    lines = site_archive(tmp_path / "x", pieces).splitlines(keepends=True)
    (tmp_path / "x").unlink()
    inner, manifest = written(tmp_path, pieces)
    assert examine(inner, manifest, LIMITS, SITE) == 3
    inner, manifest = written(tmp_path, pieces, lines=b"".join(change(lines)))
    with pytest.raises(Refused, match=reason):
        examine(inner, manifest, LIMITS, SITE)


@pytest.mark.parametrize("cut", [20, 200, -30])
def test_a_cut_archive_is_damaged(tmp_path: Path, cut: int) -> None:
    inner, manifest = written(tmp_path, [piece("a", bytes(range(256)) * 400), piece("b", b"b")])
    inner.write_bytes(inner.read_bytes()[:cut])
    with pytest.raises(Refused, match=r"is damaged|in the manifest and not in the archive"):
        examine(inner, manifest, LIMITS, SITE)


@pytest.mark.parametrize(
    ("links", "bad"),
    [
        ({}, ""),
        ({"a": "b"}, ""),
        ({"a/b/c": "../../x"}, ""),
        ({"a/b/c": "../../../x"}, "a/b/c"),
        ({"a": "/srv/www/site/x"}, ""),
        ({"a": "/srv/www/site"}, ""),
        ({"a": "/srv/www/site/../other"}, "a"),
        ({"a": "/srv/www/sitemap"}, "a"),
        ({"a": "./././b", "b": "c//d"}, ""),
        ({"a": "b/../c", "b": "deep/er"}, ""),
        ({"deep/down": "..", "a": "deep/down/.."}, "a"),
        ({"a": "a"}, "a"),
    ],
)
def test_where_links_lead(links: dict[str, str], bad: str) -> None:
    assert outward(links, str(SITE)) == bad

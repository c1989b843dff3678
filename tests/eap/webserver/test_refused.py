"""Archives that are refused on the way: the reason is said, and the site is as it was before, and served."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from eap.actions.webserver.host.journal import STEPS
from eap.actions.webserver.host.outer import DUMP, MANIFEST
from tests.eap.webserver.forging import Piece, describe, forge, hard, link, piece
from tests.eap.webserver.world import World

GOOD: list[Piece] = [piece("index.html", b"<h1>Welcome</h1>")]


def untouched(world: World) -> bool:
    """Tell whether site, database and web server are as before, and nothing that was unpacked is left."""
    temp = world.state / "temp"
    left = {path.name for path in temp.iterdir()} if temp.exists() else set()
    return world.is_damaged() and left <= {"archive.gpg"}


def until_unpacked(world: World) -> str:
    for step in STEPS[: STEPS.index("unpack")]:
        world.answers("restore", step)
    return world.refuses("restore", "unpack")


@pytest.mark.parametrize(
    ("pieces", "reason"),
    [
        ([piece("../../etc/cron.d/evil", b"x")], "leads out of the site (“..”)"),
        ([link("up", "../../..")], "“up” is a link that leads out of the site"),
        ([hard("shadow", "/etc/shadow")], "is an absolute path"),
        ([piece("root.sh", b"x", mode=0o6755)], "runs with its owner's rights"),
    ],
)
def test_hostile_members_are_refused_before_the_web_server_stops(
    world: World, pieces: list[Piece], reason: str
) -> None:
    world.damage()
    forge(world, pieces)
    assert reason in until_unpacked(world)
    assert untouched(world)
    assert "comes after “unpack”" in world.refuses("restore", "delete_archive"), "there is no way on"


def changed(name: str, content: bytes) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        (folder / name).write_bytes(content)

    return change


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (changed(DUMP, b"PGDMP no more"), "database.dump is not what the manifest says"),
        (changed(MANIFEST, b"{}\n"), "manifest is none that this program reads"),
        (lambda folder: (folder / DUMP).unlink(), "database.dump is not what the manifest says"),
    ],
    ids=["dump", "manifest", "no-dump"],
)
def test_parts_that_do_not_fit_the_manifest(world: World, change: Callable[[Path], None], reason: str) -> None:
    world.damage()
    forge(world, GOOD, change=change)
    assert reason in until_unpacked(world)
    assert untouched(world)


def test_a_wrong_passphrase(world: World) -> None:
    world.answers("backup")
    world.damage()
    for step in STEPS[: STEPS.index("unpack")]:
        world.answers("restore", step)
    wrong = {"passphrase": "not-this-one", "recipient_file": "", "home": ""}
    assert world.refuses("restore", "unpack", crypt=wrong) == "The passphrase is not the archive's."
    assert untouched(world)
    world.answers("restore", "unpack")


def test_a_checksum_that_differs(world: World) -> None:
    world.answers("backup")
    world.damage()
    kept = world.newest.read_bytes()
    world.newest.write_bytes(kept[:1000] + bytes([kept[1000] ^ 1]) + kept[1001:])
    for step in ("choose", "space"):
        world.answers("restore", step)
    assert "its checksum differs" in world.refuses("restore", "checksum")
    assert untouched(world)
    describe(world.newest)
    assert "The checksum beside" in world.refuses("restore", "choose", sha256="0" * 64, archive="", run="other")


@pytest.mark.parametrize("how", ["flipped", "cut", "emptied"])
def test_a_changed_archive_whose_checksum_was_changed_with_it(world: World, how: str) -> None:
    world.answers("backup")
    world.damage()
    kept = bytearray(world.newest.read_bytes())
    kept[len(kept) // 2] ^= 1
    world.newest.write_bytes({"flipped": bytes(kept), "cut": bytes(kept[: len(kept) // 2]), "emptied": b""}[how])
    describe(world.newest)
    reason = until_unpacked(world)
    assert any(words in reason for words in ("changed or cut off", "nothing encrypted in it")), reason
    assert untouched(world)


def test_an_archive_of_another_site(world: World) -> None:
    world.answers("backup")
    world.damage()
    other = world.archives / "shop.example-20991231T000000Z.tar.gpg"
    other.write_bytes(world.newest.read_bytes())
    describe(other)
    for step in STEPS[: STEPS.index("unpack")]:
        world.answers("restore", step, name="shop.example")
    assert "one of “example.org”, not of shop.example" in world.refuses("restore", "unpack", name="shop.example")
    assert untouched(world)


def test_the_archive_changes_between_the_checksum_and_the_copy(world: World) -> None:
    world.answers("backup")
    world.damage()
    for step in STEPS[: STEPS.index("copy")]:
        world.answers("restore", step)
    with world.newest.open("ab") as file:
        file.write(b"x")
    assert "The copied archive is not what it was" in world.refuses("restore", "copy")
    assert untouched(world)


def test_a_dump_that_fails_leaves_the_database_as_it_was(world: World) -> None:
    """A view that needs a table of the dump makes `--clean` fail: all of it is taken back."""
    world.answers("backup")
    world.damage()
    world.query("CREATE VIEW names AS SELECT name FROM customers")
    for step in STEPS[: STEPS.index("database")]:
        world.answers("restore", step)
    assert "the database is as it was" in world.refuses("restore", "database")
    assert world.query("SELECT count(*) FROM customers") == [(7,)]
    world.answers("undo", "stop")
    assert world.is_damaged()


def test_a_parent_that_others_can_change(world: World) -> None:
    world.answers("backup")
    world.root.parent.chmod(0o777)
    assert "can be changed by others" in world.refuses("restore", "choose")

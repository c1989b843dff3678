"""Back up a web server, lose its data, restore it: the whole way, here."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import pytest

from eap.actions.base import Trouble
from eap.actions.webserver.host.journal import STEPS
from tests.eap.webserver.world import CUSTOMERS, World, facts, journal


def test_a_damaged_site_comes_back_in_the_twelve_steps(world: World) -> None:
    backup = world.back_up()
    assert backup.facts["rows"] == CUSTOMERS + 2
    world.damage()
    said = {step: world.step(step) for step in STEPS}
    assert world.is_restored()
    assert said["choose"].facts["archive"] == backup.facts["archive"] == world.newest.name
    assert said["safety"].facts["safety_dump"] is True
    assert str(said["mark"].facts["restored_at"]).endswith("Z")
    assert said["check"].facts["http_status"] == 200
    assert said["check"].facts["sha256"] == backup.facts["sha256"]
    assert (world.state / "database-before.dump").stat().st_size > 0


def test_each_step_may_be_called_twice_and_says_the_same(world: World) -> None:
    world.answers("backup")
    world.damage()
    for step in STEPS:
        first, again = (world.answer(world.request("restore", step)) for _ in range(2))
        assert (first[0], again[0]) == (0, 0), again
        assert facts(first[1]).keys() == facts(again[1]).keys()
    assert world.is_restored()


def test_the_order_is_fixed(world: World) -> None:
    world.answers("backup")
    world.damage()
    with pytest.raises(Trouble, match="“stop” comes after “choose”, which is not done"):
        world.step("stop")
    world.prepare("copy")
    with pytest.raises(Trouble, match="“database” comes after “unpack”"):
        world.step("database")
    assert world.is_damaged()


def test_before_the_database_everything_can_be_taken_back(world: World) -> None:
    from eap.actions.webserver.restore import Restore

    world.answers("backup")
    world.damage()
    world.prepare("stop")
    assert not world.serves()
    for step in ("stop", "copy"):
        Restore().undo(world.inputs(step), world.around(key=f"undo-{step}"))
    assert world.is_damaged(), "it is as it was, and served"
    assert not (world.state / "temp").exists()
    for step in STEPS[STEPS.index("copy") : STEPS.index("database") + 1]:
        world.answers("restore", step)
    with pytest.raises(Trouble, match="The database is overwritten"):
        Restore().undo(world.inputs("stop"), world.around(key="undo-late"))


def test_one_restore_at_a_time_once_the_web_server_is_stopped(world: World) -> None:
    world.answers("backup")
    world.prepare("stop")
    first, world.run = world.run, "another-run"
    world.prepare("delete_archive")
    with pytest.raises(Trouble, match=f"The restore of run {first} has not ended"):
        world.step("stop")


def test_an_archive_says_what_it_is_and_only_the_newest_are_kept(world: World) -> None:
    (world.archives / "somebody-elses-20200101T000000Z.tar.gpg").write_text("x")
    (world.archives / "example.org-20200101T000000Z.tar.gpg").write_text("old")
    (world.archives / "example.org-20200102T000000Z.tar.gpg").write_text("old")
    (world.archives / "example.org-20200103T000000Z.tar.gpg.part").write_text("unfinished")
    result = world.back_up(keep=2)
    kept = {path.name for path in world.archives.iterdir() if not path.name.startswith(".")}
    assert kept == {
        world.newest.name,
        f"{world.newest.name}.json",
        "example.org-20200102T000000Z.tar.gpg",
        "somebody-elses-20200101T000000Z.tar.gpg",
    }
    said = json.loads(Path(f"{world.newest}.json").read_text())
    assert said["sha256"] == result.facts["sha256"]
    assert world.newest.stat().st_mode & 0o777 == 0o600


def test_what_can_t_be_restored_is_left_out_and_said(world: World) -> None:
    import os

    (world.root / "etc").symlink_to("/etc")
    (world.root / "images" / "up").symlink_to("../../../secret")
    (world.root / "inside").symlink_to(world.root / "index.html")
    os.mkfifo(world.root / "queue")
    (world.root / "suid").write_text("x")
    (world.root / "suid").chmod(0o4755)
    result = world.back_up()
    assert result.facts["left_out"] == 3
    assert any("“queue”" in line for line in world.log.lines)
    assert any("Took the set-id bits off “suid”" in line for line in world.log.lines)
    world.damage()
    world.prepare("check")
    assert world.is_restored()
    assert (world.root / "inside").readlink() == world.root / "index.html"
    assert not (world.root / "etc").is_symlink()
    assert (world.root / "suid").stat().st_mode & 0o7777 == 0o755


def test_the_inner_archive_is_one_that_tar_reads(world: World) -> None:
    world.answers("backup")
    world.prepare("unpack")
    with tarfile.open(world.state / "temp" / "outer" / "site.tar.gz") as tar:
        names = tar.getnames()
    assert names[0] == "."
    assert "./odd\nname" in names
    assert journal(world)["notes"]["archive"] == world.newest.name


def test_a_named_archive_a_missing_one_and_too_little_room(world: World) -> None:
    world.answers("backup")
    first = world.newest.name
    with pytest.raises(Trouble, match="has no archive “example"):
        world.step("choose", archive="example.org-19990101T000000Z.tar.gpg")
    assert world.step("choose", archive=first).facts["archive"] == first
    described = Path(f"{world.newest}.json")
    described.write_text(json.dumps({**json.loads(described.read_text()), "unpacked": 10**15}))
    world.run = "second"
    world.step("choose")
    with pytest.raises(Trouble, match="3000000000000000 are needed"):
        world.step("space")
    described.unlink()
    world.run = "third"
    with pytest.raises(Trouble, match=r"checksum of .* is not known"):
        world.step("choose")


def test_a_site_that_is_gone_altogether_comes_back(world: World) -> None:
    import shutil

    world.answers("backup")
    shutil.rmtree(world.root)
    world.query("DROP TABLE customers")
    world.prepare("check")
    assert world.query("SELECT count(*) FROM customers") == [(CUSTOMERS,)]
    assert (world.root / "index.html").read_text() == "<h1>Welcome</h1>"


def test_local_work_outside_the_allowed_folders_is_refused(world: World, settings: object) -> None:
    for site in (world.site(root="/var/www/site"), world.site(archives="/root/x"), world.site(gpg_home="/root/.gnupg")):
        with pytest.raises(Trouble, match="none of the folders of ACTION_LOCAL_DIRS"):
            world.step("choose", site=site)
    with pytest.raises(Trouble, match=r"nginx\.conf lies in none"):
        world.step("choose", web=world.web(conf="/etc/nginx/nginx.conf"))
    with pytest.raises(Trouble, match="is not on this machine"):
        world.step("choose", address="http://192.0.2.1/")
    (world.folder / "outside").symlink_to("/usr")
    with pytest.raises(Trouble, match="lies in none"):
        world.step("choose", site=world.site(root=str(world.folder / "outside" / "share")))

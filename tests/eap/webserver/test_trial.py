"""The restore test: a scratch place, never the live one, and nothing of it stays."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from eap.actions.webserver.inputs import TrialInputs
from eap.actions.webserver.trial import Trial
from tests.eap.webserver.forging import describe, forge, piece
from tests.eap.webserver.world import CUSTOMERS, World, facts, killed_at


def request(world: World, **more: Any) -> dict[str, Any]:
    return world.request(
        "test", **{"scratch": str(world.folder / "scratch"), "scratch_database": True, "oldest_hours": 26, **more}
    )


def databases(world: World) -> list[str]:
    """Return the databases that this process's restore tests made; others may be at it on the same server."""
    found = world.query("SELECT datname FROM pg_database WHERE datname LIKE 'muster_try_%'")
    return [str(name) for (name,) in found if name == f"muster_try_{os.getpid():x}"]


def nothing_stays(world: World) -> bool:
    """Tell whether only the lock is left in the scratch place, and no database."""
    left = [path.name for path in (world.folder / "scratch" / "muster-example.org").iterdir()]
    return left == ["lock"] and databases(world) == []


def test_the_newest_archive_can_be_restored_and_nothing_else_is_touched(world: World) -> None:
    world.answers("backup")
    world.damage()
    inputs = TrialInputs(site=world.site(), scratch=str(world.folder / "scratch"))
    result = Trial().apply(inputs, world.around(key="try"))
    assert "can be restored" in result.sentence
    assert (result.facts["rows"], result.facts["files"], result.facts["age_h"]) == (CUSTOMERS + 2, 7, 0)
    assert nothing_stays(world)
    assert world.is_damaged()
    assert not world.state.parent.exists()


def test_what_fails_is_said_and_nothing_of_it_stays(world: World) -> None:
    world.answers("backup")
    forge(world, [piece("../x")])
    status, said = world.answer(request(world))
    assert status == 1
    assert said[-1] == "“../x” leads out of the site (“..”)."
    assert nothing_stays(world)
    world.newest.write_bytes(b"")
    status, said = world.answer(request(world))
    assert "its checksum differs" in said[-1]
    describe(world.newest)
    status, said = world.answer(request(world))
    assert "nothing encrypted" in said[-1]
    assert nothing_stays(world)


def test_rows_that_are_missing_are_noticed(world: World) -> None:
    def claims_more(folder: Path) -> None:
        manifest = folder / "manifest.jsonl"
        manifest.write_text(manifest.read_text().replace('"public.customers": 500', '"public.customers": 501'))

    forge(world, [], change=claims_more)
    status, said = world.answer(request(world))
    assert (status, said[-1]) == (1, "public.customers has 500 rows, the manifest says 501.")
    assert nothing_stays(world)


def test_an_old_archive_is_a_failure(world: World) -> None:
    world.answers("backup")
    old = world.archives / "example.org-20200101T000000Z.tar.gpg"
    world.newest.rename(old)
    describe(old)
    status, said = world.answer(request(world))
    assert status == 1
    assert "hours old; 26 are allowed" in said[-1]
    assert int(facts(said)["age_h"]) > 50_000
    assert world.answer(request(world, oldest_hours=0))[0] == 0


def test_a_scratch_place_inside_the_site_or_around_it_is_refused(world: World) -> None:
    world.answers("backup")
    for scratch in (world.root, world.root / "x", world.root.parent):
        status, said = world.answer(request(world, scratch=str(scratch)))
        assert status == 1
        assert "a test needs a place of its own" in said[-1]
    open_to_all = world.folder / "open"
    open_to_all.mkdir()
    open_to_all.chmod(0o777)
    status, said = world.answer(request(world, scratch=str(open_to_all)))
    assert "can be changed by others" in said[-1]
    assert world.serves()
    assert (world.root / "index.html").read_text() == "<h1>Welcome</h1>"


def test_a_test_that_is_killed_is_tidied_up_by_the_next_one(world: World) -> None:
    world.answers("backup")
    number, deaths = 8, 0
    while world.ask(request(world), words=killed_at(number)).returncode == -signal.SIGKILL:
        number, deaths = number * 2, deaths + 1
    assert deaths > 1
    assert nothing_stays(world)

"""Users of a real Linux host with OpenSSH: keys and sessions end, what was before comes back, and crashes are seen."""

from __future__ import annotations

import fcntl
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from eap.actions.base import Trouble
from eap.models import InventoryHost
from resets.backends.base import Busy, Done, Guard, Selection
from resets.backends.shadow import Shadow
from resets.backends.shadow import program as host_program
from resets.backends.shadow.settings import ShadowSettings
from tests.programs import program
from tests.resets.servers import sshd
from tests.resets.servers.around import surroundings
from tests.resets.servers.sshd import HOST, Sshd, hash_of

pytestmark = pytest.mark.django_db

OLD = "old-and-stolen-1"
LONG_AGO = 19_000
GUARD = Guard(generation=17, cutoff=datetime.now(UTC) - timedelta(days=3))
NEWER = Guard(generation=18, cutoff=GUARD.cutoff)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with sshd.running(tmp_path_factory.mktemp("sshd")) as found:
        yield found


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def backend(server: Sshd, settings: Any, tmp_path: Path, said: list[str]) -> Iterator[Shadow]:
    settings.ACTION_KNOWN_HOSTS = tmp_path / "known_hosts"
    server.lay_inventory()
    secrets = {"root_key": server.root_key, "kai": OLD}
    yield Shadow(ShadowSettings(**server.settings(probes={"kai": "kai"})), surroundings(secrets, said=said))
    for login in sorted(server.users):
        server.remove(login)
    (server.state / "accounts").unlink(missing_ok=True)
    server.revoked.write_text("")


def test_an_expired_account_refuses_password_and_key(server: Sshd, backend: Shadow) -> None:
    server.add("kai", OLD, day=LONG_AGO, key=True)
    assert server.lets_in("kai", password=OLD)
    assert server.lets_in("kai", key=server.user_key)
    assert backend.disable(HOST, ["kai"], guard=GUARD) == Done(applied=1)
    assert not server.lets_in("kai", password=OLD)
    assert not server.lets_in("kai", key=server.user_key), "a key does not ask for the password that was locked"
    checks = {check.what: check for check in backend.verify(HOST, ["kai"], guard=GUARD)}
    assert {what: check.holds for what, check in checks.items()} == {
        "state_effective": True,
        "session_gone": True,
        "old_refused": True,
    }
    assert "by SSH" in checks["old_refused"].sentence
    assert backend.enable(HOST, ["kai"], guard=GUARD) == Done(applied=1)
    assert server.lets_in("kai", key=server.user_key)
    checks = {check.what: check for check in backend.verify(HOST, ["kai"], guard=GUARD)}
    assert (checks["old_refused"].holds, checks["state_effective"].holds) == (False, False)


def test_revoking_ends_open_sessions_and_sets_keys_aside(server: Sshd, backend: Shadow, said: list[str]) -> None:
    home = server.add("kai", OLD, day=LONG_AGO, key=True)
    with open_session(server) as session:
        assert len(of_user(server.users["kai"])) >= 3
        assert backend.revoke(HOST, ["kai"], guard=GUARD) == Done(applied=1)
        assert session.wait(60) != 0
    assert of_user(server.users["kai"]) == []
    assert not (home / ".ssh/authorized_keys").exists()
    assert (home / ".ssh/authorized_keys.set-aside-17").read_text() == server.user_public
    assert not server.lets_in("kai", key=server.user_key)
    assert said == [f"{HOST}: 1 SSH keys set aside, 1 of them in files that changed after the cutoff."]
    assert server.revoked.read_text().split() == server.user_public.split()[:2]
    assert backend.revoke(HOST, ["kai"], guard=GUARD) == Done(applied=0, unchanged=1)
    server.run("sh", "-c", f"cp {home}/.ssh/authorized_keys.set-aside-17 {home}/.ssh/authorized_keys")
    server.run("chown", "kai", f"{home}/.ssh/authorized_keys")
    assert not server.lets_in("kai", key=server.user_key), "RevokedKeys refuses a key that somebody puts back"


@contextmanager
def open_session(server: Sshd) -> Iterator[subprocess.Popen[str]]:
    """Keep a session open whose processes do not want to end."""
    stubborn = "trap '' TERM HUP; setsid sh -c 'while :; do sleep 1; done' & echo up; while :; do sleep 1; done"
    ssh = program("ssh", package="openssh-client")
    options = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "IdentitiesOnly=yes"]
    where = ["-F", "/dev/null", "-i", str(server.revoked.parent / "user"), "-p", str(server.port), "kai@127.0.0.1"]
    words = [ssh, "-q", *options, *where, stubborn]
    with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as session:
        try:
            assert session.stdout is not None
            assert session.stdout.readline() == "up\n"
            yield session
        finally:
            session.kill()


def of_user(uid: int) -> list[str]:
    """Return the processes of a user that are not merely waiting to be buried."""
    lines = sshd.run("ps", "-o", "stat=,args=", "-U", str(uid), check=False).splitlines()
    return [line for line in lines if not line.startswith("Z")]


def test_a_link_that_a_user_lays_leads_root_nowhere(server: Sshd, backend: Shadow, tmp_path: Path) -> None:
    treasure = tmp_path / "root-only"
    treasure.mkdir(mode=0o700)
    (treasure / "authorized_keys").write_text(server.user_public)
    home = server.add("kai", OLD, day=LONG_AGO)
    (home / ".ssh").symlink_to(treasure)
    backend.revoke(HOST, ["kai"], guard=GUARD)
    assert [path.name for path in treasure.iterdir()] == ["authorized_keys"]


def test_keys_that_are_not_the_users_own_are_told_of(server: Sshd, backend: Shadow) -> None:
    home = server.add("kai", OLD, day=LONG_AGO, key=True)
    os.chown(home / ".ssh", 0, 0)
    (home / ".ssh").chmod(0o711)
    done = backend.revoke(HOST, ["kai"], guard=GUARD)
    assert [(miss.login, miss.code) for miss in done.misses] == [("kai", "keys_not_set_aside")]


def test_locking_keeps_what_was_before_and_gives_it_back(server: Sshd, backend: Shadow) -> None:
    server.add("kai", OLD, day=LONG_AGO)
    server.add("eve", OLD, day=LONG_AGO)
    server.add("lea", OLD, day=LONG_AGO)
    server.run("chage", "-E", "60000", "kai")
    server.run("usermod", "-L", "lea")
    both = ["kai", "eve"]
    assert backend.disable(HOST, [*both, "lea"], guard=GUARD) == Done(applied=3)
    assert backend.lock(HOST, both, guard=GUARD) == Done(applied=2)
    assert [server.shadow(login)[1] for login in both] == ["!*muster.17"] * 2
    assert backend.rotate(HOST, [("lea", hash_of("new-2"))], guard=GUARD) == Done(applied=1)
    assert server.shadow("lea")[1].startswith("!$6$"), "what an administrator locked stays locked"
    backend.set_password(HOST, "kai", "Kettle-Harbour-93-lamp", guard=GUARD)
    assert server.lets_in("kai", password="Kettle-Harbour-93-lamp")
    assert server.shadow("kai")[7] == "60000"
    with pytest.raises(Trouble, match="suspended before the reset"):
        backend.set_password(HOST, "lea", "Kettle-Harbour-93-lamp", guard=GUARD)
    assert backend.enable(HOST, ["eve", "lea"], guard=GUARD) == Done(applied=2)
    assert (server.shadow("eve")[7], server.shadow("lea")[7]) == ("", "")
    assert not server.lets_in("eve", password=OLD)


def test_a_password_of_a_day_after_the_cutoff_is_its_owners(server: Sshd, backend: Shadow) -> None:
    server.add("kai", OLD, day=LONG_AGO)
    server.add("eve", OLD, day=LONG_AGO)
    server.set_hash("eve", "eves-own-choice-7")
    found = [each.login for each in backend.find(Selection(set_before=GUARD.cutoff))]
    assert found == ["kai"]
    both = ["kai", "eve"]
    for operation in (backend.disable, backend.lock, backend.revoke):
        assert operation(HOST, both, guard=GUARD) == Done(applied=1, skipped=("eve",))
    assert server.lets_in("eve", password="eves-own-choice-7")
    hashes = [(login, hash_of("new-2")) for login in both]
    assert backend.rotate(HOST, hashes, guard=NEWER) == Done(applied=1, skipped=("eve",)), (
        "an older marker is no owner's"
    )
    assert backend.lock(HOST, ["kai"], guard=Guard(generation=19, cutoff=GUARD.cutoff)) == Done(applied=1)


def test_a_crash_between_state_and_shadow_is_seen_and_mended(server: Sshd, backend: Shadow) -> None:
    """The state is written first: here it tells of changes that /etc/shadow has not had."""
    for login in ("kai", "eve", "lea"):
        server.add(login, OLD, day=LONG_AGO)
    backend.disable(HOST, ["lea"], guard=GUARD)
    server.state.mkdir(exist_ok=True)
    (server.state / "accounts").write_text(
        "kai:17:disable+lock::::\neve:17:rotate::$6$rounds=1000$never:\nlea:17:disable+enable:::\n"
    )
    assert backend.disable(HOST, ["kai"], guard=GUARD) == Done(applied=1)
    assert backend.lock(HOST, ["kai"], guard=GUARD) == Done(applied=1)
    assert backend.rotate(HOST, [("eve", hash_of("new-2"))], guard=GUARD) == Done(applied=1)
    assert backend.enable(HOST, ["lea"], guard=GUARD) == Done(applied=1)
    assert server.shadow("kai")[1::6] == ["!*muster.17", "1"]
    assert server.lets_in("eve", password="new-2")
    assert server.lets_in("lea", password=OLD)
    for again in (backend.disable, backend.lock):
        assert again(HOST, ["kai"], guard=GUARD) == Done(applied=0, unchanged=1)
    assert backend.enable(HOST, ["lea"], guard=GUARD) == Done(applied=0, unchanged=1)


def test_a_whole_chunk_is_one_edit_and_the_rest_of_the_file_stays(server: Sshd, backend: Shadow) -> None:
    before = server.run("cat", "/etc/shadow").splitlines()
    lines = [f"bulk{number}:{hash_of(OLD)}:{LONG_AGO}:0:99999:7:::" for number in range(90)]
    users = [f"bulk{number}:x:{server.first_uid + number}:65534::/nonexistent:/bin/sh" for number in range(90)]
    server.run("tee", "-a", "/etc/shadow", stdin="\n".join(lines) + "\n")
    server.run("tee", "-a", "/etc/passwd", stdin="\n".join(users) + "\n")
    server.users |= {f"bulk{number}": server.first_uid + number for number in range(90)}
    logins = [f"bulk{number}" for number in range(90)]
    asked = [*logins, "gone1", "root", "odd name", "a:b"]
    done = backend.disable(HOST, asked, guard=GUARD)
    assert (done.applied, done.unchanged, done.skipped) == (90, 0, ("gone1", "odd name", "a:b"))
    assert [(miss.login, miss.code) for miss in done.misses] == [("root", "system_account")]
    hashes = [(login, hash_of("new-2")) for login in logins[:3]]
    assert backend.rotate(HOST, [*hashes, ("bulk5", "x:0:0:broken")], guard=GUARD).applied == 3
    after = server.run("cat", "/etc/shadow").splitlines()
    assert after[: len(before)] == before
    assert len(after) == len(before) + 90
    assert [line.split(":")[7] for line in after[len(before) :]] == ["1"] * 90
    # Both tools write the files anew for each user; ninety times is not what this test is about.
    for path in ("/etc/shadow", "/etc/passwd"):
        server.run("sed", "-i", "/^bulk/d", path)
    server.users.clear()


def test_groups_narrow_and_old_hashes_can_be_sealed(server: Sshd, backend: Shadow) -> None:
    server.add("kai", OLD, day=LONG_AGO)
    server.add("eve", OLD)
    server.run("groupadd", "-f", "shelled")
    server.run("usermod", "-a", "-G", "shelled", "eve")
    chosen = {each.login: each.set_at for each in backend.find(Selection(set_before=GUARD.cutoff, groups=("shelled",)))}
    assert chosen == {"eve": None}, "nobody knows when, so it counts as before"
    assert len(list(backend.find(Selection(set_before=GUARD.cutoff, groups=("nogroup",))))) == 2, "as first group too"
    assert dict(backend.read_hashes(HOST, ["kai"]))["kai"] == server.shadow("kai")[1]
    backend.lock(HOST, ["kai"], guard=GUARD)
    assert backend.read_hashes(HOST, ["kai"]) == []
    with pytest.raises(Trouble, match="do not know plans"):
        list(backend.find(Selection(set_before=GUARD.cutoff, plans=("gold",))))
    with pytest.raises(Trouble, match="not of this system"):
        list(backend.find(Selection(set_before=GUARD.cutoff, hosts=("web9",))))
    server.run("groupdel", "shelled")


def test_the_dry_run_asks_each_host(server: Sshd, backend: Shadow) -> None:
    host = InventoryHost.objects.get(name=HOST)
    InventoryHost.objects.create(
        inventory=host.inventory, name="web2", address="127.0.0.1", groups=["web"], variables={"port": "1"}
    )
    probes = {probe.name: probe for probe in backend.probe()}
    needed = {name: probe.granted for name, probe in probes.items() if probe.needed}
    assert needed == {
        f"{HOST}: root": True,
        f"{HOST}: programs": True,
        f"{HOST}: shadow": True,
        f"{HOST}: state": True,
        "web2: sign-in": False,
    }
    assert not (server.state / "work").exists()


def test_a_host_that_another_chunk_holds_is_busy(
    server: Sshd, backend: Shadow, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.add("kai", OLD, day=LONG_AGO)
    backend.disable(HOST, ["kai"], guard=GUARD)
    impatient = host_program.text_of("program.sh").replace("flock -w 30", "flock -w 0")
    texts = {"program.sh": impatient, "edit.awk": host_program.text_of("edit.awk")}
    with (server.state / "lock").open("w") as held, monkeypatch.context() as patch:
        fcntl.flock(held, fcntl.LOCK_EX)
        patch.setattr(host_program, "text_of", texts.__getitem__)
        with pytest.raises(Busy, match="Another reset works"):
            backend.lock(HOST, ["kai"], guard=GUARD)
    assert backend.lock(HOST, ["kai"], guard=GUARD) == Done(applied=1)


def test_nothing_secret_reaches_a_command_line(backend: Shadow) -> None:
    command = host_program.command_of("rotate", backend.given, GUARD)
    assert "$6$" not in command
    assert len(command) < 64 * 1024


def test_a_host_that_is_away_or_gone_is_told_apart(backend: Shadow) -> None:
    InventoryHost.objects.filter(name=HOST).update(variables={"port": "1"})
    with pytest.raises(Trouble, match="can't be reached") as away:
        backend.disable(HOST, ["kai"], guard=GUARD)
    with pytest.raises(Trouble, match="no longer a host") as gone:
        backend.disable("web9", ["kai"], guard=GUARD)
    assert (away.value.passing, gone.value.passing) == (True, False)


@pytest.mark.parametrize(
    "changed",
    [
        {"key": ""},
        {"min_uid": 0},
        {"min_uid": 5_000, "max_uid": 4_000},
        {"key_files": ["../../etc/passwd"]},
        {"key_files": ["/etc/passwd"]},
        {"folder": "/var/../etc"},
        {"user": "kai; reboot"},
    ],
)
def test_settings_that_would_do_harm_are_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ShadowSettings(**({"hosts": "harbor", "key": "root_key"} | changed))

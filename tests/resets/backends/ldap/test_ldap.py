"""Accounts of a real OpenLDAP server with its password policy: disabled, locked, rotated, enabled."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from passlib.hash import sha512_crypt

from eap.actions.base import Stopped, Trouble
from resets.backends.base import Done, Guard, Selection
from resets.backends.ldap import Ldap
from resets.backends.ldap.entries import FOR_GOOD
from resets.backends.ldap.settings import LdapSettings
from tests.resets.servers import slapd
from tests.resets.servers.around import surroundings
from tests.resets.servers.slapd import BASE, Slapd

pytestmark = pytest.mark.filterwarnings(
    # What ldap3 itself uses of pyasn1 and of ssl.
    "ignore:(tagMap|typeMap) is deprecated:DeprecationWarning",
    "ignore:ssl.match_hostname:DeprecationWarning",
)

OLD = "old-and-stolen-1"
NOW = datetime.now(UTC)
GUARD = Guard(generation=17, cutoff=NOW - timedelta(minutes=2))
"""Accounts laid by these tests have no pwdChangedTime, as imported ones; what is set during a test is set after."""

_numbers = itertools.count()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    with slapd.running(tmp_path_factory.mktemp("slapd")) as found:
        yield found


@pytest.fixture
def login() -> str:
    return f"kai{next(_numbers)}"


@pytest.fixture
def backend(server: Slapd) -> Iterator[Ldap]:
    made = ldap(server)
    yield made
    made.close()


def ldap(server: Slapd, *, stopped: Any = lambda: False, **changed: Any) -> Ldap:
    secrets = slapd.SECRETS | {"kai": OLD}
    return Ldap(LdapSettings(**server.settings(**changed)), surroundings(secrets, stopped=stopped))


def ready(password: str) -> str:
    return str(sha512_crypt.using(rounds=1000).hash(password))


def test_a_disabled_account_no_longer_binds_and_an_enabled_one_does(server: Slapd, backend: Ldap, login: str) -> None:
    dn = server.add(login, OLD)
    assert server.lets_in(dn, OLD)
    assert backend.disable("", [login], guard=GUARD) == Done(applied=1)
    assert not server.lets_in(dn, OLD)
    assert backend.disable("", [login], guard=GUARD) == Done(applied=0, unchanged=1)
    assert backend.enable("", [login], guard=GUARD) == Done(applied=1)
    assert server.lets_in(dn, OLD)
    assert backend.disable("", [login], guard=GUARD) == Done(applied=0, unchanged=1), "a late repeat disables nobody"
    assert server.lets_in(dn, OLD)


def test_locking_and_rotating_leave_a_disabled_account_disabled(server: Slapd, backend: Ldap, login: str) -> None:
    dn, other = server.add(login, OLD), server.add(f"{login}b", OLD)
    backend.disable("", [login, f"{login}b"], guard=GUARD)
    new = ready("new-for-nobody-2")
    assert backend.rotate("", [(login, new)], guard=GUARD) == Done(applied=1)
    assert backend.lock("", [f"{login}b"], guard=GUARD) == Done(applied=1)
    for each in (dn, other):
        assert server.look(each)["pwdAccountLockedTime"] == [FOR_GOOD.encode()], "an admin's reset clears the lock"
    assert server.look(dn)["userPassword"] == [b"{CRYPT}" + new.encode()]
    assert server.look(other)["userPassword"] == [b"{CRYPT}!*muster.17"]
    assert not server.lets_in(dn, "new-for-nobody-2")
    assert backend.rotate("", [(login, ready("yet-another-3"))], guard=GUARD) == Done(applied=0, unchanged=1)
    assert server.look(dn)["userPassword"] == [b"{CRYPT}" + new.encode()]
    backend.enable("", [login, f"{login}b"], guard=GUARD)
    assert server.lets_in(dn, "new-for-nobody-2")
    assert not server.lets_in(dn, OLD)
    assert not server.lets_in(other, OLD), "a marker fits no password"


def test_a_lock_that_a_crash_left_out_is_put_back(server: Slapd, backend: Ldap, login: str) -> None:
    dn = server.add(login, OLD)
    backend.disable("", [login], guard=GUARD)
    backend.rotate("", [(login, ready("new-for-nobody-2"))], guard=GUARD)
    server.write(dn, pwdAccountLockedTime=None)
    assert backend.rotate("", [(login, ready("yet-another-3"))], guard=GUARD) == Done(applied=1)
    assert not server.lets_in(dn, "new-for-nobody-2")
    assert not server.lets_in(dn, "yet-another-3")


def test_an_owner_sets_a_new_password_and_gets_in(server: Slapd, backend: Ldap, login: str) -> None:
    dn = server.add(login, OLD)
    backend.disable("", [login], guard=GUARD)
    backend.lock("", [login], guard=GUARD)
    with pytest.raises(Trouble, match="That password was refused") as refused:
        backend.set_password("", login, "thirteen-char", guard=GUARD)
    assert not refused.value.passing
    backend.set_password("", login, "my-own-choice-4", guard=GUARD)
    assert server.lets_in(dn, "my-own-choice-4")
    assert "pwdReset" not in server.look(dn), "an owner who has chosen need not choose again"
    assert server.look(dn)["userPassword"][0].startswith(b"{CRYPT}$6$"), "the directory hashed it"
    for again in (backend.disable, backend.lock, backend.revoke):
        assert again("", [login], guard=GUARD) == Done(applied=0, skipped=(login,)), "it is the owner's now"
    assert server.lets_in(dn, "my-own-choice-4")


def test_a_password_its_owner_set_after_the_cutoff_is_spared(server: Slapd, backend: Ldap, login: str) -> None:
    dn = server.add(login, OLD)
    server.owner_sets(dn, OLD, "chosen-in-time-5")
    assert backend.disable("", [login], guard=GUARD) == Done(applied=0, skipped=(login,))
    assert backend.rotate("", [(login, ready("x"))], guard=GUARD) == Done(applied=0, skipped=(login,))
    assert server.lets_in(dn, "chosen-in-time-5")
    later = Guard(generation=18, cutoff=datetime.now(UTC) + timedelta(minutes=5))
    assert backend.disable("", [login], guard=later) == Done(applied=1), "a later theft takes it in"


def test_a_password_set_in_the_very_moment_of_the_change_is_not_overwritten(
    server: Slapd, backend: Ldap, login: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    dn = server.add(login, OLD)
    write = backend._directory.modify

    def owner_is_quicker(*arguments: Any, **options: Any) -> int:
        monkeypatch.setattr(backend._directory, "modify", write)
        server.owner_sets(dn, OLD, "quicker-than-6")
        return write(*arguments, **options)

    monkeypatch.setattr(backend._directory, "modify", owner_is_quicker)
    assert backend.lock("", [login], guard=GUARD) == Done(applied=0, skipped=(login,))
    assert server.lets_in(dn, "quicker-than-6")


def test_an_account_suspended_before_stays_suspended(server: Slapd, backend: Ldap, login: str) -> None:
    dn = server.add(login, OLD)
    server.write(dn, pwdAccountLockedTime=FOR_GOOD)
    assert backend.disable("", [login], guard=GUARD) == Done(applied=1)
    backend.lock("", [login], guard=GUARD)
    with pytest.raises(Trouble, match="suspended before the reset"):
        backend.set_password("", login, "my-own-choice-4", guard=GUARD)
    backend.enable("", [login], guard=GUARD)
    assert server.look(dn)["pwdAccountLockedTime"] == [FOR_GOOD.encode()]


def test_an_older_reset_enables_nobody_whom_a_newer_one_disabled(server: Slapd, backend: Ldap, login: str) -> None:
    dn = server.add(login, OLD)
    newer = Guard(generation=18, cutoff=GUARD.cutoff)
    backend.disable("", [login], guard=GUARD)
    assert backend.disable("", [login], guard=newer) == Done(applied=1)
    assert backend.enable("", [login], guard=GUARD) == Done(applied=0, unchanged=1)
    assert not server.lets_in(dn, OLD)
    assert backend.enable("", [login], guard=newer) == Done(applied=1), "the lock was a reset's, not an administrator's"
    assert server.lets_in(dn, OLD)


def test_the_mark_stands_beside_what_was_there(server: Slapd, backend: Ldap, login: str) -> None:
    dn = server.add(login, OLD, description=["Pays by invoice"])
    for step in (backend.disable, backend.lock, backend.revoke, backend.enable):
        step("", [login], guard=GUARD)
    assert sorted(server.look(dn)["description"]) == [
        b"Pays by invoice",
        b"muster-reset:17:disable+lock+revoke+enable:ppolicy:",
    ]


def test_keys_are_set_aside(server: Slapd, backend: Ldap, login: str) -> None:
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDWtF0c1xb0HdzNWl1ZHfWLqNh8yQd0Hb3bKjK3C0Z1k kai"
    dn = server.add(login, OLD, sshPublicKey=[key])
    assert backend.revoke("", [login], guard=GUARD) == Done(applied=1)
    assert server.look(dn)["sshPublicKey"] == [f"# set aside by reset 17: {key}".encode()]
    assert backend.revoke("", [login], guard=GUARD) == Done(applied=0, unchanged=1)


def test_who_is_there_comes_back_with_when_it_was_set(server: Slapd, backend: Ldap, login: str) -> None:
    server.add(login, OLD, mail=f"{login}@example.org", preferredLanguage="de", ou="harbor")
    server.add(f"{login}new", OLD, ou="harbor")
    server.write(f"uid={login}new,{BASE}", userPassword=ready("set-lately"))
    pair = (login, f"{login}new")
    found = {each.login: each for each in backend.find(Selection(set_before=GUARD.cutoff, logins=pair))}
    assert list(found) == [login]
    assert (found[login].email, found[login].language, found[login].set_at) == (f"{login}@example.org", "de", None)
    later = Selection(set_before=datetime.now(UTC) + timedelta(minutes=1), logins=pair)
    assert {each.login: each.set_at is not None for each in backend.find(later)} == {login: False, f"{login}new": True}
    with pytest.raises(Trouble, match="where an account's group stands"):
        list(backend.find(Selection(set_before=NOW, groups=("harbor",))))
    narrow = ldap(server, narrow={"group": "ou"})
    chosen = narrow.find(Selection(set_before=NOW, groups=("harbor",), logins=pair))
    assert [each.login for each in chosen] == [login]
    narrow.close()


def test_a_chunk_counts_each_account_once(server: Slapd, backend: Ldap, login: str) -> None:
    logins = [f"{login}-{number}" for number in range(150)]
    for each in logins:
        server.add(each, OLD) if each[-1] == "0" else None
    there = [each for each in logins if each[-1] == "0"]
    done = backend.disable("", logins, guard=GUARD)
    assert (done.applied, done.unchanged, len(done.skipped), done.misses) == (len(there), 0, 150 - len(there), ())
    again = backend.disable("", logins, guard=GUARD)
    assert (again.applied, again.unchanged, len(again.skipped)) == (0, len(there), 150 - len(there))


def test_odd_logins_reach_the_directory_as_they_are(server: Slapd, backend: Ldap, login: str) -> None:
    odd = f"{login}*)(uid=x"
    server.add(login, OLD)
    assert backend.disable("", [odd], guard=GUARD) == Done(applied=0, skipped=(odd,))
    assert server.lets_in(f"uid={login},{BASE}", OLD)


def test_old_hashes_are_handed_out_to_be_sealed(server: Slapd, backend: Ldap, login: str) -> None:
    kept = "{CRYPT}" + ready(OLD)
    server.add(login, kept)
    assert backend.read_hashes("", [login, f"{login}nobody"]) == [(login, kept)]
    backend.lock("", [login], guard=GUARD)
    assert backend.read_hashes("", [login]) == [], "a marker is no password of anybody"


def test_verify_binds_with_the_old_password_and_looks_at_connections(server: Slapd, login: str) -> None:
    backend = ldap(server, probes={login: "kai"})
    dn = server.add(login, OLD)
    session = server.bind(dn, OLD)
    before = {check.what: check.holds for check in backend.verify("", [login], guard=GUARD)}
    assert before == {"old_refused": False, "state_effective": False, "session_gone": False}
    backend.disable("", [login], guard=GUARD)
    session.unbind()
    after = {check.what: check for check in backend.verify("", [login], guard=GUARD)}
    assert all(check.holds for check in after.values()), after
    assert "invalidCredentials" in after["old_refused"].sentence
    backend.close()


def test_stopped_between_accounts(server: Slapd, login: str) -> None:
    backend = ldap(server, stopped=lambda: True)
    dn = server.add(login, OLD)
    with pytest.raises(Stopped):
        backend.disable("", [login], guard=GUARD)
    assert server.lets_in(dn, OLD)
    backend.close()

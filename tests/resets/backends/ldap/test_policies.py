"""Directories with other policies or none: what the dry run says of them, and what is done instead of a lock."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from passlib.hash import sha512_crypt
from pydantic import ValidationError

from eap.actions.base import Trouble
from resets.backends.base import Done, Guard, Probe, Selection
from resets.backends.ldap import Ldap
from resets.backends.ldap.settings import LdapSettings
from tests.resets.servers import slapd
from tests.resets.servers.around import surroundings
from tests.resets.servers.slapd import BASE, POLICY, READER, Slapd

pytestmark = pytest.mark.filterwarnings(
    # What ldap3 itself uses of pyasn1 and of ssl.
    "ignore:(tagMap|typeMap) is deprecated:DeprecationWarning",
    "ignore:ssl.match_hostname:DeprecationWarning",
)

OLD = "old-and-stolen-1"
NOW = datetime.now(UTC)
GUARD = Guard(generation=17, cutoff=NOW - timedelta(minutes=2))
STRICT, LAX = (f"cn={name},ou=policies,dc=harbor,dc=example" for name in ("strict", "lax"))

_numbers = itertools.count()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    with slapd.running(tmp_path_factory.mktemp("slapd")) as found:
        yield found


@pytest.fixture(scope="module")
def without_policy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    with slapd.running(tmp_path_factory.mktemp("plain"), with_policy=False) as found:
        yield found


@pytest.fixture
def login() -> str:
    return f"kim{next(_numbers)}"


@pytest.fixture
def open_backend() -> Iterator[Any]:
    made: list[Ldap] = []

    def made_for(server: Slapd, **changed: Any) -> Ldap:
        made.append(Ldap(LdapSettings(**server.settings(**changed)), surroundings(slapd.SECRETS)))
        return made[-1]

    yield made_for
    for each in made:
        each.close()


def ready(password: str) -> str:
    return str(sha512_crypt.using(rounds=1000).hash(password))


def by_name(probes: Any) -> dict[str, Probe]:
    return {probe.name: probe for probe in probes}


def test_the_dry_run_tries_every_right_and_changes_nothing(server: Slapd, open_backend: Any, login: str) -> None:
    dn = server.add(login, OLD)
    mine = {"filter": f"(uid={login})"}
    before = server.look(dn)
    found = by_name(open_backend(server, **mine).probe())
    assert all(probe.granted for probe in found.values()), found
    assert "pwdLockout" in found["disable"].sentence
    reader = by_name(open_backend(server, bind_dn=READER, bind_password="reader", **mine).probe())
    refused = {name for name, probe in reader.items() if not probe.granted}
    assert refused == {"read_hashes", "password", "mark", "lock"}
    assert server.look(dn) == before


def test_the_dry_run_says_that_a_mark_is_not_allowed(server: Slapd, open_backend: Any, login: str) -> None:
    server.add(login, OLD)
    found = by_name(open_backend(server, filter=f"(uid={login})", mark="memberUid").probe())
    assert not found["mark_allowed"].granted
    assert "not allowed" in found["mark_allowed"].sentence


def test_a_policy_that_checks_quality_strictly_refuses_ready_hashes(
    server: Slapd, open_backend: Any, login: str
) -> None:
    dn = server.add(login, OLD, pwdPolicySubentry=STRICT)
    backend = open_backend(server, filter=f"(uid={login})")
    assert not by_name(backend.probe())["ready_hashes"].granted
    done = backend.lock("", [login], guard=GUARD)
    assert [(miss.login, miss.code, miss.passing) for miss in done.misses] == [(login, "policy_refused", False)]
    assert server.lets_in(dn, OLD)
    as_root = open_backend(server, bind_dn=slapd.ROOT, bind_password="root")
    assert as_root.lock("", [login], guard=GUARD) == Done(applied=1)


def test_an_account_whose_own_policy_has_no_lockout_is_disabled_otherwise(
    server: Slapd, open_backend: Any, login: str
) -> None:
    dn = server.add(login, "{CRYPT}" + ready(OLD), pwdPolicySubentry=LAX)
    plain = open_backend(server)
    assert [miss.code for miss in plain.disable("", [login], guard=GUARD).misses] == ["no_way_to_disable"]
    assert server.lets_in(dn, OLD)
    backend = open_backend(server, otherwise="hash")
    assert backend.disable("", [login], guard=GUARD) == Done(applied=1)
    assert not server.lets_in(dn, OLD)
    assert backend.rotate("", [(login, ready("new-2-new-2"))], guard=GUARD) == Done(applied=1), "its age is ours"
    assert not server.lets_in(dn, "new-2-new-2"), "it is still disabled"
    assert backend.enable("", [login], guard=GUARD) == Done(applied=1)
    assert server.lets_in(dn, "new-2-new-2")


def test_without_the_overlay_the_dry_run_says_so_and_hashes_are_put_out_of_force(
    without_policy: Slapd, open_backend: Any, login: str
) -> None:
    dn = without_policy.add(login, OLD)
    mine = {"filter": f"(uid={login})", "policy": "", "set_at": ""}
    found = by_name(open_backend(without_policy, **mine).probe())
    assert not found["disable"].granted
    assert "without an effect" in found["disable"].sentence
    backend = open_backend(without_policy, **mine, otherwise="hash")
    assert by_name(backend.probe())["disable"].granted
    assert backend.disable("", [login], guard=GUARD) == Done(applied=1)
    assert backend.disable("", [login], guard=GUARD) == Done(applied=0, unchanged=1)
    assert not without_policy.lets_in(dn, OLD)
    assert without_policy.look(dn)["userPassword"] == [b"{CRYPT}!{CLEARTEXT}" + OLD.encode()]
    checks = {check.what: check.holds for check in backend.verify("", [login], guard=GUARD)}
    assert checks["state_effective"]
    backend.enable("", [login], guard=GUARD)
    assert without_policy.lets_in(dn, OLD)
    again = backend.find(Selection(set_before=NOW - timedelta(days=1)))
    assert login in {each.login for each in again}, "bringing a hash back does not make it a new password"


def test_an_attribute_of_ones_own_disables(without_policy: Slapd, open_backend: Any, login: str) -> None:
    dn = without_policy.add(login, OLD, employeeType="customer")
    backend = open_backend(
        without_policy, disable_by="attribute", disable_attribute="employeeType", disable_value="disabled"
    )
    assert backend.disable("", [login], guard=GUARD) == Done(applied=1)
    assert without_policy.look(dn)["employeeType"] == [b"disabled"]
    assert backend.disable("", [login], guard=GUARD) == Done(applied=0, unchanged=1)
    backend.enable("", [login], guard=GUARD)
    assert b"disabled" not in without_policy.look(dn).get("employeeType", [])


def test_the_local_socket_needs_no_password(server: Slapd, open_backend: Any, login: str) -> None:
    server.add(login, OLD)
    backend = open_backend(server, uri=server.socket_uri, bind_dn="", bind_password="")
    assert backend.disable("", [login], guard=GUARD) == Done(applied=1)


def test_a_wrong_sign_in_a_strangers_certificate_and_a_silent_host_are_told_apart(
    server: Slapd, open_backend: Any
) -> None:
    with pytest.raises(Trouble, match="refused our sign-in") as refused:
        open_backend(server, bind_password="reader").disable("", ["x"], guard=GUARD)
    with pytest.raises(Trouble, match="by TLS") as stranger:
        open_backend(server, ca_file="").disable("", ["x"], guard=GUARD)
    with pytest.raises(Trouble, match="can't be reached") as silent:
        open_backend(server, uri="ldap://127.0.0.1:1").disable("", ["x"], guard=GUARD)
    assert [each.value.passing for each in (refused, stranger, silent)] == [False, False, True]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"start_tls": False}, "would send passwords readable"),
        ({"start_tls": False, "plain_text_on_loopback": True, "uri": "ldap://ldap.example"}, "127.0.0.1 and ::1 only"),
        ({"bind_dn": ""}, "anonymously"),
        ({"otherwise": "attribute"}, "disable_attribute"),
        ({"uri": "https://ldap.example"}, "must begin with"),
    ],
)
def test_settings_that_would_do_harm_are_refused(changed: dict[str, Any], sentence: str) -> None:
    given = {"uri": "ldap://127.0.0.1", "bind_dn": "cn=x", "base": BASE, "policy": POLICY} | changed
    with pytest.raises(ValidationError, match=sentence):
        LdapSettings(**given)


def test_a_directory_that_goes_away_in_between_is_passing_trouble(tmp_path: Path, open_backend: Any) -> None:
    with slapd.running(tmp_path) as server:
        server.add("kai", OLD)
        backend = open_backend(server)
        assert backend.disable("", ["kai"], guard=GUARD) == Done(applied=1)
    for sentence in ("was lost|can't be reached", "can't be reached"):
        with pytest.raises(Trouble, match=sentence) as gone:
            backend.lock("", ["kai"], guard=GUARD)
        assert gone.value.passing

"""The accounts of a reset: all in scope, none twice, none of the list, drawn into waves that nobody can choose."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.db import connection, transaction

from eap.actions.base import Stopped, Trouble
from ledger.actor import Actor
from ledger.models import Entry
from people.actors import actor_for
from resets.backends.base import Found
from resets.models import Account, Reset, System
from resets.operations.exclude import Spared, approve_exclusions, digest_of, exclude
from resets.operations.freeze import freeze
from tests.builders import NOW, make_person
from tests.resets.scope.listed import CUTOFF, Listed, logins, make_draft, make_system, opened
from web.errors import BadInput, IllegalMove

pytestmark = pytest.mark.django_db(transaction=True)


def _freeze(reset: Reset, behind: dict[str, Listed], **given: Any) -> Reset:
    return freeze(reset_id=reset.pk, by=Actor.system(), clock=lambda: NOW, opened=opened(behind), **given)


def _logins(reset: Reset, **narrowed: Any) -> list[str]:
    return list(Account.objects.filter(reset=reset, **narrowed).order_by("position").values_list("login", flat=True))


def test_all_in_scope_are_numbered_by_wave_system_host_and_login() -> None:
    ftp, shell = make_system("ftp"), make_system("shell")
    reset = make_draft(ftp, shell)
    behind = {"ftp": Listed(logins(3000, shards=4)), "shell": Listed(logins(200, prefix="sh"))}
    frozen = _freeze(reset, behind)
    assert (frozen.state, frozen.count, frozen.frozen_at) == ("frozen", 3200, NOW)
    rows = list(Account.objects.filter(reset=reset).order_by("position"))
    assert [row.position for row in rows] == list(range(1, 3201))
    keys = [(row.wave, row.system_id, row.shard, row.login) for row in rows]
    assert keys == sorted(keys)
    assert {(row.system_id, row.shard, row.login) for row in rows} == {
        *((ftp.pk, each.shard, each.login) for each in logins(3000, shards=4)),
        *((shell.pk, "", each.login) for each in logins(200, prefix="sh")),
    }
    assert behind["ftp"].asked[0].set_before == CUTOFF
    assert [each.closed for each in behind.values()] == [1, 1]


def test_the_waves_are_the_canary_a_hundred_one_percent_ten_percent_and_the_rest() -> None:
    reset = make_draft()
    _freeze(reset, {"ftp": Listed(logins(5005))})
    sizes = [Account.objects.filter(reset=reset, wave=wave).count() for wave in range(5)]
    assert sizes == [5, 100, 50, 500, 4350]
    assert Entry.objects.get(subject=reset.subject, verb="reset.frozen").payload["waves"] == sizes


@pytest.mark.parametrize(("count", "sizes"), [(1, [1, 0, 0, 0, 0]), (12, [1, 11, 0, 0, 0]), (111, [5, 100, 2, 4, 0])])
def test_a_few_accounts_fill_the_first_waves(count: int, sizes: list[int]) -> None:
    reset = make_draft()
    _freeze(reset, {"ftp": Listed(logins(count))})
    assert [Account.objects.filter(reset=reset, wave=wave).count() for wave in range(5)] == sizes


def test_which_accounts_go_when_differs_from_reset_to_reset_and_not_by_name() -> None:
    system = make_system()
    first, second = make_draft(system), make_draft(system)
    accounts = logins(1000)
    for reset in (first, second):
        _freeze(reset, {"ftp": Listed(accounts)})
    early = [set(_logins(reset, wave__in=[0, 1])) for reset in (first, second)]
    assert early[0] != early[1]
    assert first.digest == second.digest == ""  # as they were made; each list has its order and so its digest
    digests = set(Reset.objects.values_list("digest", flat=True))
    assert len(digests) == 2


def test_named_accounts_and_those_with_known_passwords_are_the_canary() -> None:
    system = make_system(settings={"probes": {"user00007": "probe_seven"}})
    other = make_system("shell")
    reset = make_draft(system, other, selection={"canary": ["user00003"]})
    _freeze(reset, {"ftp": Listed(logins(50)), "shell": Listed(logins(60, prefix="sh"))})
    canary = _logins(reset, wave=0)
    assert canary[:2] == ["user00003", "user00007"]
    assert len(canary) == 7
    assert all(login.startswith("sh") for login in canary[2:])


def test_the_digest_is_that_of_the_list_in_its_order() -> None:
    system = make_system()
    reset = make_draft(system)
    _freeze(reset, {"ftp": Listed(logins(30, shards=2))})
    rows = Account.objects.filter(reset=reset).order_by("position")
    text = "".join(f"{system.key}\t{row.shard}\t{row.login}\n" for row in rows)
    reset.refresh_from_db()
    assert reset.digest == sha256(text.encode()).hexdigest()


def test_what_a_system_says_of_an_account_is_kept() -> None:
    set_at = datetime(2025, 1, 2, 3, 4, tzinfo=UTC)
    odd = Found(
        login="a\\b\tc\nd",
        shard="höst",
        set_at=set_at,
        email="x" * 250 + "@long.example",
        email_changed_at=set_at + timedelta(days=1),
        language="de-CH-1996",
        customer="K" * 41,
    )
    reset = make_draft()
    _freeze(reset, {"ftp": Listed([odd])})
    row = Account.objects.get(reset=reset)
    assert (row.login, row.shard, row.set_at) == (odd.login, "höst", set_at)
    assert (row.email, row.language, row.customer) == ("", "de-CH", "")
    assert row.email_changed_at == odd.email_changed_at


def test_accounts_on_the_approved_list_are_left_alone() -> None:
    system = make_system()
    reset = make_draft(system)
    with transaction.atomic():
        spared = [Spared(system=system, login="user00001", reason="break-glass")]
        exclude(reset_id=reset.pk, spared=spared, by=actor_for(make_person("Otto"), via="web"), now=NOW)
    with pytest.raises(IllegalMove, match="not approved"):
        _freeze(reset, {"ftp": Listed(logins(20))})
    with transaction.atomic():
        digest = digest_of(reset.exclusions.select_related("system"))
        approve_exclusions(reset_id=reset.pk, digest=digest, by=actor_for(make_person("Mia"), via="web"), now=NOW)
    _freeze(reset, {"ftp": Listed(logins(20))})
    assert "user00001" not in _logins(reset)
    entry = Entry.objects.get(subject=reset.subject, verb="reset.frozen")
    assert (entry.payload["accounts"], entry.payload["left_alone"], entry.payload["exclusions"]) == (19, 1, digest)


def _spare(reset: Reset, system: System, *names: str) -> None:
    with transaction.atomic():
        spared = [Spared(system=system, login=name, reason="break-glass") for name in names]
        exclude(reset_id=reset.pk, spared=spared, by=actor_for(make_person("Otto"), via="web"), now=NOW)
        digest = digest_of(reset.exclusions.select_related("system"))
        approve_exclusions(reset_id=reset.pk, digest=digest, by=actor_for(make_person("Mia"), via="web"), now=NOW)


def test_a_name_on_the_list_in_other_capitals_stops_it_rather_than_spares_nobody() -> None:
    system = make_system()
    reset = make_draft(system)
    _spare(reset, system, "Root", "not-in-scope")
    with pytest.raises(Trouble, match=r"“Root” \(there: “root”\)"):
        _freeze(reset, {"ftp": Listed([Found(login="root"), *logins(20)])})
    reset.refresh_from_db()
    assert (reset.state, Account.objects.filter(reset=reset).count()) == ("draft", 0)


def test_where_capitals_make_two_accounts_each_is_itself() -> None:
    system = make_system()
    reset = make_draft(system)
    _spare(reset, system, "Root")
    _freeze(reset, {"ftp": Listed([Found(login="root"), Found(login="Root"), Found(login="other")])})
    assert sorted(_logins(reset)) == ["other", "root"]


def test_a_list_that_changes_while_systems_are_read_stops_it() -> None:
    system = make_system()
    reset = make_draft(system)

    def reading() -> Any:
        yield from logins(5)
        with transaction.atomic():
            spared = [Spared(system=system, login="user00001", reason="break-glass")]
            exclude(reset_id=reset.pk, spared=spared, by=actor_for(make_person("Otto"), via="web"), now=NOW)

    with pytest.raises(IllegalMove):
        _freeze(reset, {"ftp": Listed(reading())})
    assert not Account.objects.exists()


@pytest.mark.parametrize(
    ("accounts", "sentence"),
    [
        ([], "No account is in scope"),
        ([Found(login="twice"), Found(login="twice")], "the same account twice"),
        ([Found(login="")], "can't be kept"),
        ([Found(login="a\x00b")], "can't be kept"),
    ],
    ids=["none", "twice", "nameless", "nul"],
)
def test_what_cannot_be_frozen_leaves_a_draft(accounts: list[Found], sentence: str) -> None:
    reset = make_draft()
    with pytest.raises(Trouble, match=sentence):
        _freeze(reset, {"ftp": Listed(accounts)})
    reset.refresh_from_db()
    assert (reset.state, reset.count) == ("draft", 0)
    assert not Account.objects.exists()


def test_told_to_stop_it_freezes_nothing() -> None:
    reset = make_draft()
    with pytest.raises(Stopped) as stopped:
        _freeze(reset, {"ftp": Listed(logins(5001))}, stopped=lambda: True)
    assert stopped.value.confirmed
    assert not Account.objects.exists()


def test_frozen_already_nothing_changes() -> None:
    reset = make_draft()
    _freeze(reset, {"ftp": Listed(logins(5))})
    again = _freeze(reset, {"ftp": Listed(logins(9))})
    assert again.count == 5
    assert Entry.objects.filter(subject=reset.subject, verb="reset.frozen").count() == 1


def test_no_transaction_is_open_while_systems_are_read() -> None:
    open_then = []

    def reading() -> Any:
        yield from logins(3)
        open_then.append(connection.in_atomic_block)

    _freeze(make_draft(), {"ftp": Listed(reading())})
    assert open_then == [False]
    with transaction.atomic(), pytest.raises(transaction.TransactionManagementError):
        _freeze(Reset.objects.get(), {})


def test_a_drill_takes_systems_for_drills_only() -> None:
    with pytest.raises(BadInput, match="marked for drills"):
        make_draft(make_system(), drill=True)
    assert make_draft(make_system("play", drill=True), drill=True).drill
    assert System.objects.count() == 2

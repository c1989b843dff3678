"""What so many accounts say of all, and which are drawn."""

from __future__ import annotations

from math import comb

import pytest
from django.db import transaction

from ledger.actor import Actor
from resets.models import Account, Reset
from resets.operations.freeze import freeze
from resets.proof.sampling import bound, canary_of, sample_of
from tests.builders import NOW
from tests.resets.scope.listed import Listed, logins, make_draft, make_system, opened


@pytest.mark.parametrize(
    ("failed", "looked_at", "share"),
    [(0, 400, 0.00746), (0, 1, 0.95), (1, 400, 0.01181), (3, 400, 0.01927), (400, 400, 1.0), (0, 100_000, 0.00003)],
)
def test_the_bound_is_the_exact_one(failed: int, looked_at: int, share: float) -> None:
    found = bound(failed, looked_at)
    assert found is not None
    assert found == pytest.approx(share, abs=0.00002)


def test_at_the_bound_so_few_failures_have_a_chance_of_one_in_twenty() -> None:
    share = bound(2, 60)
    assert share is not None
    chance = sum(comb(60, n) * share**n * (1 - share) ** (60 - n) for n in range(3))
    assert chance == pytest.approx(0.05, abs=0.0001)


def test_none_looked_at_says_nothing() -> None:
    assert bound(0, 0) is None


@pytest.fixture
def reset(transactional_db: None) -> Reset:
    ftp, shell = make_system("ftp"), make_system("shell")
    made = make_draft(ftp, shell)
    behind = {"ftp": Listed(logins(2500, shards=3)), "shell": Listed(logins(30, prefix="sh"))}
    return freeze(reset_id=made.pk, by=Actor.system(), clock=lambda: NOW, opened=opened(behind))


@pytest.mark.parametrize("wanted", [1, 400, 600, 700, 5000])
def test_so_many_of_a_system_are_drawn_each_once_beside_the_canary(reset: Reset, wanted: int) -> None:
    system = reset.systems.get(key="ftp")
    drawn = sample_of(reset, system_id=system.pk, wanted=wanted, done_through=4)
    besides = Account.objects.filter(reset=reset, system=system).exclude(wave=0).count()
    assert len(drawn) == len({account.pk for account in drawn}) == min(wanted, besides)
    assert {account.system_id for account in drawn} == {system.pk}
    assert not {account.pk for account in drawn} & {account.pk for account in canary_of(reset)}


def test_only_waves_that_the_work_came_through_are_drawn_from(reset: Reset) -> None:
    system = reset.systems.get(key="ftp")
    drawn = sample_of(reset, system_id=system.pk, wanted=400, done_through=1)
    assert {account.wave for account in drawn} == {1}
    assert len(drawn) == Account.objects.filter(reset=reset, system=system, wave=1).count()
    assert sample_of(reset, system_id=system.pk, wanted=400, done_through=0) == []


def test_each_draw_is_another_one_and_reaches_every_part(reset: Reset) -> None:
    system = reset.systems.get(key="ftp")
    with transaction.atomic():
        draws = [
            {account.pk for account in sample_of(reset, system_id=system.pk, wanted=100, done_through=4)}
            for _ in range(20)
        ]
    assert len({frozenset(draw) for draw in draws}) == 20
    hosts = set(Account.objects.filter(pk__in=set().union(*draws)).values_list("shard", "wave"))
    assert len(hosts) >= 9

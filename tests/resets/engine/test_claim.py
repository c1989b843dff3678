"""Claiming: who may begin what and when; with real commits, because the race is the point."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connections

from resets.backends.base import Done
from resets.models import Chunk, Phase
from resets.work.claim import LEASE, Claimed, claim
from resets.work.finish import finish
from resets.work.heartbeat import Watched, beat
from resets.work.leases import free_leases
from tests.resets.engine import memory
from tests.resets.engine.builders import NOW, ask, counts, make_reset, make_system, work

pytestmark = pytest.mark.django_db(transaction=True)


def claim_all(*, now: object = NOW) -> list[Claimed]:
    found = []
    while (claimed := claim(now=NOW)) is not None:
        found.append(claimed)
    return found


def test_no_more_chunks_of_a_host_are_under_way_than_it_takes_at_once() -> None:
    system = make_system(at_once=2)
    reset = make_reset(sizes=(0, 0, 0, 0, 100), systems=[system])
    ask(reset, "disable")
    claimed = claim_all()
    assert sorted(each.shard for each in claimed) == ["web1", "web1", "web2", "web2"]
    finish(claimed[0], Done(applied=claimed[0].accounts), tried={}, ids={}, now=NOW)
    assert [each.shard for each in claim_all()] == [claimed[0].shard]


def test_many_claim_at_the_same_time_and_none_gets_what_another_has() -> None:
    system = make_system(at_once=2)
    reset = make_reset(sizes=(0, 0, 0, 0, 400), systems=[system], shards=["a", "b", "c", "d", "e"])
    ask(reset, "disable")
    found: list[Claimed] = []
    start = threading.Barrier(6)

    def take() -> None:
        start.wait()
        try:
            for _ in range(8):
                claimed = claim(now=NOW)
                if claimed is not None:
                    found.append(claimed)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=take) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({each.id for each in found}) == len(found)
    under_way = [each.shard for each in found]
    assert all(under_way.count(shard) <= 2 for shard in "abcde")
    assert len(claim_all()) + len(found) == 10


def test_a_host_is_asked_no_faster_than_its_rate() -> None:
    system = make_system(rate=2)
    reset = make_reset(sizes=(0, 0, 0, 0, 40), systems=[system], shards=["web1"])
    phase = ask(reset, "disable")
    for second in range(0, 60, 5):
        work(now=NOW + timedelta(seconds=second))
        assert counts(phase)["applied"] <= 2 * second + 10
    assert counts(phase)["applied"] == 40
    assert len(memory.HELD.calls) == 4


def test_a_resets_own_rate_holds_over_all_hosts() -> None:
    reset = make_reset(sizes=(0, 0, 0, 0, 40), shards=["a", "b", "c", "d"], rate=2)
    phase = ask(reset, "disable")
    done = []
    for second in range(0, 60, 5):
        work(now=NOW + timedelta(seconds=second))
        done.append(counts(phase)["applied"])
    assert done[0] == 10
    assert done[1] == 20
    assert done[-1] == 40


def test_a_worker_that_died_is_relieved_and_its_late_result_counts_for_nothing() -> None:
    reset = make_reset(sizes=(0, 0, 0, 0, 8), shards=["web1"])
    phase = ask(reset, "disable")
    dead = claim(now=NOW)
    assert dead is not None
    assert work(now=NOW) == 0
    assert free_leases(now=NOW + LEASE - timedelta(seconds=1)) == 0
    later = NOW + LEASE
    assert free_leases(now=later) == 1
    work(now=later)
    assert not finish(dead, Done(applied=8), tried={}, ids={}, now=later)
    phase.refresh_from_db()
    assert phase.state == Phase.State.DONE
    assert counts(phase) == {"applied": 8, "unchanged": 0, "skipped": 0, "missed": 0, "accounts": 8}


def test_a_chunk_that_takes_its_worker_with_it_every_time_is_given_up() -> None:
    reset = make_reset(sizes=(0, 0, 0, 0, 8), shards=["web1"])
    phase = ask(reset, "disable")
    now = NOW
    for _ in range(20):
        if claim(now=now) is None:
            break
        now += LEASE
        free_leases(now=now)
    chunk = Chunk.objects.get(phase=phase)
    assert (chunk.state, chunk.missed, chunk.code) == (Chunk.State.FAILED, 8, "worker_died")


def test_the_heartbeat_moves_leases_on_and_hears_of_a_pause() -> None:
    reset = make_reset(sizes=(0, 0, 0, 0, 8), shards=["web1"])
    ask(reset, "disable")
    claimed = claim(now=NOW)
    assert claimed is not None
    before = Chunk.objects.get(pk=claimed.id).lease_until
    watched = Watched(claimed)
    beat({claimed.id: watched})
    after = Chunk.objects.get(pk=claimed.id).lease_until
    assert before is not None
    assert after is not None
    assert after > before
    assert not watched.stopped()
    reset.__class__.objects.update(state="paused")
    beat({claimed.id: watched})
    assert watched.stopped()


def test_the_heartbeat_hears_that_somebody_else_has_it() -> None:
    reset = make_reset(sizes=(0, 0, 0, 0, 8), shards=["web1"])
    ask(reset, "disable")
    claimed = claim(now=NOW)
    assert claimed is not None
    Chunk.objects.update(fence=claimed.fence + 1)
    watched = Watched(claimed)
    beat({claimed.id: watched})
    assert watched.stopped()

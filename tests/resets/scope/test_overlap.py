"""Other resets of the same hosts: which are told of, to whom, and in which words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from incidents.models import Incident
from people.models import Person, Role
from resets.access import resets_beside
from resets.models import Reset, System
from resets.scope.overlap import Overlap, overlaps
from tests.builders import make_person
from tests.eap.runs.builders import begin, make_incident, make_version, step
from tests.resets.engine.builders import NOW, make_reset, make_system

pytestmark = pytest.mark.django_db


def told(reset: Reset, *, now: Any = NOW) -> list[str]:
    return [each.sentence() for each in overlaps(reset, now=now)]


def moved(reset: Reset, state: str, **more: Any) -> Reset:
    Reset.objects.filter(pk=reset.pk).update(state=state, **more)
    reset.refresh_from_db()
    return reset


@pytest.fixture
def system(db: None) -> System:
    return make_system()


@pytest.mark.parametrize(
    ("state", "ended", "words"),
    [
        ("frozen", None, "and is frozen."),
        ("running", None, "and is running."),
        ("paused", None, "and is paused."),
        ("done", timedelta(hours=23), "ended less than a day ago."),
        ("aborted", timedelta(hours=1), "ended less than a day ago."),
        ("done", timedelta(hours=25), ""),
        ("draft", None, ""),
    ],
)
def test_those_that_work_there_or_did_within_a_day(
    system: System, state: str, ended: timedelta | None, words: str
) -> None:
    older = make_reset(systems=[system])
    moved(older, state, ended_at=NOW - ended if ended else None)
    said = told(make_reset(systems=[system]))
    assert [sentence.endswith(words) for sentence in said] == ([True] if words else [])
    if words:
        assert said[0].startswith(f"“{older.title}” cover")
        assert f"{system.name} (web1, web2)" in said[0]


def test_one_that_was_aborted_as_a_draft_has_touched_nothing(system: System) -> None:
    moved(make_reset(systems=[system]), "aborted", ended_at=NOW, frozen_at=None)
    assert told(make_reset(systems=[system])) == []


def test_hosts_decide_and_other_systems_do_not_count(system: System) -> None:
    make_reset(systems=[system], shards=["web1", "web2"])
    make_reset(systems=[make_system()], shards=["web3"])
    assert told(make_reset(systems=[system], shards=["web3", "web4"])) == []
    assert len(told(make_reset(systems=[system], shards=["web2", "web9"]))) == 1


def test_hosts_that_both_cover_are_named_and_many_are_counted(system: System) -> None:
    hosts = [f"web{number}" for number in range(9)]
    make_reset(systems=[system], shards=hosts, sizes=(0, 0, 0, 0, 18))
    (found,) = overlaps(make_reset(systems=[system], shards=[*hosts[1:], "other"]), now=NOW)
    assert found.shared[0].hosts == frozenset(hosts[1:])
    assert "(web1, web2, web3, web4, web5 and 3 more)" in found.sentence()


def test_a_draft_is_told_by_what_it_asks_for(system: System) -> None:
    make_reset(systems=[system], shards=["web1"])

    def draft(**selection: Any) -> Reset:
        return moved(make_reset(systems=[system]), "draft", frozen_at=None, selection=selection)

    (found,) = overlaps(draft(), now=NOW)
    assert found.shared[0].hosts is None
    assert f"covers accounts of {system.name} too" in found.sentence()
    assert told(draft(hosts=["web2"])) == []
    assert len(told(draft(hosts=["web2", "web1"]))) == 1


def test_one_that_was_made_anew_for_the_same_run_replaces_the_aborted_one(system: System) -> None:
    run = begin(make_version([step("look")]))
    moved(make_reset(systems=[system], run=run), "aborted", ended_at=NOW)
    again = make_reset(systems=[system], run=run)
    assert told(again) == []
    moved(make_reset(systems=[system]), "aborted", ended_at=NOW)
    assert len(told(again)) == 1


def test_what_somebody_may_not_see_is_told_without_its_name(system: System) -> None:
    incident = make_incident()
    Incident.objects.filter(pk=incident.pk).update(private=True)
    hidden = make_reset(systems=[system], run=begin(make_version([step("look")]), incident=incident))
    mine = make_reset(systems=[system])

    def seen_by(person: Person) -> list[tuple[bool, str]]:
        return [(each.is_seen, each.sentence) for each in resets_beside(person, mine, now=NOW)]

    ((is_seen, sentence),) = seen_by(make_person("Otto", role=Role.RESPONDER))
    assert (is_seen, hidden.title in sentence) == (False, False)
    assert sentence.startswith("Another reset covers accounts of")
    moved(mine, "done", ended_at=NOW)
    assert seen_by(make_person("Olga", role=Role.RESPONDER)) == []


def test_words_without_hosts(system: System) -> None:
    make_reset(systems=[system], shards=[""])
    (found,) = overlaps(make_reset(systems=[system], shards=[""]), now=NOW)
    assert isinstance(found, Overlap)
    assert f"accounts of {system.name} too" in found.sentence(named=False)

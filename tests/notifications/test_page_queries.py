"""Reads of policies and pages, and the words for what a page is about."""

from __future__ import annotations

from datetime import timedelta

import pytest

from notifications.models import Page
from notifications.operations.acknowledge import acknowledge
from notifications.operations.add_responders import add_responders
from notifications.operations.escalate import escalate
from notifications.operations.reassign import reassign
from notifications.queries import freeze, freeze_person, oldest_due_s, pages, waiting_for
from notifications.registry import SubjectKind, Subjects, SubjectWords
from notifications.rules.frozen_policy import FrozenTarget
from tests.builders import (
    NOW,
    by,
    make_page,
    make_person,
    make_policy,
    make_schedule,
    make_team,
    make_tier,
)
from tests.notifications.watching import advance

pytestmark = pytest.mark.django_db


def test_a_frozen_policy_names_every_target_in_order() -> None:
    ada = make_person("Ada")
    schedule, team, tier = make_schedule("Hosting", ada), make_team("Support", ada), make_tier("vp", ada)
    policy = make_policy(
        (60, [ada, schedule]),
        (120, [team, tier]),
        name="All",
        rounds=2,
        required=3,
        remind_after_s=600,
        repage_after_s=300,
    )
    frozen = freeze(policy)
    assert (frozen.name, frozen.rounds, frozen.required_acknowledgements) == ("All", 2, 3)
    assert (frozen.remind_after_s, frozen.repage_after_s) == (600, 300)
    assert [(level.delay_s, level.until_enough) for level in frozen.levels] == [(60, False), (120, False)]
    assert [level.targets for level in frozen.levels] == [
        (
            FrozenTarget(kind="person", id=str(ada.pk), name="Ada"),
            FrozenTarget(kind="schedule", id=str(schedule.pk), name="Hosting"),
        ),
        (
            FrozenTarget(kind="team", id=str(team.pk), name="Support"),
            FrozenTarget(kind="tier", id=str(tier.pk), name="VP"),
        ),
    ]


def test_what_waits_for_somebody_is_open_unanswered_and_worst_first() -> None:
    ada, cam = make_person("Ada"), make_person("Cam")
    low = make_page(ada, severity=4)
    worst = make_page(make_policy((300, [ada]), (300, [cam])), severity=1)
    answered = make_page(ada)
    ended = make_page(ada)
    advance()
    acknowledge(page_id=answered.pk, person=ada, by=by(ada), now=NOW)
    Page.objects.filter(pk=ended.pk).update(
        state="cancelled", cancel_reason="resolved", ended_at=NOW, next_step_at=None
    )
    assert list(waiting_for(ada)) == [worst, low]
    assert list(waiting_for(cam)) == []
    # Late, but still able to answer; and the next level waits for Cam.
    escalate(page_id=worst.pk, by=by(make_person("Sue")), now=NOW + timedelta(minutes=1))
    assert list(waiting_for(ada)) == [worst, low]
    assert list(waiting_for(cam)) == [worst]


def test_what_was_given_to_somebody_else_no_longer_waits_for_them() -> None:
    ada, vic, sid = make_person("Ada"), make_person("Vic"), make_person("Sid")
    page = make_page(ada)
    advance()
    operations = freeze(make_policy((300, [vic]), (300, [make_person("Cam")])))
    reassign(page_id=page.pk, policy=operations, by=by(ada), now=NOW + timedelta(minutes=1))
    assert (list(waiting_for(ada)), list(waiting_for(vic))) == ([], [page])
    # Sid, added meanwhile, is still rung by a page that searches anew.
    acknowledge(page_id=page.pk, person=vic, by=by(vic), now=NOW + timedelta(minutes=2))
    add_responders(page_id=page.pk, people=[sid], by=by(vic), now=NOW + timedelta(minutes=3))
    escalate(page_id=page.pk, by=by(vic), now=NOW + timedelta(minutes=4))
    assert list(waiting_for(sid)) == [page]


def test_pages_are_found_by_subject_state_and_person() -> None:
    ada, vic = make_person("Ada"), make_person("Vic")
    first = make_page(ada, subject="incident:1")
    second = make_page(vic, subject="incident:2", now=NOW + timedelta(minutes=1))
    advance(1)
    assert list(pages()) == [second, first]
    assert list(pages(subject="incident:1")) == [first]
    assert list(pages(person=vic)) == [second]
    acknowledge(page_id=first.pk, person=ada, by=by(ada), now=NOW + timedelta(minutes=2))
    assert list(pages(state="acknowledged")) == [first]


def test_the_longest_wait_is_told() -> None:
    assert oldest_due_s(now=NOW) == 0.0
    page = make_page(freeze_person(make_person("Ada")))
    make_page(freeze_person(make_person("Vic")), now=NOW + timedelta(seconds=5))
    assert oldest_due_s(now=NOW + timedelta(seconds=42)) == 42.0
    Page.objects.filter(pk=page.pk).update(next_step_at=NOW + timedelta(hours=1))
    assert oldest_due_s(now=NOW + timedelta(seconds=42)) == 37.0


def test_the_floor_above_says_how_to_speak_of_its_subjects() -> None:
    words = SubjectWords(title="SEV1 1042: Down", short="SEV1 1042", spoken="severity 1", path="/incidents/1042/")
    subjects = Subjects()

    def words_of(id_: str) -> SubjectWords | None:
        return words if id_ == "1" else None

    subjects.register(SubjectKind(kind="incident", words_of=words_of, duty="musters"))
    about = make_page(make_person("Ada"), subject="incident:1")
    gone = make_page(make_person("Ada"), subject="incident:2", title="Down")
    alone = make_page(make_person("Ada"), title="Router down")
    assert subjects.words_of(about) == words
    assert subjects.words_of(gone).short == "Down"
    assert subjects.words_of(alone).path == f"/pages/{alone.pk}/"
    with pytest.raises(ValueError, match="Two subject kinds"):
        subjects.register(SubjectKind(kind="incident", words_of=lambda _: None, duty="others"))

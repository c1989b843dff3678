"""Escalation policies and the delivery log: told in words, tried without saving, each change in the ledger."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from engine.duties import run_once
from incidents.models import Service
from ledger.queries import entries
from notifications.models import Attempt, ContactMethod, Delivery, EscalationPolicy
from notifications.operations.change_policy import (
    SUBJECT,
    LevelDraft,
    PolicyDraft,
    add_policy,
    change_policy,
    remove_policy,
)
from notifications.queries import freeze
from notifications.rules.frozen_policy import FrozenLevel, FrozenPolicy, FrozenTarget
from notifications.rules.policy_words import ending_of, minutes, steps_of
from people.models import Person
from tests.builders import NOW, by, make_page, make_person, make_policy, make_schedule, make_team, make_tier
from web.errors import BadInput, IllegalMove, NotFound

pytestmark = pytest.mark.django_db


@pytest.fixture
def alma() -> Person:
    return make_person("Alma")


@pytest.fixture
def browser(alma: Person) -> Client:
    client = Client()
    client.force_login(alma)
    return client


def target(name: str) -> FrozenTarget:
    return FrozenTarget(kind="person", id=name.lower(), name=name)


def test_a_policy_reads_as_people_would_tell_it() -> None:
    policy = FrozenPolicy(
        name="Hosting",
        levels=(
            FrozenLevel(delay_s=300, targets=(target("Otto"),)),
            FrozenLevel(delay_s=90, targets=(target("Olga"), target("Max"), target("Sid"))),
            FrozenLevel(delay_s=3600, targets=()),
        ),
        rounds=2,
        required_acknowledgements=2,
        remind_after_s=1800,
        repage_after_s=600,
    )
    assert [step.sentence for step in steps_of(policy, who=lambda each: each.name)] == [
        "At once: Otto.",
        "After 5 min: Olga, Max and Sid.",
        "After 6 min 30 s: nobody.",
    ]
    assert ending_of(policy) == [
        "It stops as soon as 2 of them have acknowledged.",
        "Otherwise it all starts again after 1 h 6 min 30 s, 2 rounds in all.",
        "If nobody has answered after 2 h 13 min, everybody in it and the administrators are called.",
        "Who has it is reminded after 30 min of silence.",
        "10 min later the page starts again.",
    ]


@pytest.mark.parametrize(("seconds", "words"), [(0, "0 s"), (30, "30 s"), (300, "5 min"), (5400, "1 h 30 min")])
def test_delays_in_words(seconds: int, words: str) -> None:
    assert minutes(seconds) == words


def draft(*levels: tuple[int, list[str]], **more: Any) -> PolicyDraft:
    drafts = [LevelDraft(delay_s=delay_s, targets=targets) for delay_s, targets in levels]
    return PolicyDraft(**{"name": "Nights", "levels": drafts, **more})


def test_a_policy_is_made_changed_and_removed(alma: Person) -> None:
    otto = make_person("Otto")
    given: dict[str, Any] = {"by": by(alma), "now": NOW}
    schedule, team, tier = make_schedule("Hosting", otto), make_team("Web", otto), make_tier("vp", otto)
    keys = [f"schedule:{schedule.pk}", f"team:{team.pk}", f"tier:{tier.pk}", f"person:{otto.pk}"]
    policy = add_policy(draft=draft((300, keys[:2]), (60, keys[2:])), **given)
    kinds = [[each.kind for each in level.targets] for level in freeze(policy).levels]
    assert kinds == [["schedule", "team"], ["tier", "person"]]
    change_policy(policy_id=policy.pk, draft=draft((300, keys[3:]), rounds=1), **given)
    change_policy(policy_id=policy.pk, draft=draft((300, keys[3:]), rounds=1), **given)
    remove_policy(policy_id=policy.pk, **given)
    assert [entry.verb for entry in entries(SUBJECT)] == ["policy.added", "policy.changed", "policy.removed"]
    assert entries(SUBJECT)[1].payload["from"]["rounds"] == 3


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "Taken"}, "name"),
        ({"levels": []}, "levels"),
        ({"levels": [LevelDraft(delay_s=300, targets=[])]}, "levels"),
        ({"levels": [LevelDraft(delay_s=300, targets=["person:nobody"])]}, "levels"),
        ({"levels": [LevelDraft(delay_s=300, targets=["planet:1"])]}, "levels"),
        ({"levels": [LevelDraft(delay_s=300, targets=["team:99"])]}, "levels"),
        ({"rounds": 0}, "rounds"),
        ({"required_acknowledgements": 0}, "required_acknowledgements"),
        ({"repage_after_s": 60}, "repage_after_s"),
    ],
)
def test_a_policy_that_would_reach_nobody_is_refused(alma: Person, wrong: dict[str, Any], field: str) -> None:
    otto = make_person("Otto")
    make_policy((300, [otto]), name="Taken")
    good = {"name": "Nights", "levels": [LevelDraft(delay_s=300, targets=[f"person:{otto.pk}"])]}
    with pytest.raises(BadInput) as refused:
        add_policy(draft=PolicyDraft(**{**good, **wrong}), by=by(alma), now=NOW)
    assert set(refused.value.errors) == {field}


def test_nobody_who_left_is_put_into_a_level_and_no_level_is_too_short_to_ring(alma: Person) -> None:
    gone, otto = make_person("Gone", active=False), make_person("Otto")
    for levels in ((300, [f"person:{gone.pk}"]), (10, [f"person:{otto.pk}"])):
        with pytest.raises(BadInput):
            add_policy(draft=draft(levels), by=by(alma), now=NOW)


def test_a_policy_that_a_service_relies_on_stays(alma: Person) -> None:
    policy = make_policy((300, [make_person("Otto")]))
    Service.objects.create(key="mail", name="Mail", policy=policy)
    with pytest.raises(IllegalMove, match="Mail"), transaction.atomic():
        remove_policy(policy_id=policy.pk, by=by(alma), now=NOW)
    with pytest.raises(NotFound):
        remove_policy(policy_id=policy.pk + 1, by=by(alma), now=NOW)


def test_an_edit_changes_no_running_page(alma: Person) -> None:
    otto, olga = make_person("Otto"), make_person("Olga")
    policy = make_policy((300, [otto]))
    page = make_page(policy)
    change_policy(policy_id=policy.pk, draft=draft((300, [f"person:{olga.pk}"])), by=by(alma), now=NOW)
    run_once("pages", now=NOW)
    page.refresh_from_db()
    assert [responder.person for responder in page.responders_called.all()] == [otto]


def typed(person: Person, **more: str) -> dict[str, Any]:
    return {
        "name": "Nights",
        "rounds": "2",
        "required_acknowledgements": "1",
        "levels": "2",
        "level-0-targets": [f"person:{person.pk}"],
        "level-0-delay_s": "5",
        "level-1-targets": [""],
        "level-1-delay_s": "5",
        **more,
    }


def test_the_editor_tells_in_words_and_saves_nothing(browser: Client) -> None:
    otto = make_person("Otto")
    answer = browser.post(reverse("policy_add"), typed(otto, words="1"))
    assert answer.status_code == 200
    assert "At once: Otto." in answer.content.decode()
    assert 'value="Nights"' in answer.content.decode()
    answer = browser.post(reverse("policy_add"), typed(otto, another="1"))
    assert len(answer.context["levels"]) == 2  # the second is still empty
    assert not EscalationPolicy.objects.exists()


def test_the_editor_saves_and_leaves_empty_levels_out(browser: Client) -> None:
    otto = make_person("Otto")
    assert browser.post(reverse("policy_add"), typed(otto)).status_code == 302
    policy = EscalationPolicy.objects.get()
    assert [level.delay_s for level in policy.levels.all()] == [300]
    shown = browser.get(reverse("policy_edit", args=[policy.pk]))
    assert len(shown.context["levels"]) == 2
    answer = browser.post(reverse("policy_edit", args=[policy.pk]), typed(otto, **{"level-0-delay_s": "soon"}))
    assert answer.status_code == 422
    assert 'value="soon"' in answer.content.decode()


@pytest.mark.parametrize("levels", ["", "no", "-1", "99999999999999999999"])
def test_a_made_up_number_of_levels_breaks_nothing(browser: Client, levels: str) -> None:
    answer = browser.post(reverse("policy_add"), typed(make_person("Otto"), levels=levels))
    assert answer.status_code in (302, 422)


def test_a_levels_fault_is_said_above_the_form(browser: Client) -> None:
    answer = browser.post(reverse("policy_add"), typed(make_person("Otto"), **{"level-0-targets": ""}))
    assert answer.status_code == 422
    assert "at least one level" in answer.content.decode()


@pytest.fixture
def delivery() -> Delivery:
    """Make a page whose message failed once and then went out."""
    otto = make_person("Otto", methods=["sms"])
    make_page(otto, title="SEV2 1042: Power lost")
    run_once("pages", now=NOW)
    delivery = Delivery.objects.get(person=otto)
    for result, detail in (("temporary", "The provider is busy."), ("accepted", ""), ("queued", "")):
        Attempt.objects.create(
            delivery=delivery, at=NOW, provider="twilio", result=result, code="20429", detail=detail, latency_ms=41
        )
    return delivery


def test_the_delivery_log_is_searched_by_person_state_and_incident(browser: Client, delivery: Delivery) -> None:
    other = make_person("Olga")
    for query, rows in (
        ({}, 1),
        ({"person": str(delivery.person_id)}, 1),
        ({"person": str(other.pk)}, 0),
        ({"state": "pending"}, 1),
        ({"state": "failed"}, 0),
        ({"about": "1042"}, 1),
        ({"about": "1043"}, 0),
        ({"before": str(delivery.pk)}, 0),
        ({"before": "x", "person": "y", "state": "z"}, 1),
    ):
        assert len(browser.get(reverse("deliveries"), query).context["rows"]) == rows, query


def test_attempts_are_told_in_words(browser: Client, delivery: Delivery) -> None:
    page = browser.get(reverse("delivery", args=[delivery.pk])).content.decode()
    assert "Failed for the moment; tried again" in page
    assert "The provider is busy." in page
    assert "The provider took it" in page
    assert "queued" in page
    assert browser.get(reverse("delivery", args=[delivery.pk + 1])).status_code == 404


def test_an_administrator_adds_and_removes_a_way_to_reach_somebody(browser: Client) -> None:
    otto = make_person("Otto", methods=["voice"])
    page = reverse("person", args=[otto.pk])
    url = reverse("person_contact_add", args=[otto.pk])
    assert browser.post(url, {"kind": "sms", "address": "call me"}).status_code == 422
    assert browser.post(url, {"kind": "sms", "address": "+46 70 174 06 05"}).status_code == 302
    method = ContactMethod.objects.get(person=otto, channel="sms")
    assert method.verified_at is None
    assert Delivery.objects.filter(contact_method=method, kind=Delivery.Kind.VERIFICATION).count() == 1
    assert "Not verified" in browser.get(page).content.decode()
    browser.post(reverse("person_contact_remove", args=[otto.pk, method.pk]))
    assert not ContactMethod.objects.filter(pk=method.pk).exists()


def test_colleagues_see_no_private_numbers() -> None:
    otto = make_person("Otto", methods=["voice"])
    number = otto.contact_methods.get().address
    for reader, sees in ((make_person("Alma"), True), (otto, True), (make_person("Sue"), False)):
        client = Client()
        client.force_login(reader)
        page = client.get(reverse("person", args=[otto.pk])).content.decode()
        assert ("Reached by" in page) == sees
        assert (number in page or number[-4:] in page.partition("Reached by")[2]) == sees

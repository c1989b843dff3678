"""Nobody on call, no contact method, no rule, nobody at all: visible, and somebody is called all the same."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction

from notifications.models import Alarm, Delivery, Page
from notifications.operations.acknowledge import acknowledge
from notifications.operations.cancel_pages import cancel_pages
from notifications.rules.frozen_policy import FrozenLevel, FrozenPolicy, FrozenTarget
from tests.builders import (
    NOW,
    add_rule,
    by,
    freeze_levels,
    make_method,
    make_page,
    make_person,
    make_policy,
    make_schedule,
    make_team,
)
from tests.notifications.watching import advance, called, record, states, verbs

pytestmark = pytest.mark.django_db


def fallback_of(page: Page) -> Page:
    return Page.objects.get(fallback_of=page)


def test_empty_levels_are_visible_and_everybody_else_is_still_paged() -> None:
    policy = make_policy(
        (300, [make_schedule("Nights")]), (300, [make_team("Ghosts")]), (300, []), (300, [make_person("Mia")])
    )
    page = make_page(policy)
    advance()
    assert {name for name, _, _ in called(page)} == {"Mia"}
    page.refresh_from_db()
    assert page.level == 4
    assert "had nobody to call" in page.trouble
    troubles = [entry.payload["sentences"] for entry in record(page) if entry.verb == "page.trouble"]
    assert troubles == [
        [
            "Level 1 (Nights) had nobody to call; the next level was called at once.",
            "Level 2 (Ghosts) had nobody to call; the next level was called at once.",
            "Level 3 had nobody to call; the next level was called at once.",
        ]
    ]


def test_a_schedule_that_starts_later_is_nobody_yet() -> None:
    later = make_schedule("Nights", make_person("Otto", methods=["sms"]))
    later.rotations.update(starts_on=(NOW + timedelta(days=3)).date())
    page = make_page(make_policy((300, [later]), (300, [make_person("Mia", methods=["sms"])])))
    advance()
    assert called(page) == [("Mia", "sms", 0)]


def test_a_target_that_cannot_be_resolved_stops_nobody_else() -> None:
    broken = make_schedule("Nights", make_person("Otto"))
    broken.time_zone = "Atlantis/Capital"
    broken.save()
    page = make_page(make_policy((300, [broken, make_person("Mia", methods=["sms"])])))
    advance()
    assert called(page) == [("Mia", "sms", 0)]


def test_somebody_without_contact_method_is_visible_and_the_next_level_called() -> None:
    page = make_page(
        make_policy((300, [make_person("Otto", methods=[])]), (300, [make_person("Mia", methods=["sms"])]))
    )
    advance()
    assert states(page) == {"Otto": "unreachable", "Mia": "called"}
    page.refresh_from_db()
    assert page.trouble == "Otto has no contact method that works."
    assert verbs(page) == ["started", "trouble", "called"]


def test_without_a_rule_the_verified_methods_are_used_and_that_is_said() -> None:
    otto = make_person("Otto", methods=[])
    make_method(otto, "email", verified=False)
    make_method(otto, "voice")
    page = make_page(make_policy((300, [otto])))
    advance()
    assert called(page) == [("Otto", "voice", 0)]
    page.refresh_from_db()
    assert page.trouble == "Otto has no working contact rule for high urgency; voice was used instead."


def test_a_rule_whose_method_was_switched_off_is_no_rule() -> None:
    otto = make_person("Otto", methods=["voice"])
    otto.contact_methods.update(disabled_at=NOW, disabled_reason="Number does not exist")
    sms = make_method(otto, "sms")
    page = make_page(make_policy((300, [otto])))
    advance()
    assert [d.contact_method for d in Delivery.objects.filter(page=page)] == [sms]


def test_opting_out_of_one_method_is_respected_and_stays_silent() -> None:
    otto = make_person("Otto")
    otto.contact_methods.filter(channel="sms").update(opted_out_at=NOW)
    page = make_page(make_policy((300, [otto])))
    advance()
    assert called(page) == [("Otto", "voice", 0)]
    page.refresh_from_db()
    assert page.trouble == ""


def test_an_exhausted_page_shouts_to_everybody_by_every_method() -> None:
    otto, mia = make_person("Otto", methods=["sms"]), make_person("Mia", methods=["sms"])
    add_rule(make_method(mia, "voice"), delay_s=900)
    make_person("Alma", methods=["sms", "email"])
    page = make_page(make_policy((300, [otto]), (300, [mia]), rounds=1), urgency="low")
    for minutes in (0, 5, 10):
        advance(minutes)
    page.refresh_from_db()
    assert page.state == "exhausted"
    assert page.ended_at == NOW + timedelta(minutes=10)
    shout = fallback_of(page)
    assert (shout.purpose, shout.urgency, shout.subject) == ("fallback", "high", page.subject)
    assert called(shout) == [
        ("Otto", "sms", 10),
        ("Mia", "sms", 10),
        ("Mia", "voice", 10),
        ("Alma", "sms", 10),
        ("Alma", "email", 10),
    ]
    assert verbs(page)[-1] == "exhausted"


@pytest.mark.parametrize("levels", [0, 1])
def test_a_policy_that_reaches_nobody_calls_the_administrators_at_once(levels: int) -> None:
    make_person("Alma", methods=["sms"])
    page = make_page(make_policy(*[(300, [make_team("Ghosts")])] * levels))
    advance()
    page.refresh_from_db()
    assert page.state == "exhausted"
    assert called(fallback_of(page)) == [("Alma", "sms", 0)]


def test_a_policy_that_cannot_be_read_calls_the_administrators_at_once() -> None:
    make_person("Alma", methods=["sms"])
    page = make_page(make_person("Otto"))
    Page.objects.filter(pk=page.pk).update(policy={"levels": "gone"})
    advance()
    page.refresh_from_db()
    assert (page.state, page.trouble) == (
        "exhausted",
        "The escalation policy of this page can't be read; everybody is called instead.",
    )
    assert called(fallback_of(page)) == [("Alma", "sms", 0)]


def test_a_shout_nobody_answers_alarms_the_administrators_and_ends() -> None:
    make_person("Alma", methods=["sms"])
    page = make_page(make_policy((300, [make_person("Otto", methods=["sms"])]), rounds=1))
    for minutes in (0, 5, 7, 9, 11, 13, 60):
        advance(minutes)
    shout = fallback_of(page)
    assert shout.state == "exhausted"
    assert len([call for call in called(shout) if call[0] == "Otto"]) == 3
    assert Page.objects.count() == 2
    assert "Nobody answered, although everybody was called" in shout.trouble
    assert Alarm.objects.get().cause == f"page-unanswered:{shout.pk}"
    assert Delivery.objects.filter(kind="alarm", person__name="Alma").count() == 1


def test_an_answer_to_an_exhausted_page_is_an_answer_to_its_shout() -> None:
    otto = make_person("Otto", methods=["sms"])
    page = make_page(make_policy((300, [otto]), rounds=1))
    advance(0)
    advance(5)
    answer = acknowledge(page_id=page.pk, person=otto, by=by(otto, "sms"), now=NOW + timedelta(minutes=6))
    assert answer.page == fallback_of(page)
    assert answer.page.state == "acknowledged"
    page.refresh_from_db()
    assert page.state == "exhausted"


def test_an_answer_after_everything_ended_is_still_recorded() -> None:
    otto = make_person("Otto", methods=["sms"])
    page = make_page(make_policy((300, [otto]), rounds=1))
    for minutes in (0, 5, 7, 9, 11):
        advance(minutes)
    answer = acknowledge(page_id=page.pk, person=otto, by=by(otto, "sms"), now=NOW + timedelta(minutes=20))
    assert answer.sentence == "Nobody answered in time. Your answer is recorded: you have it."
    assert states(fallback_of(page)) == {"Otto": "acknowledged"}
    assert verbs(fallback_of(page))[-1] == "acknowledged"


def test_a_shout_ends_with_what_it_is_about() -> None:
    page = make_page(make_policy((300, [make_person("Otto", methods=["sms"])]), rounds=1), subject="incident:1042")
    advance(0)
    advance(5)
    with transaction.atomic():
        assert cancel_pages(subject="incident:1042", reason="resolved", by=by(make_person("Ada")), now=NOW) == 1
    page.refresh_from_db()
    assert (page.state, fallback_of(page).state) == ("exhausted", "cancelled")
    assert not Delivery.objects.filter(page=fallback_of(page), state="pending").exists()


def test_one_page_that_cannot_be_advanced_blocks_no_other() -> None:
    """The database refuses one page's messages, whatever the reason; the others of its batch are called."""
    bad = make_page(make_person("Otto", methods=["sms"]))
    good = [make_page(make_person(name, methods=["sms"])) for name in ("Mia", "Max")]
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION pg_temp.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF NEW.page_id = '{bad.pk}' THEN RAISE EXCEPTION 'refused'; END IF; RETURN NEW; END $$;"
            "CREATE TRIGGER refuse BEFORE INSERT ON notifications_delivery"
            " FOR EACH ROW EXECUTE FUNCTION pg_temp.refuse()"
        )
    assert advance() == 3
    assert [called(page) for page in good] == [[("Mia", "sms", 0)], [("Max", "sms", 0)]]
    bad.refresh_from_db()
    assert bad.next_step_at == NOW + timedelta(seconds=30)
    assert bad.trouble.startswith("It could not be advanced")
    assert verbs(bad) == ["started", "trouble"]
    assert Alarm.objects.get().cause == "pages-stuck"
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER refuse ON notifications_delivery")
    advance(0.5)
    assert called(bad) == [("Otto", "sms", 0.5)]


def test_a_target_of_a_made_up_kind_of_id_is_nobody() -> None:
    level = FrozenLevel(
        delay_s=300,
        targets=(
            FrozenTarget(kind="person", id="nobody-we-know"),
            FrozenTarget(kind="schedule", id="no number"),
            FrozenTarget(kind="team", id="999999"),
        ),
    )
    make_person("Alma", methods=["sms"])
    page = make_page(freeze_levels(level))
    advance()
    assert called(fallback_of(page)) == [("Alma", "sms", 0)]


def test_a_shout_needs_only_the_answers_still_missing() -> None:
    ada, vic = make_person("Ada", methods=["sms"]), make_person("Vic", methods=["sms"])
    page = make_page(make_policy((300, [ada, vic]), rounds=1, required=2))
    advance()
    acknowledge(page_id=page.pk, person=ada, by=by(ada), now=NOW + timedelta(minutes=1))
    advance(5)
    shout = fallback_of(page)
    assert shout.required_acknowledgements == 1
    assert called(shout) == [("Vic", "sms", 5)]
    assert FrozenPolicy.from_json(shout.policy).rounds == 3

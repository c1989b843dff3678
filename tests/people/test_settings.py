"""Teams, tiers, schedules and tokens: each change in the ledger, faults beside their fields, nothing typed lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from engine import clock
from ledger.queries import entries
from people.models import ApiToken, Override, Person, Role, Schedule, Team, Tier
from people.operations import change_team as change_team_file
from people.operations.change_rotation import RotationDraft, add_rotation, change_rotation, remove_rotation
from people.operations.change_schedule import add_schedule, change_schedule, remove_schedule
from people.operations.change_team import add_team, change_team, remove_team
from people.operations.change_tier import TierDraft, add_tier, change_tier, remove_tier
from people.operations.recording import PEOPLE, SCHEDULES
from people.queries import on_call_people, team_people, tier_line, tier_people
from tests.builders import NOW, by, make_person, make_policy, make_schedule, make_team, make_tier
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


def verbs(subject: str) -> list[str]:
    return [entry.verb for entry in entries(subject)]


def test_a_team_is_made_changed_and_removed(alma: Person) -> None:
    otto, olga = make_person("Otto"), make_person("Olga")
    given: dict[str, Any] = {"by": by(alma), "now": NOW}
    team = add_team(name="Web", members=[str(otto.pk), str(olga.pk)], **given)
    change_team(team_id=team.pk, name="Web", members=[str(olga.pk), str(otto.pk)], **given)
    assert team_people(team.pk) == [olga, otto]
    change_team(team_id=team.pk, name=" Web ", members=[str(olga.pk), str(otto.pk)], **given)
    remove_team(team_id=team.pk, **given)
    assert verbs(PEOPLE) == ["team.added", "team.changed", "team.removed"]
    assert entries(PEOPLE)[1].payload["from"]["members"] == ["Otto", "Olga"]


def test_a_team_that_is_relied_on_stays(alma: Person) -> None:
    team = make_team("Web", make_person("Otto"))
    make_policy((300, [team]))
    with pytest.raises(IllegalMove), transaction.atomic():
        remove_team(team_id=team.pk, by=by(alma), now=NOW)
    assert Team.objects.exists()


@pytest.mark.parametrize("members", [["nonsense"], ["gone"], ["twice", "twice"]])
def test_only_people_who_are_here_sit_in_a_team_once(alma: Person, members: list[str]) -> None:
    people = {"gone": make_person("Gone", active=False), "twice": make_person("Otto")}
    ids = [str(people[name].pk) if name in people else name for name in members]
    with pytest.raises(BadInput) as refused:
        add_team(name="Web", members=ids, by=by(alma), now=NOW)
    assert set(refused.value.errors) == {"members"}


def test_a_tier_is_made_changed_and_removed(alma: Person) -> None:
    ada, vic, vera = make_person("Ada"), make_person("Vic"), make_person("Vera")
    given: dict[str, Any] = {"by": by(alma), "now": NOW}
    draft = TierDraft(name="Board members", rank=1, members=[str(ada.pk)], line=[str(vic.pk)])
    tier = add_tier(draft=draft, **given)
    assert tier.key == "board-members"
    turned = TierDraft(name="Board", rank=1, members=[str(ada.pk)], line=[str(vera.pk), str(vic.pk)])
    change_tier(tier_id=tier.pk, draft=turned, **given)
    change_tier(tier_id=tier.pk, draft=turned, **given)
    assert (tier_people(tier.pk, NOW), tier_line(tier.pk)) == ([ada], [vera, vic])
    assert Tier.objects.get().key == "board-members"
    remove_tier(tier_id=tier.pk, **given)
    assert verbs(PEOPLE) == ["tier.added", "tier.changed", "tier.removed"]


def test_a_tier_has_members_or_a_schedule(alma: Person) -> None:
    otto = make_person("Otto")
    schedule = make_schedule("Hosting", otto)
    both = TierDraft(name="On call", rank=4, members=[str(otto.pk)], schedule_id=schedule.pk)
    with pytest.raises(BadInput):
        add_tier(draft=both, by=by(alma), now=NOW)
    tier = add_tier(draft=TierDraft(name="On call", rank=4, schedule_id=schedule.pk), by=by(alma), now=NOW)
    assert tier_people(tier.pk, NOW) == [otto]
    with pytest.raises(IllegalMove), transaction.atomic():
        remove_schedule(schedule_id=schedule.pk, by=by(alma), now=NOW)


def weeks(*people: Person, **more: Any) -> RotationDraft:
    return RotationDraft(
        **{
            "kind": "weekly",
            "turn_length": 1,
            "handover_at": time(9),
            "starts_on": date(2026, 11, 16),
            "people": [str(person.pk) for person in people],
            **more,
        }
    )


def test_a_schedule_gets_turns_and_the_newest_rotation_wins(alma: Person) -> None:
    otto, olga = make_person("Otto"), make_person("Olga")
    given: dict[str, Any] = {"by": by(alma), "now": NOW}
    schedule = add_schedule(name="Hosting", time_zone="Europe/Stockholm", **given)
    assert on_call_people(schedule.pk, NOW) == []
    first = add_rotation(schedule_id=schedule.pk, draft=weeks(otto), **given)
    second = add_rotation(schedule_id=schedule.pk, draft=weeks(olga), **given)
    assert on_call_people(schedule.pk, NOW) == [olga]
    change_rotation(rotation_id=second.pk, draft=weeks(olga, ends_on=date(2026, 11, 18)), **given)
    assert on_call_people(schedule.pk, NOW) == [otto]
    change_rotation(rotation_id=first.pk, draft=weeks(otto), **given)
    remove_rotation(rotation_id=first.pk, **given)
    change_schedule(schedule_id=schedule.pk, name="Hosting", time_zone="UTC", **given)
    remove_schedule(schedule_id=schedule.pk, **given)
    assert verbs(SCHEDULES) == [
        "schedule.added",
        "rotation.added",
        "rotation.added",
        "rotation.changed",
        "rotation.removed",
        "schedule.changed",
        "schedule.removed",
    ]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"kind": "hourly"}, "kind"),
        ({"turn_length": 0}, "turn_length"),
        ({"ends_on": date(2026, 11, 16)}, "ends_on"),
        ({"people": []}, "people"),
    ],
)
def test_turns_that_make_no_sense_are_refused(alma: Person, more: dict[str, Any], field: str) -> None:
    schedule = make_schedule("Hosting")
    with pytest.raises(BadInput) as refused:
        add_rotation(schedule_id=schedule.pk, draft=weeks(make_person("Otto"), **more), by=by(alma), now=NOW)
    assert set(refused.value.errors) == {field}


@pytest.mark.parametrize(
    ("operation", "named"),
    [
        (remove_team, "team_id"),
        (remove_tier, "tier_id"),
        (remove_schedule, "schedule_id"),
        (remove_rotation, "rotation_id"),
    ],
)
def test_what_is_gone_is_not_found(alma: Person, operation: Callable[..., None], named: str) -> None:
    with pytest.raises(NotFound):
        operation(**{named: 1}, by=by(alma), now=NOW)


def test_a_form_that_is_refused_says_why_beside_the_field_and_loses_nothing(browser: Client) -> None:
    make_person("Otto")
    answer = browser.post(reverse("person_add"), {"name": "Ada Lind", "email": "alma", "role": "executive"})
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {"email", "time_zone"}
    assert b'value="Ada Lind"' in answer.content
    taken = Person.objects.get(name="Otto").email
    given = {"name": "Ada", "email": taken, "role": "executive", "time_zone": "UTC"}
    answer = browser.post(reverse("person_add"), given)
    assert answer.context["form"].errors == {"email": ["Somebody has this e-mail address already."]}


def test_somebody_is_added_changed_deactivated_and_taken_back(browser: Client) -> None:
    given = {"name": "Ada Lind", "email": "ada@harbor.example", "role": "executive", "time_zone": "Europe/Stockholm"}
    browser.post(reverse("person_add"), {**given, "title": "CEO"})
    ada = Person.objects.get(email="ada@harbor.example")
    browser.post(reverse("person_edit", args=[ada.pk]), {**given, "title": "Chief executive"})
    browser.post(reverse("person_deactivate", args=[ada.pk]))
    ada.refresh_from_db()
    assert (ada.title, ada.is_active) == ("Chief executive", False)
    browser.post(reverse("person_reactivate", args=[ada.pk]))
    ada.refresh_from_db()
    assert ada.is_active
    assert verbs(PEOPLE) == ["person.added", "person.changed", "person.deactivated", "person.reactivated"]


def test_the_last_administrator_stays_one(browser: Client, alma: Person) -> None:
    browser.post(reverse("person_deactivate", args=[alma.pk]), headers={"referer": "http://testserver/people/"})
    given = {"name": alma.name, "role": "observer", "time_zone": "UTC"}
    answer = browser.post(reverse("person_edit", args=[alma.pk]), given)
    assert "last administrator" in str(answer.context["form"].errors)
    alma.refresh_from_db()
    assert (alma.is_active, alma.role) == (True, Role.ADMINISTRATOR)


def test_a_token_is_shown_once_and_only_its_digest_is_kept(browser: Client, alma: Person) -> None:
    answer = browser.post(reverse("token_issue", args=[alma.pk]), {"name": "Deployment"})
    secret = answer.context["secret"]
    token = ApiToken.objects.get()
    assert secret.encode() in answer.content
    assert secret not in token.digest
    assert secret.encode() not in browser.get(reverse("tokens")).content
    assert Client().get("/api/v1/people", headers={"authorization": f"Bearer {secret}"}).status_code == 200
    browser.post(reverse("token_revoke", args=[token.pk]))
    assert Client().get("/api/v1/people", headers={"authorization": f"Bearer {secret}"}).status_code == 401


def test_somebody_else_s_duty_is_taken_over_by_a_form(browser: Client, alma: Person) -> None:
    schedule = make_schedule("Hosting", make_person("Otto"))
    now = clock.now()
    url = reverse("override_add", args=[schedule.pk])
    given = {"person": str(alma.pk), "starts_at": f"{now:%Y-%m-%dT%H:%M}", "ends_at": f"{now.year + 1}-01-01T00:00"}
    assert browser.post(url, given).status_code == 302
    assert on_call_people(schedule.pk, now) == [alma]
    answer = browser.post(url, given)
    assert answer.status_code == 422
    assert "already takes part of that time" in str(answer.context["form"].errors)
    browser.post(reverse("override_remove", args=[schedule.pk, Override.objects.get().pk]))
    assert not Override.objects.exists()


def test_a_tier_s_line_is_written_in_the_order_of_its_places(browser: Client) -> None:
    ada, vic, vera = make_person("Ada"), make_person("Vic"), make_person("Vera")
    tier = make_tier("ceo", ada, line=[vic, vera])
    given = {"name": "CEO", "rank": "1", "members": [str(ada.pk)], "line": ["", str(vera.pk), "", str(vic.pk)]}
    assert browser.post(reverse("tier_edit", args=[tier.pk]), given).status_code == 302
    assert tier_line(tier.pk) == [vera, vic]


def test_lists_are_empty_kindly(browser: Client) -> None:
    for name, words in (("teams", "No team yet"), ("tiers", "No tier yet"), ("schedules", "No schedule yet")):
        assert words in browser.get(reverse(name)).content.decode()
    assert "Nobody here" in browser.get(reverse("people"), {"q": "zzz"}).content.decode()


def test_the_list_of_people_asks_few_questions(browser: Client, django_assert_max_num_queries: Any) -> None:
    people = [make_person(name) for name in ("Ada", "Vic", "Vera", "Mia", "Max", "Otto")]
    make_team("Web", *people)
    make_tier("vp", *people)
    with django_assert_max_num_queries(9):
        browser.get(reverse("people"))


def test_a_schedule_s_page_shows_fourteen_days(browser: Client) -> None:
    schedule = make_schedule("Hosting", make_person("Otto"), make_person("Olga"))
    page = browser.get(reverse("schedule", args=[schedule.pk])).content.decode()
    assert page.count('<th scope="row">') == 14
    Schedule.objects.update(time_zone="Atlantis/Capital")
    assert "does not exist" in browser.get(reverse("schedule", args=[schedule.pk])).content.decode()


def test_settings_show_each_role_what_it_may_open(browser: Client) -> None:
    for role, shown, hidden in (
        (Role.OBSERVER, ["people", "policies", "tokens"], ["keys", "ledger", "quarantine"]),
        (Role.AUDITOR, ["people", "ledger", "deliveries", "quarantine"], ["keys"]),
        (Role.ADMINISTRATOR, ["people", "keys", "rules", "services", "ledger"], []),
    ):
        reader = Client()
        reader.force_login(make_person(f"A {role.value}", role=role))
        page = reader.get(reverse("settings")).content.decode()
        assert [name for name in (*shown, *hidden) if f'class="card" href="{reverse(name)}"' in page] == shown


def test_who_takes_a_name_at_the_same_moment_is_told_so(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    make_team("Web")
    monkeypatch.setattr(
        change_team_file, "_free_name", lambda name, **_: name
    )  # as if both had looked before either wrote
    answer = browser.post(reverse("team_add"), {"name": "Web"})
    assert answer.status_code == 422
    assert "Somebody saved the same at this moment" in answer.content.decode()
    assert Team.objects.count() == 1

"""Maintenance through its screens: planned, moved, cancelled, begun early, what Muster does by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine import clock
from people.models import Person
from statuspage.models import PublicIncident, StatusPage, StatusUpdate
from tests.builders import make_person
from tests.statuspage.builders import make_component, make_maintenance, make_page, publish
from tests.statuspage.screens.reading import press, read, send

pytestmark = pytest.mark.django_db
AT = "%Y-%m-%dT%H:%M"


@pytest.fixture
def page() -> StatusPage:
    return make_page()


@pytest.fixture
def cam() -> Person:
    return make_person("Cam")


def newest() -> StatusUpdate:
    return StatusUpdate.objects.order_by("-created_at", "-id")[0]


def planned(page: StatusPage) -> PublicIncident:
    component = make_component(page, "Databases")
    return make_maintenance(page, components={component: "under_maintenance"}, now=clock.now())


def test_a_maintenance_is_planned_in_the_readers_own_time(page: StatusPage, cam: Person) -> None:
    component = make_component(page, "Databases")
    cam.time_zone = "Europe/Stockholm"
    cam.save()
    said = press(
        cam,
        "status_maintenance_add",
        name_en="Database update",
        text_en="Short interruptions.",
        scheduled_for="2031-07-01T02:00",
        scheduled_until="2031-07-01T03:00",
        remind_before_s="86400",
        auto_start="on",
        mutes_alerts="on",
        deliver="on",
        **{f"component_{component.pk}": "under_maintenance"},
    )
    assert "another person has to approve it" in said
    public = PublicIncident.objects.get()
    assert public.scheduled_for is not None
    assert public.scheduled_for.isoformat() == "2031-07-01T00:00:00+00:00"
    assert (public.remind_before_s, public.auto_start, public.auto_end, public.mutes_alerts) == (
        86400,
        True,
        False,
        True,
    )
    assert "Waits for approval" in read(cam, "status_maintenance")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"scheduled_until": "2031-07-01T01:00"}, "It has to end after it begins."),
        ({"scheduled_for": "2020-07-01T01:00", "scheduled_until": "2020-07-01T02:00"}, "This time is over already"),
        ({"scheduled_for": "tomorrow"}, "Enter a valid date/time."),
        ({"component": ""}, "Choose what at least one component will be meanwhile."),
    ],
)
def test_a_plan_that_can_not_be_is_refused(page: StatusPage, cam: Person, wrong: dict[str, str], sentence: str) -> None:
    component = make_component(page, "Databases")
    typed = {
        "name_en": "Database update",
        "text_en": "Short interruptions.",
        "scheduled_for": "2031-07-01T02:00",
        "scheduled_until": "2031-07-01T03:00",
        f"component_{component.pk}": wrong.get("component", "under_maintenance"),
        **wrong,
    }
    answered = send(cam, "status_maintenance_add", **typed)
    assert answered.status_code == 422
    assert sentence in answered.content.decode()
    assert not PublicIncident.objects.exists()


def test_other_times_hold_once_they_are_published(page: StatusPage, cam: Person) -> None:
    public = planned(page)
    begins = (clock.now() + timedelta(days=3)).replace(second=0, microsecond=0)
    press(
        cam,
        "status_maintenance_move",
        public.pk,
        scheduled_for=begins.strftime(AT),
        scheduled_until=(begins + timedelta(hours=1)).strftime(AT),
        text_en="Three days later.",
        deliver="on",
    )
    public.refresh_from_db()
    assert public.scheduled_for != begins
    publish(newest(), make_person("Ada"), now=clock.now())
    public.refresh_from_db()
    assert public.scheduled_for == begins


def test_a_cancelled_one_never_begins(page: StatusPage, cam: Person) -> None:
    public = planned(page)
    press(cam, "status_maintenance_cancel", public.pk, text_en="It is off.")
    publish(newest(), make_person("Ada"), now=clock.now())
    public.refresh_from_db()
    assert public.status == "completed"


def test_a_planned_draft_is_changed_until_it_is_published(page: StatusPage, cam: Person) -> None:
    component = make_component(page, "Databases")
    public = make_maintenance(page, components={component: "under_maintenance"}, published=False, now=clock.now())
    update = public.updates.get()
    begins = (clock.now() + timedelta(days=2)).replace(second=0, microsecond=0)
    press(
        cam,
        "status_update_edit",
        update.pk,
        name_en="Another name",
        text_en="Another text.",
        scheduled_for=begins.strftime(AT),
        scheduled_until=(begins + timedelta(hours=2)).strftime(AT),
        **{f"component_{component.pk}": "degraded_performance"},
    )
    public.refresh_from_db()
    update.refresh_from_db()
    assert (public.name, update.scheduled_for) == ("Another name", begins)
    assert public.affected.get().status == "degraded_performance"


def test_a_discarded_plan_comes_back_whole(page: StatusPage, cam: Person) -> None:
    component = make_component(page, "Databases")
    public = make_maintenance(page, components={component: "under_maintenance"}, published=False, now=clock.now())
    update = public.updates.get()
    press(cam, "status_update_discard", update.pk)
    press(cam, "status_update_again", update.pk)
    again = newest().public_incident
    assert (again.kind, again.scheduled_for, again.name) == ("maintenance", public.scheduled_for, public.name)
    assert again.affected.get().component == component
    assert "was not discarded" in press(cam, "status_update_again", newest().pk)


def test_it_begins_early_by_a_further_word(page: StatusPage, cam: Person) -> None:
    public = planned(page)
    press(cam, "status_incident_draft", public.pk, stage="in_progress", text_en="We begin now.", promise="")
    publish(newest(), make_person("Ada"), now=clock.now())
    public.refresh_from_db()
    assert (public.status, public.affected.get().component.status) == ("in_progress", "under_maintenance")


def test_what_muster_does_by_itself_is_set_at_once(page: StatusPage, cam: Person) -> None:
    public = planned(page)
    assert "holds from now on" in press(cam, "status_maintenance_behaviour", public.pk, auto_end="on")
    public.refresh_from_db()
    assert (public.auto_start, public.auto_end, public.remind_before_s) == (False, True, None)


def test_an_incident_has_no_times(page: StatusPage, cam: Person) -> None:
    public = PublicIncident.objects.create(
        page=page, name="Trouble", started_at=clock.now(), created_at=clock.now(), updated_at=clock.now()
    )
    assert "only a maintenance has times" in press(cam, "status_maintenance_behaviour", public.pk)

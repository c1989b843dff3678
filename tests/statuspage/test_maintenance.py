"""Maintenance that starts, reminds and ends by itself: page, components and subscribers together, once, also late."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from engine.duties import run_once
from statuspage.models import Component, ImpactChange, Mailing, PublicIncident, StatusUpdate
from statuspage.operations.edit_draft import edit_draft
from statuspage.operations.maintenance import cancel, change_maintenance, draft_maintenance, reschedule
from tests.builders import NOW, by, make_person
from tests.incidents.builders import after
from tests.statuspage.builders import make_component, make_maintenance, make_page, publish, say
from web.errors import BadInput, IllegalMove

pytestmark = pytest.mark.django_db

HOUR = 3600


@pytest.fixture
def web() -> Component:
    return make_component(make_page(languages=["de"]))


def stages(public: PublicIncident) -> list[str]:
    """Return the stages as customers read them, the newest first."""
    return list(public.updates.filter(state="published").values_list("stage", flat=True))


def look(seconds: float) -> None:
    run_once("maintenances", now=after(seconds))


def status(component: Component) -> str:
    component.refresh_from_db()
    return component.status


def test_it_starts_and_ends_with_its_components_and_tells_subscribers(web: Component) -> None:
    public = make_maintenance(web.page, components={web: "under_maintenance"})
    assert (public.status, public.impact, status(web)) == ("scheduled", "maintenance", "operational")
    look(2 * HOUR - 1)
    assert stages(public) == ["scheduled"]
    look(2 * HOUR)
    assert (stages(public), status(web)) == (["in_progress", "scheduled"], "under_maintenance")
    look(3 * HOUR - 1)
    assert status(web) == "under_maintenance"
    look(3 * HOUR)
    public.refresh_from_db()
    assert (public.status, public.resolved_at, status(web)) == ("completed", after(3 * HOUR), "operational")
    assert stages(public) == ["completed", "in_progress", "scheduled"]
    assert Mailing.objects.count() == 3
    affected = public.affected.get()
    assert (affected.since, affected.recovered_at) == (after(2 * HOUR), after(3 * HOUR))
    automatic = public.updates.get(stage="in_progress")
    assert (automatic.automatic, automatic.drafted_by) == (True, None)
    assert set(automatic.texts) == {"en", "de"}
    assert [(each.old_status, each.new_status) for each in automatic.components.all()] == [
        ("operational", "under_maintenance")
    ]


def test_after_downtime_both_are_made_up_for_at_their_own_times(web: Component) -> None:
    public = make_maintenance(web.page, components={web: "under_maintenance"})
    look(9 * HOUR)
    assert stages(public) == ["completed", "in_progress", "scheduled"]
    rows = ImpactChange.objects.filter(component=web).values_list("status", "at", "recorded_at")
    assert list(rows) == [
        ("under_maintenance", after(2 * HOUR), after(9 * HOUR)),
        ("operational", after(3 * HOUR), after(9 * HOUR)),
    ]
    look(10 * HOUR)
    assert StatusUpdate.objects.count() == 3


def test_what_was_said_later_stays_on_top_of_what_is_made_up_for(web: Component) -> None:
    public = make_maintenance(web.page, components={web: "under_maintenance"})
    say(public, "scheduled", "We begin a little late.", now=after(2 * HOUR + 600))
    look(2 * HOUR + 1200)
    assert stages(public) == ["in_progress", "scheduled", "scheduled"]


def test_a_word_said_in_the_very_moment_before_holds_up_nothing(web: Component) -> None:
    public = make_maintenance(web.page, components={web: "under_maintenance"})
    say(public, "scheduled", "We begin in a minute.", now=after(2 * HOUR))
    look(2 * HOUR)
    assert (stages(public), status(web)) == (["in_progress", "scheduled", "scheduled"], "under_maintenance")


def test_trouble_said_after_the_planned_end_ends_with_the_maintenance(web: Component) -> None:
    public = make_maintenance(web.page, components={web: "under_maintenance"})
    look(2 * HOUR)
    say(public, "verifying", "Not well yet.", components={web: "partial_outage"}, now=after(3 * HOUR + 60))
    look(3 * HOUR + 120)
    assert (stages(public)[0], status(web)) == ("completed", "operational")
    assert [(step.status, step.at) for step in ImpactChange.objects.all()][-2:] == [
        ("partial_outage", after(3 * HOUR + 60)),
        ("operational", after(3 * HOUR + 60.001)),
    ]


def test_without_its_wish_nothing_starts_or_ends(web: Component) -> None:
    public = make_maintenance(web.page, components={web: "under_maintenance"}, auto_start=False)
    look(2 * HOUR + 1)
    assert stages(public) == ["scheduled"]
    say(public, "in_progress", "We begin.", now=after(2 * HOUR + 60))
    assert status(web) == "under_maintenance"
    look(3 * HOUR)
    assert stages(public)[0] == "completed"
    other = make_maintenance(web.page, components={web: "partial_outage"}, auto_end=False)
    look(9 * HOUR)
    assert stages(other) == ["in_progress", "scheduled"]
    assert status(web) == "partial_outage"


def test_by_hand_it_starts_early_and_one_component_is_back_before_the_other(web: Component) -> None:
    mail = make_component(web.page, "Mail")
    public = make_maintenance(web.page, components={web: "under_maintenance", mail: "degraded_performance"})
    say(public, "in_progress", "We begin early.", now=after(HOUR))
    assert (status(web), status(mail)) == ("under_maintenance", "degraded_performance")
    say(public, "verifying", "Web is back.", components={web: "operational"}, now=after(1.5 * HOUR))
    assert (status(web), status(mail)) == ("operational", "degraded_performance")
    look(2 * HOUR)
    assert stages(public)[0] == "verifying", "it had begun: the clock starts nothing again"
    look(3 * HOUR)
    assert status(mail) == "operational"
    times = {each.component.name: each.recovered_at for each in public.affected.select_related("component")}
    assert times == {"Web hosting": after(1.5 * HOUR), "Mail": after(3 * HOUR)}
    assert set(public.affected.values_list("since", flat=True)) == {after(HOUR)}


def test_a_reminder_comes_once_and_only_to_those_who_were_told_before(web: Component) -> None:
    public = make_maintenance(web.page, starts_in=timedelta(hours=30), remind_before_s=24 * HOUR)
    look(6 * HOUR - 1)
    assert stages(public) == ["scheduled"]
    look(6 * HOUR)
    look(7 * HOUR)
    assert stages(public) == ["scheduled", "scheduled"]
    reminder = public.updates.get(automatic=True)
    assert "2026-11-23 10:00 CET" in reminder.texts["en"], "in the page's zone"
    public.refresh_from_db()
    assert public.reminded_at == after(6 * HOUR)
    late = make_maintenance(web.page, starts_in=timedelta(hours=30), remind_before_s=24 * HOUR, now=after(12 * HOUR))
    look(18 * HOUR)
    assert stages(late) == ["scheduled", "scheduled"]
    soon = make_maintenance(web.page, starts_in=timedelta(hours=2), remind_before_s=24 * HOUR, now=after(18 * HOUR))
    look(19 * HOUR)
    assert stages(soon) == ["scheduled"], "announced within the time of its reminder"


def test_moved_it_keeps_the_old_times_until_that_is_published_and_reminds_anew(web: Component) -> None:
    public = make_maintenance(web.page, components={web: "under_maintenance"}, remind_before_s=HOUR)
    look(HOUR)
    assert len(stages(public)) == 2
    with transaction.atomic():
        update = reschedule(
            public_incident=public,
            scheduled_for=after(30 * HOUR),
            scheduled_until=after(31 * HOUR),
            texts={"en": "The carrier is late, so we move it to tomorrow."},
            by=by(make_person("Cam")),
            now=after(HOUR),
        )
    public.refresh_from_db()
    assert public.scheduled_for == after(2 * HOUR)
    publish(update, now=after(HOUR + 60))
    look(2 * HOUR)
    public.refresh_from_db()
    assert (public.status, public.scheduled_for, public.affected.get().since) == (
        "scheduled",
        after(30 * HOUR),
        after(30 * HOUR),
    )
    look(29 * HOUR)
    assert len(stages(public)) == 4


def test_made_longer_while_it_runs(web: Component) -> None:
    public = make_maintenance(web.page, components={web: "under_maintenance"})
    look(2 * HOUR)
    with transaction.atomic():
        move: dict[str, Any] = {
            "public_incident": public,
            "texts": {"en": "It takes longer."},
            "by": by(make_person("Cam")),
        }
        with pytest.raises(IllegalMove, match="only its end"):
            reschedule(scheduled_for=after(5 * HOUR), scheduled_until=after(6 * HOUR), now=after(2.5 * HOUR), **move)
        update = reschedule(
            scheduled_for=after(2 * HOUR), scheduled_until=after(5 * HOUR), now=after(2.5 * HOUR), **move
        )
    publish(update, now=after(2.6 * HOUR))
    look(3 * HOUR)
    assert status(web) == "under_maintenance"
    look(5 * HOUR)
    assert status(web) == "operational"


def test_cancelled_it_touches_no_component_and_tells_subscribers(web: Component) -> None:
    public = make_maintenance(web.page, components={web: "under_maintenance"})
    with transaction.atomic():
        update = cancel(
            public_incident=public, texts={"en": "It does not take place."}, by=by(make_person("Cam")), now=NOW
        )
    publish(update, now=after(60))
    look(9 * HOUR)
    assert stages(public) == ["completed", "scheduled"]
    assert status(web) == "operational"
    assert not ImpactChange.objects.exists()
    assert Mailing.objects.count() == 2
    with transaction.atomic(), pytest.raises(IllegalMove, match="is over"):
        cancel(public_incident=public, texts={"en": "Again."}, by=by(make_person("Cam")), now=after(120))


def test_one_that_nobody_published_never_starts(web: Component) -> None:
    public = make_maintenance(web.page, components={web: "under_maintenance"}, published=False)
    look(9 * HOUR)
    assert status(web) == "operational"
    with pytest.raises(IllegalMove, match="over already"):
        publish(public.updates.get(), now=after(9 * HOUR))


def test_a_planned_one_is_edited_until_it_is_published(web: Component) -> None:
    mail = make_component(web.page, "Mail")
    public = make_maintenance(web.page, components={web: "under_maintenance"}, published=False)
    with transaction.atomic():
        update = edit_draft(
            update=public.updates.get(),
            by=by(make_person("Cam")),
            now=NOW,
            components={mail.pk: "partial_outage"},
            scheduled=(after(4 * HOUR), after(5 * HOUR)),
            name="Mail servers move",
        )
    publish(update)
    look(4 * HOUR)
    assert (status(web), status(mail)) == ("operational", "partial_outage")
    assert public.affected.get().since == after(4 * HOUR)


def test_wrong_times_are_refused(web: Component) -> None:
    given: dict[str, Any] = {
        "page": web.page,
        "name": "Move",
        "texts": {"en": "We move."},
        "by": by(make_person("Cam")),
        "now": NOW,
    }
    with transaction.atomic(), pytest.raises(BadInput, match="after it begins"):
        draft_maintenance(scheduled_for=after(10), scheduled_until=after(10), **given)
    with transaction.atomic(), pytest.raises(BadInput, match="over already"):
        draft_maintenance(scheduled_for=after(-20), scheduled_until=after(-10), **given)
    with transaction.atomic(), pytest.raises(BadInput, match="a minute to two weeks"):
        draft_maintenance(scheduled_for=after(10), scheduled_until=after(20), remind_before_s=1, **given)


def test_what_muster_does_by_itself_can_be_changed(web: Component) -> None:
    public = make_maintenance(web.page)
    wishes: dict[str, Any] = {"remind_before_s": None, "auto_start": False, "auto_end": True, "mutes_alerts": False}
    with transaction.atomic():
        for _ in range(2):
            changed = change_maintenance(public_incident=public, by=by(make_person("Cam")), now=NOW, **wishes)
    assert (changed.auto_start, changed.mutes_alerts, changed.version) == (False, False, public.version + 1)


def test_one_that_fails_stops_no_other_and_is_told(web: Component, monkeypatch: pytest.MonkeyPatch) -> None:
    from statuspage.operations import move_maintenance

    alma = make_person("Alma")
    broken, well = make_maintenance(web.page, name="Broken"), make_maintenance(web.page, name="Well")
    move = move_maintenance.move

    def fail_one(public_incident_id: str, **given: object) -> int:
        if public_incident_id == broken.pk:
            raise ZeroDivisionError
        return move(public_incident_id, **given)  # type: ignore[arg-type]

    monkeypatch.setattr(move_maintenance, "move", fail_one)
    look(2 * HOUR)
    assert (stages(broken), stages(well)) == (["scheduled"], ["in_progress", "scheduled"])
    told = alma.deliveries.get(channel="sms").content
    assert "Broken" in str(told)

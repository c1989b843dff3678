"""Components: made, named, ordered, archived, set by hand; and what a correction of their history leaves readable."""

from __future__ import annotations

from datetime import date
from functools import partial

import pytest
from django.db import DatabaseError, transaction

from ledger.actor import Actor
from ledger.queries import entries
from statuspage.models import Component, ComponentGroup, ImpactChange, Publisher, StatusPage
from statuspage.operations.components import (
    archive_component,
    order_components,
    remove_group,
    restore_component,
    save_component,
    save_group,
    set_component_status,
)
from statuspage.operations.correct_impact import correct_impact
from statuspage.queries import timelines
from statuspage.rules.impact import spans
from tests.builders import NOW, by, make_person
from tests.incidents.builders import after, make_service
from tests.statuspage.builders import make_component, make_group, make_page, make_public_incident, say
from web.errors import BadInput, IllegalMove, NotFound

pytestmark = pytest.mark.django_db

MUSTER = Actor.system()


@pytest.fixture(autouse=True)
def _in_a_transaction() -> None:
    """Every operation below runs in the test's own transaction."""
    assert transaction.get_connection().in_atomic_block


@pytest.fixture
def page() -> StatusPage:
    return make_page(languages=["de"])


@pytest.fixture
def web(page: StatusPage) -> Component:
    return make_component(page)


def set_by_hand(component: Component, status: str, *, at: float = 0) -> str:
    set_component_status(component=component, status=status, by=MUSTER, now=after(at))
    component.refresh_from_db()
    return component.status


class TestSettings:
    """What a component is called and how it is shown."""

    def test_it_is_made_and_changed_and_published_each_time(self, page: StatusPage) -> None:
        wanted = Publisher.objects.first()
        group, service = make_group(page), make_service("web")
        web = save_component(
            page=page,
            name=" Web  hosting ",
            group=group,
            services=[service],
            names={"de": "Webhosting"},
            by=MUSTER,
            now=NOW,
        )
        assert (web.name, web.names, web.status, list(web.services.all())) == (
            "Web hosting",
            {"de": "Webhosting"},
            "operational",
            [service],
        )
        changed = save_component(
            page=page, component=web, name="Webspace", start_date=date(2026, 1, 1), by=MUSTER, now=after(60)
        )
        assert (changed.pk, changed.group, changed.start_date, changed.services.count()) == (
            web.pk,
            None,
            date(2026, 1, 1),
            0,
        )
        assert [entry.verb for entry in entries(page.subject)] == [
            "status.group_added",
            "status.component_added",
            "status.component_changed",
        ]
        assert Publisher.objects.get().wanted == (wanted.wanted if wanted else 0) + 3

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"name": " "}, "name"),
            ({"name": "x" * 101}, "name"),
            ({"name": "Web hosting"}, "name"),
            ({"name": "x", "description": "x" * 301}, "description"),
            ({"name": "x", "start_date": date(2027, 1, 1)}, "start_date"),
            ({"name": "x", "names": {"fr": "x"}}, "names"),
        ],
    )
    def test_what_can_not_be_is_refused_by_field(self, web: Component, given: dict[str, object], field: str) -> None:
        with pytest.raises(BadInput) as refused:
            save_component(page=web.page, by=MUSTER, now=NOW, **given)  # type: ignore[arg-type]
        assert list(refused.value.errors) == [field]

    def test_a_group_of_another_page(self, page: StatusPage) -> None:
        other = make_group(make_page("Acme", slug="acme"))
        with pytest.raises(BadInput):
            save_component(page=page, name="x", group=other, by=MUSTER, now=NOW)

    def test_the_same_name_may_stand_in_two_groups(self, web: Component) -> None:
        group = make_group(web.page)
        twin = save_component(page=web.page, name=web.name, group=group, by=MUSTER, now=NOW)
        assert twin.pk != web.pk
        with pytest.raises(IllegalMove, match="same name"):
            remove_group(group=group, by=MUSTER, now=NOW)
        archive_component(component=web, by=MUSTER, now=NOW)
        remove_group(group=group, by=MUSTER, now=NOW)
        assert Component.objects.get(pk=twin.pk).group is None
        with pytest.raises(IllegalMove, match="in its place"):
            restore_component(component=web, by=MUSTER, now=NOW)

    def test_groups_are_named_once(self, page: StatusPage) -> None:
        group = make_group(page)
        with pytest.raises(BadInput):
            save_group(page=page, name="Hosting", by=MUSTER, now=NOW)
        assert save_group(page=page, group=group, name="Hosting", by=MUSTER, now=NOW).pk == group.pk
        ComponentGroup.objects.all().delete()
        with pytest.raises(NotFound):
            remove_group(group=group, by=MUSTER, now=NOW)

    def test_order_is_what_was_given_and_the_rest_after_it_as_it_was(self, page: StatusPage) -> None:
        group = make_group(page)
        a, b, c = (make_component(page, name) for name in "abc")
        order_components(page=page, ids=[c.pk, group.pk], by=MUSTER, now=NOW)
        rows: list[Component | ComponentGroup] = [*ComponentGroup.objects.all(), *Component.objects.all()]
        assert [row.pk for row in sorted(rows, key=lambda row: row.position)] == [c.pk, group.pk, a.pk, b.pk]
        with pytest.raises(BadInput):
            order_components(page=page, ids=["nonsense"], by=MUSTER, now=NOW)

    def test_archived_it_keeps_its_history_and_restored_it_is_what_its_timeline_says(self, web: Component) -> None:
        public = make_public_incident(web.page, components={web: "major_outage"})
        for _ in range(2):
            archived = archive_component(component=web, by=MUSTER, now=after(60))
        assert archived.archived_at == after(60)
        say(public, "resolved", now=after(120))
        assert restore_component(component=web, by=MUSTER, now=after(180)).status == "operational"
        assert ImpactChange.objects.count() == 2


class TestByHand:
    """A state without a public incident."""

    def test_it_is_set_and_set_back_and_recorded(self, web: Component) -> None:
        assert set_by_hand(web, "partial_outage") == "partial_outage"
        assert set_by_hand(web, "partial_outage", at=30) == "partial_outage"
        assert set_by_hand(web, "operational", at=60) == "operational"
        assert not ImpactChange.objects.exclude(source=None).exists()
        assert list(ImpactChange.objects.values_list("status", "at")) == [
            ("partial_outage", NOW),
            ("operational", after(60)),
        ]
        assert [entry.verb for entry in entries(web.page.subject)].count("status.component_set") == 2

    def test_what_an_incident_says_is_not_talked_away(self, web: Component) -> None:
        make_public_incident(web.page, components={web: "major_outage"}, name="All is dark")
        with pytest.raises(IllegalMove, match="“All is dark”"):
            set_by_hand(web, "operational")
        assert set_by_hand(web, "partial_outage", at=30) == "major_outage", "on record, and the worst is shown"
        assert set_by_hand(web, "operational", at=60) == "major_outage"

    def test_no_such_state(self, web: Component) -> None:
        with pytest.raises(BadInput):
            set_by_hand(web, "on_fire")


class TestCorrections:
    """History is corrected by another row; the first one stays."""

    def test_a_later_insight_takes_a_rows_place_and_both_are_readable(self, web: Component) -> None:
        public = make_public_incident(web.page, components={web: "degraded_performance"})
        say(public, "resolved", now=after(3600))
        first, last = ImpactChange.objects.all()
        cam = by(make_person("Cam"))
        row = correct_impact(
            change=first, status="major_outage", at=after(-600), reason="It began earlier", by=cam, now=after(7200)
        )
        assert (row.supersedes, row.recorded_at, row.by_name) == (first, after(7200), "Cam")
        assert ImpactChange.objects.count() == 3
        found = spans(timelines(web.page, since=after(-86400), now=after(7200))[web.pk])
        assert [(each.status, each.start, each.end) for each in found] == [
            ("major_outage", after(-600), after(3600)),
            ("operational", after(3600), None),
        ]
        affected = public.affected.get()
        assert (affected.since, affected.recovered_at) == (after(-600), after(3600))
        with pytest.raises(IllegalMove, match="corrected already"):
            correct_impact(change=first, status="operational", at=NOW, reason="Again", by=cam, now=after(7300))
        again = correct_impact(change=row, status="major_outage", at=NOW, reason="No", by=cam, now=after(7300))
        correct_impact(change=last, status="operational", at=after(1800), reason="Back", by=cam, now=after(7400))
        affected.refresh_from_db()
        assert (affected.since, affected.recovered_at) == (again.at, after(1800))
        corrected = [entry for entry in entries(public.subject) if entry.verb == "status.impact_corrected"]
        assert corrected[0].payload["from"] == {"status": "degraded_performance", "at": NOW.isoformat()}

    def test_a_correction_that_is_still_true_shows_at_once(self, web: Component) -> None:
        set_by_hand(web, "partial_outage")
        correct_impact(
            change=ImpactChange.objects.get(),
            status="degraded_performance",
            at=NOW,
            reason="Milder",
            by=MUSTER,
            now=after(60),
        )
        web.refresh_from_db()
        assert web.status == "degraded_performance"

    @pytest.mark.parametrize(
        ("given", "field"),
        [({"status": "on_fire"}, "status"), ({"at": after(120)}, "at"), ({"reason": " "}, "reason")],
    )
    def test_what_can_not_be_is_refused_by_field(self, web: Component, given: dict[str, object], field: str) -> None:
        set_by_hand(web, "partial_outage")
        change = ImpactChange.objects.get()
        whole = {"change": change, "status": "operational", "at": NOW, "reason": "x", "by": MUSTER, "now": after(60)}
        with pytest.raises(BadInput) as refused:
            correct_impact(**{**whole, **given})  # type: ignore[arg-type]
        assert list(refused.value.errors) == [field]

    @pytest.mark.parametrize("move", ["update", "delete"])
    def test_the_database_refuses_to_rewrite_history(self, web: Component, move: str) -> None:
        set_by_hand(web, "partial_outage")
        rows = ImpactChange.objects.all()
        rewrite = partial(rows.update, status="operational") if move == "update" else rows.delete
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            rewrite()


def test_timelines_read_what_stood_at_the_start_and_two_queries_whatever_there_is(
    page: StatusPage, web: Component, django_assert_num_queries: object
) -> None:
    mail = make_component(page, "Mail")
    make_public_incident(page, components={web: "major_outage"})
    set_by_hand(mail, "partial_outage", at=100)
    set_by_hand(mail, "operational", at=200)
    with django_assert_num_queries(2):  # type: ignore[operator]
        found = timelines(page, since=after(150), now=after(300))
    assert [(step.status, step.at) for step in found[web.pk]] == [("major_outage", NOW)]
    assert [(step.status, step.at) for step in found[mail.pk]] == [
        ("partial_outage", after(100)),
        ("operational", after(200)),
    ]

"""Drafted by one, approved by another, published once: what customers read, and what follows."""

from __future__ import annotations

import pytest
from django.db import transaction

from incidents.timeline import timeline
from ledger.actor import Actor
from ledger.queries import entries
from statuspage.models import (
    Component,
    HitServer,
    ImpactChange,
    Mailing,
    PublicIncident,
    Publisher,
    Server,
    StatusPage,
    StatusUpdate,
)
from statuspage.operations.components import set_component_status
from statuspage.operations.edit_draft import discard_draft, edit_draft
from statuspage.operations.hit_servers import name_servers
from tests.builders import NOW, by, make_person
from tests.incidents.builders import after, make_incident, make_service
from tests.statuspage.builders import (
    approve,
    draft,
    draft_more,
    let_out,
    make_component,
    make_page,
    make_public_incident,
    publish,
    say,
)
from web.errors import BadInput, IllegalMove, NotFound

pytestmark = pytest.mark.django_db


@pytest.fixture
def page() -> StatusPage:
    return make_page()


@pytest.fixture
def web(page: StatusPage) -> Component:
    return make_component(page)


@pytest.fixture
def mail(page: StatusPage) -> Component:
    return make_component(page, "Mail")


def status(component: Component) -> str:
    component.refresh_from_db()
    return component.status


class TestItsWay:
    """From a draft to what customers read."""

    def test_an_update_is_drafted_approved_and_published(self, page: StatusPage, web: Component) -> None:
        cam, ada = make_person("Cam"), make_person("Ada")
        update = draft(page, components={web: "major_outage"}, drafted_by=cam)
        assert (update.state, update.public_incident.published_at, status(web)) == ("draft", None, "operational")
        wanted = Publisher.objects.get().wanted
        update = publish(update, ada, now=after(60))
        public = update.public_incident
        assert (update.state, update.approved_by, update.drafted_by) == ("published", ada, cam)
        assert (update.published_at, update.display_at) == (after(60), after(60))
        assert (public.status, public.impact, public.published_at) == ("investigating", "critical", after(60))
        assert status(web) == "major_outage"
        assert [(c.old_status, c.new_status) for c in update.components.all()] == [("operational", "major_outage")]
        assert Mailing.objects.get().update == update
        assert Publisher.objects.get().wanted == wanted + 1
        verbs = [entry.verb for entry in entries(public.subject)]
        assert verbs == ["status.update_drafted", "status.update_approved", "status.update_published"]

    def test_a_draft_publishes_nothing(self, page: StatusPage, web: Component) -> None:
        wanted = Publisher.objects.get().wanted
        update = approve(draft(page, components={web: "major_outage"}))
        with transaction.atomic():
            discard_draft(update=update, by=Actor.system(), now=NOW)
        assert Publisher.objects.get().wanted == wanted
        assert not ImpactChange.objects.exists()
        assert not Mailing.objects.exists()

    def test_quietly_it_reaches_the_page_and_no_subscriber(self, page: StatusPage) -> None:
        publish(draft(page, deliver=False))
        assert not Mailing.objects.exists()

    def test_resolved_lets_every_component_recover_each_at_its_own_time(
        self, page: StatusPage, web: Component, mail: Component
    ) -> None:
        public = make_public_incident(page, components={web: "major_outage", mail: "partial_outage"})
        say(public, "monitoring", components={web: "operational"}, now=after(600))
        update = say(public, "resolved", now=after(1200))
        assert (status(web), status(mail)) == ("operational", "operational")
        times = {each.component.name: each.recovered_at for each in public.affected.select_related("component")}
        assert times == {"Web hosting": after(600), "Mail": after(1200)}
        said = [(each.component.name, each.old_status, each.new_status) for each in update.components.all()]
        assert said == [("Mail", "partial_outage", "operational")]
        public.refresh_from_db()
        assert (public.monitoring_at, public.resolved_at, public.impact) == (after(600), after(1200), "major")

    def test_what_still_ails_a_component_after_the_end_is_set_right_by_hand(
        self, page: StatusPage, web: Component
    ) -> None:
        public = make_public_incident(page, components={web: "major_outage"})
        say(public, "resolved", components={web: "degraded_performance"}, now=after(600))
        assert status(web) == "degraded_performance"
        assert public.affected.get().recovered_at is None
        with transaction.atomic():
            set_component_status(component=web, status="operational", by=Actor.system(), now=after(900))
        assert status(web) == "operational"
        postmortem = say(public, "postmortem", "What happened.", now=after(1200))
        assert not postmortem.components.exists()

    def test_it_comes_back_after_it_was_resolved(self, page: StatusPage, web: Component) -> None:
        server = Server.objects.create(page=page, name="web-1")
        public = make_public_incident(page, components={web: "partial_outage"}, servers=[server.pk])
        say(public, "resolved", now=after(600))
        assert HitServer.objects.get().recovered_at == after(600)
        say(public, "investigating", "It has returned.", components={web: "major_outage"}, now=after(900))
        public.refresh_from_db()
        assert (public.status, public.resolved_at, status(web)) == ("investigating", None, "major_outage")
        affected = public.affected.get()
        assert (affected.since, affected.recovered_at) == (NOW, None)
        assert HitServer.objects.get().recovered_at is None

    def test_two_incidents_on_one_component_show_the_worst(self, page: StatusPage, web: Component) -> None:
        one = make_public_incident(page, components={web: "degraded_performance"}, name="Slow")
        two = make_public_incident(page, components={web: "major_outage"}, name="Gone", now=after(60))
        assert status(web) == "major_outage"
        say(two, "resolved", now=after(120))
        assert status(web) == "degraded_performance"
        say(one, "resolved", now=after(180))
        assert status(web) == "operational"

    def test_the_promise_is_kept_until_the_end(self, page: StatusPage) -> None:
        public = make_public_incident(page, next_update_at=after(1800))
        assert public.next_update_at == after(1800)
        say(public, "identified", next_update_at=after(3600), now=after(600))
        public.refresh_from_db()
        assert public.next_update_at == after(3600)
        say(public, "resolved", now=after(1200))
        public.refresh_from_db()
        assert public.next_update_at is None

    def test_a_postmortem_follows_and_changes_no_component(self, page: StatusPage, web: Component) -> None:
        public = make_public_incident(page, components={web: "major_outage"})
        say(public, "resolved", now=after(600))
        rows = ImpactChange.objects.count()
        say(public, "postmortem", "What happened, and what we change.", now=after(86400))
        public.refresh_from_db()
        assert (public.status, public.resolved_at, ImpactChange.objects.count()) == ("postmortem", after(600), rows)

    def test_it_began_when_the_internal_incident_did_and_the_record_says_when_that_was_written(
        self, page: StatusPage, web: Component
    ) -> None:
        incident = make_incident(severity=2)
        make_public_incident(page, components={web: "major_outage"}, incident=incident, now=after(900))
        row = ImpactChange.objects.get()
        assert (row.at, row.recorded_at) == (NOW, after(900))

    def test_a_private_incidents_time_stays_inside(self, page: StatusPage, web: Component) -> None:
        incident = make_incident(severity=2, private=True)
        make_public_incident(page, components={web: "major_outage"}, incident=incident, now=after(900))
        assert ImpactChange.objects.get().at == after(900)


class TestRefusals:
    """What can't be said, and why."""

    @pytest.mark.parametrize("stage", ["postmortem", "scheduled", "completed"])
    def test_a_first_word_has_its_stages(self, page: StatusPage, stage: str) -> None:
        with pytest.raises(IllegalMove, match="Nothing of it is published yet"):
            draft(page, stage=stage)

    def test_stages_that_do_not_follow(self, page: StatusPage) -> None:
        public = make_public_incident(page)
        with pytest.raises(IllegalMove, match="It is investigating, so it can't become postmortem"):
            draft_more(public, "postmortem")
        with pytest.raises(BadInput, match="Choose one of"):
            draft_more(public, "nonsense")
        waiting = draft_more(public, "identified")
        say(public, "resolved", now=after(60))
        say(public, "postmortem", "What happened.", now=after(120))
        with pytest.raises(IllegalMove, match="It is postmortem"):
            publish(waiting, now=after(180))

    def test_what_is_discarded_stays_discarded(self, page: StatusPage) -> None:
        update = draft(page)
        with transaction.atomic():
            for _ in range(2):
                update = discard_draft(update=update, by=Actor.system(), now=NOW)
        assert update.public_incident.discarded_at == NOW
        with pytest.raises(IllegalMove, match="discarded"):
            approve(update)
        with pytest.raises(IllegalMove, match="discarded"):
            draft_more(update.public_incident)

    def test_one_draft_of_two_leaves_the_incident(self, page: StatusPage) -> None:
        first = draft(page)
        second = draft_more(first.public_incident)
        with transaction.atomic():
            discard_draft(update=second, by=Actor.system(), now=NOW)
        assert PublicIncident.objects.get().discarded_at is None

    def test_once_published_its_name_stands(self, page: StatusPage) -> None:
        public = make_public_incident(page)
        update = draft_more(public)
        with transaction.atomic(), pytest.raises(IllegalMove, match="by its name already"):
            edit_draft(update=update, name="Another", by=Actor.system(), now=NOW)
        with transaction.atomic(), pytest.raises(IllegalMove, match="is published"):
            edit_draft(update=public.updates.get(state="published"), deliver=False, by=Actor.system(), now=NOW)

    def test_an_archived_page_says_nothing(self, page: StatusPage) -> None:
        update = approve(draft(page))
        StatusPage.objects.update(archived_at=NOW)
        with pytest.raises(IllegalMove, match="is archived"):
            let_out(update, make_person("Ada"))

    def test_what_is_not_there(self, page: StatusPage) -> None:
        update = draft(page)
        StatusUpdate.objects.all().delete()
        with pytest.raises(NotFound):
            let_out(update, make_person("Ada"))

    def test_a_name_is_one_line_so_that_no_mail_header_can_be_made_of_it(self, page: StatusPage) -> None:
        update = draft(page, name="Mail\r\nBcc: all@example.com\x00 is late\u2028")
        assert update.public_incident.name == "Mail Bcc: all@example.com is late"
        with pytest.raises(BadInput):
            draft(page, name=" \n ")
        with pytest.raises(BadInput, match="under 200"):
            draft(page, name="x" * 201)

    def test_a_component_of_another_page_or_an_archived_one(self, page: StatusPage, web: Component) -> None:
        other = make_component(make_page("Acme", slug="acme"))
        with pytest.raises(BadInput, match="components of this page"):
            draft(page, components={other: "major_outage"})
        Component.objects.filter(pk=web.pk).update(archived_at=NOW)
        with pytest.raises(BadInput, match="components of this page"):
            draft(page, components={web: "major_outage"})


class TestImpact:
    """How bad it is: what it was at its worst, unless a person says otherwise."""

    def test_it_is_what_it_was_at_its_worst(self, page: StatusPage, web: Component, mail: Component) -> None:
        public = make_public_incident(page, components={web: "degraded_performance"})
        assert public.impact == "minor"
        say(public, "identified", components={web: "major_outage"}, now=after(60))
        public.refresh_from_db()
        assert public.impact == "major", "mail is well"
        say(public, "identified", components={mail: "major_outage"}, now=after(120))
        public.refresh_from_db()
        assert public.impact == "critical"
        say(public, "resolved", now=after(180))
        public.refresh_from_db()
        assert public.impact == "critical"

    def test_a_person_overrides_it(self, page: StatusPage, web: Component) -> None:
        public = make_public_incident(page, components={web: "major_outage"}, impact_override="minor")
        assert public.impact == "minor"


class TestServers:
    """Which machines it hits, while it goes on."""

    def test_they_come_and_go_and_come_again(self, page: StatusPage) -> None:
        one, two = (Server.objects.create(page=page, name=f"web-{number}") for number in (1, 2))
        public = make_public_incident(page, servers=[one.pk])
        for seconds, servers in ((60, [one.pk, two.pk]), (120, [two.pk])):
            with transaction.atomic():
                name_servers(public_incident=public, servers=servers, by=Actor.system(), now=after(seconds))
        hits = {each.server.name: (each.since, each.recovered_at) for each in HitServer.objects.all()}
        assert hits == {"web-1": (NOW, after(120)), "web-2": (after(60), None)}
        say(public, "resolved", now=after(180))
        with transaction.atomic(), pytest.raises(IllegalMove, match="has ended"):
            name_servers(public_incident=public, servers=[one.pk], by=Actor.system(), now=after(240))


def test_the_rooms_timeline_tells_each_step(page: StatusPage) -> None:
    service = make_service("mail")
    mail = make_component(page, "Mail", services=[service])
    incident = make_incident(severity=2, service=service)
    cam, ada = make_person("Cam"), make_person("Ada")
    update = draft(page, name="Mail is late", components={mail: "major_outage"}, incident=incident, drafted_by=cam)
    publish(update, ada)
    with transaction.atomic():
        discard_draft(update=draft_more(update.public_incident, drafted_by=cam), by=by(cam), now=after(60))
    lines = [(line.sentence, line.text) for line in timeline(incident) if line.verb.startswith("status.")]
    text = "Some websites do not answer. We are looking into it."
    assert lines == [
        ("Cam drafted an update for customers (investigating)", text),
        ("Ada approved what Cam wrote for customers (investigating)", ""),
        ("Ada told customers (investigating): Mail is late; Mail: major outage", text),
        ("Cam drafted an update for customers (identified)", "A disk array failed; we are replacing it."),
        ("Cam discarded a draft for customers (identified)", ""),
    ]

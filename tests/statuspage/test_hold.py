"""Nobody has said anything: Muster says that somebody looks into it, once, and nothing of what it knows."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection, transaction

from engine.duties import run_once
from incidents.models import Incident, Service
from incidents.operations.decline import decline
from incidents.operations.merge import merge
from incidents.timeline import timeline
from ledger.queries import entries
from statuspage.models import Component, HitServer, Mailing, PublicIncident, PublishingPolicy, Server, StatusPage
from statuspage.operations.hold import say_we_look_into_it
from statuspage.queries import customers_last_heard, green_while_burning
from tests.builders import by, make_person
from tests.incidents.builders import after, make_incident, make_service
from tests.statuspage.builders import (
    draft,
    make_component,
    make_maintenance,
    make_page,
    make_public_incident,
    publish,
    say,
)

pytestmark = pytest.mark.django_db

HOLDS_S = 600


@pytest.fixture(autouse=True)
def _policy() -> None:
    PublishingPolicy.objects.create(severity=1, holds_s=HOLDS_S)
    PublishingPolicy.objects.create(severity=2)


@pytest.fixture
def service() -> Service:
    return make_service("mail")


@pytest.fixture
def page() -> StatusPage:
    return make_page(languages=["de", "fr"])


@pytest.fixture
def mail(page: StatusPage, service: Service) -> Component:
    return make_component(page, "Mail", services=[service], names={"de": "E-Mail"})


def look(at: float = HOLDS_S) -> int:
    return run_once("holding_updates", now=after(at))


def burn(service: Service, **fields: Any) -> Incident:
    return make_incident("Break-in at db-3", severity=fields.pop("severity", 1), service=service, **fields)


def test_after_its_time_it_is_said_once_in_every_language_and_nothing_is_told(
    service: Service, mail: Component
) -> None:
    incident = burn(service)
    assert look(HOLDS_S - 1) == 0
    assert [each.component for each in green_while_burning(after(60))] == [mail]
    assert look() == 1
    assert look(HOLDS_S + 60) == 0
    public = PublicIncident.objects.get()
    assert (public.incident, public.status, public.automatic) == (incident, "investigating", True)
    assert public.published_at == public.started_at == after(HOLDS_S)
    update = public.updates.get()
    assert update.texts["en"] == "We are looking into reports of problems with Mail."
    assert set(update.texts) == {"en", "de", "fr"}
    assert "E-Mail" in update.texts["de"]
    assert (public.name, "E-Mail" in public.names["de"]) == ("Problems with Mail", True)
    assert (update.automatic, update.drafted_by, update.approved_by) == (True, None, None)
    mail.refresh_from_db()
    assert mail.status == "degraded_performance"
    assert Mailing.objects.get().update == update
    everything = f"{public.name} {public.names} {update.texts}"
    assert not any(word in everything for word in ("Break-in", "db-3", str(incident.number)))
    assert green_while_burning(after(HOLDS_S)) == []
    assert customers_last_heard(incident).at == after(HOLDS_S)
    (entry,) = entries(public.subject)
    assert (entry.verb, entry.actor_kind, entry.payload["automatic"]) == ("status.update_published", "system", True)
    line = next(line for line in timeline(incident) if line.verb == "status.update_published")
    assert line.sentence.startswith("Muster told customers by itself (investigating): Problems with Mail")


@pytest.mark.parametrize("why", ["private", "severity", "service", "shown", "archived", "over", "page"])
def test_when_it_is_not_said(service: Service, page: StatusPage, mail: Component, why: str) -> None:
    incident = burn(
        make_service("other") if why == "shown" else service,
        private=why == "private",
        severity=2 if why == "severity" else 1,
    )
    if why == "service":
        Incident.objects.update(service=None)
    elif why == "archived":
        Component.objects.update(archived_at=after(0))
    elif why == "page":
        StatusPage.objects.update(archived_at=after(0))
    elif why == "over":
        with transaction.atomic():
            decline(incident_id=incident.pk, by=by(make_person("Sue")), now=after(60))
    assert look(HOLDS_S * 10) == 0
    with transaction.atomic():
        said = say_we_look_into_it(incident_id=incident.pk, page=page, now=after(HOLDS_S * 10))
    assert said == 0, "asked directly it says no more"


def test_what_customers_know_is_not_said_again(service: Service, page: StatusPage, mail: Component) -> None:
    make_public_incident(page, components={mail: "partial_outage"})
    burn(service)
    assert look() == 0
    web = make_component(page, "Webmail", services=[service])
    assert look() == 1
    assert [each.component for each in PublicIncident.objects.get(automatic=True).affected.all()] == [web]


def test_a_maintenance_that_runs_has_told_them(service: Service, page: StatusPage, mail: Component) -> None:
    make_maintenance(page, components={mail: "under_maintenance"})
    burn(service, now=after(7200))
    run_once("maintenances", now=after(7200))
    assert look(7200 + HOLDS_S) == 0
    run_once("maintenances", now=after(10800))
    assert look(10800) == 1


def test_after_people_spoke_it_stays_silent(service: Service, page: StatusPage, mail: Component) -> None:
    incident = burn(service)
    public = make_public_incident(page, components={mail: "partial_outage"}, incident=incident, now=after(60))
    say(public, "resolved", now=after(120))
    assert look() == 0


def test_each_page_that_shows_the_service_is_told(service: Service, page: StatusPage, mail: Component) -> None:
    other = make_page("Acme", slug="acme")
    make_component(other, "Mail", services=[service])
    burn(service)
    assert look() == 2
    assert set(PublicIncident.objects.values_list("page", flat=True)) == {page.pk, other.pk}


def test_people_go_on_where_muster_began(service: Service, page: StatusPage, mail: Component) -> None:
    incident = burn(service)
    first = draft(page, name="Mail is down", components={mail: "major_outage"}, incident=incident, now=after(500))
    second = draft(page, name="Mail is down too", incident=incident, now=after(510))
    assert look() == 1
    begun = PublicIncident.objects.get(automatic=True)
    published = publish(first, now=after(700))
    assert published.public_incident_id == begun.pk
    begun.refresh_from_db()
    assert (begun.name, begun.automatic, begun.status, begun.started_at) == (
        "Mail is down",
        False,
        "investigating",
        incident.opened_at,
    )
    assert [update.automatic for update in begun.updates.filter(state="published")] == [False, True]
    assert PublicIncident.objects.get(pk=first.public_incident_id).discarded_at == after(700)
    mail.refresh_from_db()
    assert mail.status == "major_outage"
    other = publish(second, now=after(800))
    assert other.public_incident_id == second.public_incident_id, "only what Muster began is gone on with"
    say(begun, "resolved", now=after(900))
    mail.refresh_from_db()
    assert mail.status == "operational"


def test_a_server_that_both_name_is_named_once(service: Service, page: StatusPage, mail: Component) -> None:
    incident = burn(service)
    look()
    held = PublicIncident.objects.get()
    one, other = (Server.objects.create(page=page, name=name) for name in ("mx1", "mx2"))
    HitServer.objects.create(public_incident=held, server=one, since=after(0))
    update = draft(page, incident=incident, components={mail: "major_outage"})
    for server in (one, other):
        HitServer.objects.create(public_incident=update.public_incident, server=server, since=after(HOLDS_S))
    publish(update, now=after(HOLDS_S + 60))
    assert set(held.hit_servers.values_list("server__name", "since")) == {
        ("mx1", after(0)),
        ("mx2", after(HOLDS_S)),
    }


@pytest.mark.parametrize(("private", "told"), [((False, False), True), ((True, True), True), ((True, False), False)])
def test_after_a_merge_customers_have_heard_of_what_remains_but_nothing_private_comes_into_the_open(
    service: Service, page: StatusPage, mail: Component, private: tuple[bool, bool], told: bool
) -> None:
    merged, remains = (burn(service, private=each) for each in private)
    public = make_public_incident(page, components={mail: "partial_outage"}, incident=merged, now=after(60))
    with transaction.atomic():
        merge(incident_id=merged.pk, into_id=remains.pk, by=by(make_person("Ada")), now=after(120))
    public.refresh_from_db()
    assert public.incident == (remains if told else merged)
    assert (customers_last_heard(remains).at == after(60)) is told


def test_one_that_fails_stops_no_other_and_is_told(
    service: Service, page: StatusPage, mail: Component, monkeypatch: pytest.MonkeyPatch
) -> None:
    from statuspage.operations import hold

    alma = make_person("Alma")
    broken, well = burn(service), burn(make_service("web"))
    make_component(page, "Web", services=[well.service])
    say_it = hold.say_we_look_into_it

    def fail_one(**given: Any) -> int:
        if given["incident_id"] == broken.pk:
            raise ZeroDivisionError
        return say_it(**given)

    monkeypatch.setattr(hold, "say_we_look_into_it", fail_one)
    assert look() == 1
    assert PublicIncident.objects.get().incident == well
    assert "Publish an update by hand" in str(alma.deliveries.get(channel="sms").content)


@pytest.mark.django_db(transaction=True)
def test_two_engines_at_once_say_it_once(service: Service, page: StatusPage, mail: Component) -> None:
    burn(service)
    start = threading.Barrier(2)

    def engine() -> None:
        start.wait()
        try:
            look()
        finally:
            connection.close()

    engines = [threading.Thread(target=engine) for _ in range(2)]
    for each in engines:
        each.start()
    for each in engines:
        each.join()
    assert PublicIncident.objects.count() == 1

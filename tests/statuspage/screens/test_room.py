"""What the incident's room, the briefing, the hub and the navigation say of customers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from engine import clock
from incidents.models import Incident
from people.models import Person
from statuspage.models import Component, Publisher, Report, StatusPage, StatusUpdate, Subscriber, Target
from statuspage.staff import waiting_count
from tests.builders import make_person
from tests.incidents.builders import make_incident, make_service
from tests.statuspage.builders import draft, make_component, make_page, make_public_incident, publish
from tests.statuspage.screens.reading import as_, press, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def component() -> Component:
    return make_component(make_page(), "E-mail", services=[make_service("mail")])


@pytest.fixture
def incident(component: Component) -> Incident:
    return make_incident("Mail is down", severity=1, service=component.services.get(), now=clock.now())


@pytest.fixture
def cam() -> Person:
    return make_person("Cam")


@pytest.fixture
def ada() -> Person:
    return make_person("Ada")


def test_silence_and_a_page_that_denies_it_stand_out(component: Component, incident: Incident, ada: Person) -> None:
    room = read(ada, "incident", incident.number)
    assert "Customers have heard nothing yet" in room
    assert "“E-mail” is shown as operational on Harbor Hosting" in room
    assert "have heard nothing yet" in read(ada, "briefing", incident.number)
    assert "is shown as operational" in read(ada, "status_pages")


def test_a_waiting_draft_is_judged_where_it_stands(
    component: Component, incident: Incident, cam: Person, ada: Person
) -> None:
    update = draft(
        component.page,
        "We look.",
        components={component: "major_outage"},
        incident=incident,
        drafted_by=cam,
        now=clock.now(),
    )
    assert "We look." in read(ada, "incident", incident.number)
    assert "Approve and publish" not in read(cam, "incident", incident.number)
    page = as_(ada).get(reverse("incident", args=[incident.number])).content.decode()
    digest = page.partition('name="digest" value="')[2].partition('"')[0]
    assert "Published" in press(ada, "status_update_approve", update.pk, digest=digest, publish="yes")
    room = read(ada, "incident", incident.number)
    assert "Customers last heard" in room
    assert "is shown as operational" not in room


def test_a_broken_promise_is_red_and_says_so(component: Component, incident: Incident, ada: Person) -> None:
    now = clock.now()
    said = now - timedelta(minutes=40)
    update = draft(
        component.page,
        components={component: "major_outage"},
        incident=incident,
        now=said,
        started_at=said,
        next_update_at=now - timedelta(minutes=10),
    )
    publish(update, now=said)
    for name, of in (("incident", incident.number), ("status_incident", update.public_incident_id)):
        answered = as_(ada).get(reverse(name, args=[of])).content.decode()
        assert "an update was promised at" in answered
        assert 'class="bad-text"' in answered
    assert "promised at" in read(ada, "briefing", incident.number)


def test_what_customers_report_is_a_sign_in_the_room(component: Component, incident: Incident, ada: Person) -> None:
    now = clock.now()
    Report.objects.bulk_create(
        Report(component=component, says="affected", reporter=f"r{number}", day=now.date(), at=now)
        for number in range(3)
    )
    assert "3 customers are affected" in read(ada, "incident", incident.number)


def test_the_room_counts_what_was_sent(component: Component, incident: Incident, ada: Person) -> None:
    now = clock.now()
    Subscriber.objects.create(
        page=component.page, channel="email", address="a@b.example", state="active", asked_at=now, created_at=now
    )
    make_public_incident(component.page, components={component: "major_outage"}, incident=incident, now=now)
    assert "0 sent" in read(ada, "incident", incident.number)


def test_an_incident_without_any_status_page_says_nothing_of_customers(ada: Person) -> None:
    assert "Customers" not in read(ada, "incident", make_incident().number)


def test_a_private_incident_is_not_named_on_the_hub(component: Component, cam: Person, ada: Person) -> None:
    make_incident(
        "Secret", severity=1, service=component.services.get(), private=True, declared_by=ada, now=clock.now()
    )
    assert "Secret" not in read(cam, "status_pages")
    assert "Secret" in read(ada, "status_pages")


def test_the_navigation_counts_what_this_reader_could_judge(component: Component, cam: Person, ada: Person) -> None:
    draft(component.page, drafted_by=cam)
    request = RequestFactory().get("/")
    counts = {}
    for person in (ada, make_person("Otto")):
        request.user = person
        counts[person.name] = waiting_count(request)
    assert counts == {"Ada": 1, "Otto": 0}


def test_the_hub_says_how_publishing_stands(component: Component, ada: Person) -> None:
    assert "Nothing was published yet" in read(ada, "status_pages")
    now = clock.now()
    Publisher.objects.update_or_create(
        pk=1, defaults={"wanted": 4, "published": 4, "generation": 17, "published_at": now}
    )
    said = read(ada, "status_pages")
    assert "Generation 17" in said
    assert "Up to date" in said
    Target.objects.create(
        name="Bucket", kind="s3", failing_since=now, trouble="The storage refused the key.", generation=16
    )
    said = read(ada, "status_pages")
    assert "One place fails" in said
    assert "The storage refused the key." in said
    Publisher.objects.update(published_at=now - timedelta(minutes=5))
    assert "Old" in read(ada, "status_pages")


def test_the_screens_cost_the_same_however_much_was_said(component: Component, ada: Person) -> None:
    page, now = StatusPage.objects.get(), clock.now()
    client = as_(ada)

    def cost(name: str, *args: object) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse(name, args=args)).status_code == 200
        return len(captured)

    make_public_incident(page, components={component: "partial_outage"}, now=now)
    screens = [("status_pages",), ("status_incidents",), ("status_maintenance",), ("status_components", page.pk)]
    for screen in screens:
        cost(*screen)
    few = [cost(*screen) for screen in screens]
    for number in range(5):
        make_component(page, f"Component {number}")
        make_public_incident(page, name=f"Trouble {number}", components={component: "degraded_performance"}, now=now)
        draft(page, name=f"Draft {number}")
    assert StatusUpdate.objects.count() == 11
    assert [cost(*screen) for screen in screens] == few
    assert max(few) <= 20

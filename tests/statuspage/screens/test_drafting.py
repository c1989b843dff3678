"""From a thought to what customers read: drafted, read by a second person, approved, published."""

from __future__ import annotations

import pytest
from django.urls import reverse

from incidents.models import Incident
from people.models import Person
from statuspage.models import Component, PublicIncident, PublishingPolicy, StatusPage, StatusUpdate, UpdateTemplate
from tests.builders import make_person
from tests.incidents.builders import make_incident, make_service
from tests.statuspage.builders import draft, make_component, make_maintenance, make_page, make_public_incident
from tests.statuspage.screens.reading import as_, press, read, send, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def page() -> StatusPage:
    return make_page(languages=["de"])


@pytest.fixture
def cam() -> Person:
    return make_person("Cam")


@pytest.fixture
def ada() -> Person:
    return make_person("Ada")


def typed(page: StatusPage, **other: str) -> dict[str, str]:
    return {
        "stage": "investigating",
        "name_en": "Websites answer slowly",
        "text_en": "We are looking into it.",
        "promise": "1800",
        "deliver": "on",
        **other,
    }


def newest() -> StatusUpdate:
    return StatusUpdate.objects.order_by("-created_at", "-id")[0]


def test_a_draft_is_written_read_approved_and_published_by_two(page: StatusPage, cam: Person, ada: Person) -> None:
    mail = make_component(page, "E-mail")
    given = typed(page, **{f"component_{mail.pk}": "partial_outage", "text_de": "Wir schauen nach."})
    said = press(cam, "status_draft", **given)
    assert "Drafted" in said
    assert "another person has to approve it" in said
    assert "Approve and publish" not in said
    update = newest()
    shown = read(ada, "status_update", update.pk)
    assert "We are looking into it." in shown
    assert "Wir schauen nach." in shown
    assert "E-mail" in shown
    assert "Partial outage" in shown
    answered = as_(ada).get(reverse("status_update", args=[update.pk]))
    digest = answered.context["review"].digest
    assert "Published" in press(ada, "status_update_approve", update.pk, digest=digest, publish="yes")
    mail.refresh_from_db()
    assert mail.status == "partial_outage"
    update.refresh_from_db()
    assert (update.state, update.approved_by) == ("published", ada)


def test_what_is_approved_is_what_was_read(page: StatusPage, cam: Person, ada: Person) -> None:
    update = draft(page, drafted_by=cam)
    digest = as_(ada).get(reverse("status_update", args=[update.pk])).context["review"].digest
    press(cam, "status_update_edit", update.pk, **typed(page, text_en="Something else."))
    said = press(ada, "status_update_approve", update.pk, digest=digest, publish="yes")
    assert "was changed since you read it" in said
    update.refresh_from_db()
    assert update.state == "draft"


def test_nobody_approves_what_they_wrote(page: StatusPage, cam: Person) -> None:
    update = draft(page, drafted_by=cam)
    digest = as_(cam).get(reverse("status_update", args=[update.pk])).context["review"].digest
    said = press(cam, "status_update_approve", update.pk, digest=digest)
    assert "another person has to approve it" in said
    assert "A second person has to approve" in press(cam, "status_update_publish", update.pk)


def test_in_an_emergency_one_person_publishes_and_says_why(page: StatusPage, cam: Person, ada: Person) -> None:
    update = draft(page, drafted_by=cam)
    assert "Publish without a second person?" in read(cam, "status_update", update.pk)
    refused = press(cam, "status_update_alone", update.pk, reason="", minutes="15")
    assert "Not published" in refused
    assert newest().state == "draft"
    assert "Published" in press(cam, "status_update_alone", update.pk, reason="Nobody answers.", minutes="15")
    assert newest().override_reason == "Nobody answers."
    assert "Nobody answers." in read(ada, "status_policies")
    assert "Published without a second person." in read(ada, "status_update", update.pk)


def test_without_the_need_of_approval_the_drafter_publishes(page: StatusPage, cam: Person) -> None:
    PublishingPolicy.objects.create(severity=0, approvals=0)
    update = draft(page, drafted_by=cam)
    assert "asks for no second person" in read(cam, "status_update", update.pk)
    assert "Published" in press(cam, "status_update_publish", update.pk)


def test_a_prepared_text_is_put_in_and_nothing_is_saved(page: StatusPage, cam: Person) -> None:
    UpdateTemplate.objects.create(
        label="Network", stage="investigating", names={"en": "Trouble"}, texts={"en": "About {{ components }}."}
    )
    dns = make_component(page, "DNS")
    answered = send(cam, "status_draft", **typed(page, use="best", **{f"component_{dns.pk}": "major_outage"}))
    assert answered.status_code == 200
    assert "About DNS." in answered.content.decode()
    assert "is required" not in answered.content.decode()
    assert not StatusUpdate.objects.exists()


def test_an_incident_suggests_components_and_words_but_never_its_own(page: StatusPage, cam: Person) -> None:
    service = make_service("mail")
    mail = make_component(page, "E-mail", services=[service])
    UpdateTemplate.objects.create(
        label="Any", stage="investigating", names={"en": "Trouble: {{ components }}"}, texts={"en": "{{ components }}"}
    )
    incident = make_incident(title="Dovecot of Acme Inc. is broken into", service=service, severity=1, type="mail")
    answered = as_(cam).get(f"{reverse('status_draft')}?incident={incident.number}")
    form = answered.context["form"]
    assert form[f"component_{mail.pk}"].value() == "major_outage"
    assert form["name_en"].value() == "Trouble: E-mail"
    fields = answered.content.decode().partition('id="draft"')[2]
    assert "Acme" not in fields


def test_a_stranger_learns_nothing_of_a_private_incidents_draft(page: StatusPage, cam: Person, ada: Person) -> None:
    incident = make_incident(private=True, declared_by=ada)
    update = draft(page, incident=incident, drafted_by=ada, name="Security incident")
    for name, of in (("status_update", update.pk), ("status_incident", update.public_incident_id)):
        assert as_(cam).get(reverse(name, args=[of])).status_code == 404
    assert "Security incident" not in read(cam, "status_pages")
    assert "Security incident" in read(ada, "status_pages")
    assert as_(cam).get(f"{reverse('status_draft')}?incident={incident.number}").status_code == 404


def test_a_discarded_draft_comes_back(page: StatusPage, cam: Person) -> None:
    update = draft(page, drafted_by=cam)
    said = press(cam, "status_update_discard", update.pk)
    assert "never saw it" in said
    assert "Take it up again" in said
    assert "is back" in press(cam, "status_update_again", update.pk)
    assert (newest().state, newest().texts) == ("draft", update.texts)


def test_a_further_word_resolves_and_the_components_follow(page: StatusPage, cam: Person, ada: Person) -> None:
    mail = make_component(page, "E-mail")
    public = make_public_incident(page, components={mail: "major_outage"})
    said = press(
        cam, "status_incident_draft", public.pk, stage="resolved", text_en="It is over.", promise="", deliver="on"
    )
    assert "follows from the stage" in said
    digest = as_(ada).get(reverse("status_update", args=[newest().pk])).context["review"].digest
    press(ada, "status_update_approve", newest().pk, digest=digest, publish="yes")
    mail.refresh_from_db()
    public.refresh_from_db()
    assert (mail.status, public.status) == ("operational", "resolved")


def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(page: StatusPage, cam: Person) -> None:
    answered = send(cam, "status_draft", **typed(page, text_en="", servers="web01 web02", name_en="Keep me"))
    text = answered.content.decode()
    assert answered.status_code == 422
    assert "There is no such server: web01, web02." in text
    assert "Keep me" in text
    assert "This field is required" in text


def test_with_several_pages_the_page_is_chosen_first(page: StatusPage, cam: Person) -> None:
    other = make_page("Partners", slug="partners")
    assert "Which page is it about?" in read(cam, "status_draft")
    assert "Partners" in words_of(as_(cam).get(reverse("status_draft"), {"page": other.pk}))


def test_observers_draft_nothing(page: StatusPage) -> None:
    sam = make_person("Sam")
    assert as_(sam).get(reverse("status_draft")).status_code == 403
    assert send(sam, "status_draft", **typed(page)).status_code == 403
    assert not PublicIncident.objects.exists()
    assert Component.objects.count() == 0
    assert Incident.objects.count() == 0


def test_the_preview_is_the_page_that_follows(page: StatusPage, cam: Person) -> None:
    mail = make_component(page, "E-mail")
    update = draft(page, "First line.", components={mail: "major_outage"}, drafted_by=cam, texts={"de": "Erste Zeile."})
    answered = as_(cam).get(reverse("status_update_page", args=[update.pk]))
    shown = answered.content.decode()
    assert "First line." in shown
    assert "major system outage" in shown.lower()
    assert "<script" not in shown
    assert "default-src 'none'" in answered["Content-Security-Policy"]
    assert "sandbox" in answered["Content-Security-Policy"]
    assert (
        "Erste Zeile."
        in as_(cam).get(f"{reverse('status_update_page', args=[update.pk])}?language=de").content.decode()
    )
    mail.refresh_from_db()
    update.refresh_from_db()
    assert (mail.status, update.state) == ("operational", "draft")


def test_the_preview_of_a_planned_maintenance_leaves_components_as_they_are(page: StatusPage, cam: Person) -> None:
    mail = make_component(page, "E-mail")
    public = make_maintenance(page, components={mail: "under_maintenance"}, published=False)
    shown = as_(cam).get(reverse("status_update_page", args=[public.updates.get().pk])).content.decode()
    assert "Database servers move" in shown
    assert "all systems operational" in shown.lower()

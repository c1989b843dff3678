"""Pages, components, prepared texts, policies and figures as administrators set them up."""

from __future__ import annotations

import struct
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from ledger.queries import newest
from people.models import Person
from statuspage.models import (
    Component,
    ComponentGroup,
    ImpactChange,
    Metric,
    PublishingPolicy,
    StatusPage,
    UpdateTemplate,
)
from tests.builders import make_person
from tests.incidents.builders import make_service
from tests.statuspage.builders import make_component, make_group, make_page
from tests.statuspage.screens.reading import as_, press, read, send, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def alma() -> Person:
    return make_person("Alma")


@pytest.fixture
def page() -> StatusPage:
    return make_page(languages=["de"], secret="old", slug="partners", audience="secret")


def png(width: int = 80, height: int = 40) -> bytes:
    """Return a small true picture."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    lines = zlib.compress(b"".join(b"\0" * (width + 1) for _ in range(height)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


def given(**other: str) -> dict[str, str]:
    return {
        "name": "Acme partners",
        "slug": "acme",
        "audience": "public",
        "language": "en",
        "time_zone": "Europe/Berlin",
        "headline_uptime": "excluded",
        **other,
    }


def test_a_page_is_made_and_changed(alma: Person) -> None:
    assert "Give it its components" in press(alma, "status_page_add", **given(accent="#0B5FFF"))
    page = StatusPage.objects.get()
    assert (page.name, page.slug, page.accent) == ("Acme partners", "acme", "#0b5fff")
    press(alma, "status_page_edit", page.pk, **given(name="Acme", audience="secret"))
    page.refresh_from_db()
    assert (page.name, page.audience, len(page.secret)) == ("Acme", "secret", 32)
    (entry,) = newest("settings:status-pages", limit=1)
    assert entry.verb == "status.page_changed"
    assert page.secret not in str(entry.payload)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"accent": "#ffee88"}, "can&#x27;t be read well on white"),
        ({"accent": "red"}, "six digits"),
        ({"accent_dark": "#222222"}, "can&#x27;t be read well in the dark"),
        ({"audience": "password"}, "Choose the password that opens the page."),
        ({"audience": "password", "password": "short"}, "Take 10 characters at least"),
        ({"audience": "secret", "slug": ""}, "Only a public page can stand at the root"),
        ({"slug": "partners"}, "has this address already"),
        ({"slug": "a/b"}, "valid"),
        ({"url": "javascript:alert(1)"}, "valid URL"),
        ({"name": ""}, "required"),
    ],
)
def test_what_a_page_can_not_be_is_said_beside_its_field(
    alma: Person, page: StatusPage, wrong: dict[str, str], sentence: str
) -> None:
    answered = send(alma, "status_page_add", **given(**wrong))
    assert answered.status_code == 422
    assert sentence in answered.content.decode()
    assert StatusPage.objects.count() == 1


def test_a_password_is_stored_as_its_hash_and_kept_when_left_empty(alma: Person) -> None:
    press(alma, "status_page_add", **given(audience="password", password="open sesame please"))
    page = StatusPage.objects.get()
    assert "sesame" not in page.password
    before = page.password
    press(alma, "status_page_edit", page.pk, **given(audience="password", headline="Hello"))
    page.refresh_from_db()
    assert (page.password, page.headline) == (before, "Hello")
    assert all("sesame" not in str(entry.payload) for entry in newest("settings:status-pages", limit=9))


def test_a_secret_link_is_changed_after_asking(alma: Person, page: StatusPage) -> None:
    shown = read(alma, "status_page_edit", page.pk)
    assert "The old link leads nowhere within a minute" in shown
    press(alma, "status_page_rotate", page.pk)
    page.refresh_from_db()
    assert page.secret != "old"
    assert len(page.secret) == 32


def test_a_public_page_has_no_link_to_change(alma: Person) -> None:
    page = make_page()
    said = press(alma, "status_page_rotate", page.pk)
    assert "Only a page that is found by a secret link" in said


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "no PNG, JPEG or WebP"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 40, "no PNG, JPEG or WebP"),
        (b"GIF89a" + b"\0" * 40, "no PNG, JPEG or WebP"),
        (b"\xff\xd8\xff", "no PNG, JPEG or WebP"),
        (png() + b"\0" * 40_000, "32 KB is the most"),
        (png(width=4000), "2000 pixels"),
    ],
)
def test_a_logo_is_judged_by_its_bytes(alma: Person, page: StatusPage, body: bytes, sentence: str) -> None:
    answered = as_(alma).post(
        reverse("status_page_logo", args=[page.pk]), {"logo": SimpleUploadedFile("logo.png", body, "image/png")}
    )
    assert answered.status_code == 422
    assert sentence in answered.content.decode()
    page.refresh_from_db()
    assert not page.logo


def test_a_logo_is_taken_shown_and_taken_away(alma: Person, page: StatusPage) -> None:
    client, url = as_(alma), reverse("status_page_logo", args=[page.pk])
    client.post(url, {"logo": SimpleUploadedFile("logo.svg", png(), "image/svg+xml")})
    shown = client.get(reverse("status_page_picture", args=[page.pk]))
    assert (shown["Content-Type"], shown.content) == ("image/png", png())
    client.post(url, {"remove": "yes"})
    assert client.get(reverse("status_page_picture", args=[page.pk])).status_code == 204


def test_a_page_is_put_away_and_back(alma: Person, page: StatusPage) -> None:
    assert "no longer published" in press(alma, "status_page_archive", page.pk)
    assert "published again" in press(alma, "status_page_restore", page.pk)


def test_a_component_is_added_changed_put_away_and_back(alma: Person, page: StatusPage) -> None:
    group, service = make_group(page), make_service("mail")
    press(
        alma,
        "status_component_add",
        page.pk,
        name="E-mail",
        name_de="E-Mail",
        group=group.pk,
        services=[service.pk],
        showcase="on",
    )
    component = Component.objects.get()
    assert (component.names, component.group, list(component.services.all())) == ({"de": "E-Mail"}, group, [service])
    press(alma, "status_component_edit", component.pk, name="Mailboxes", only_show_if_degraded="on")
    component.refresh_from_db()
    assert (component.name, component.group, component.only_show_if_degraded) == ("Mailboxes", None, True)
    assert "is off the page" in press(alma, "status_component_archive", component.pk)
    assert "is back on the page" in press(alma, "status_component_restore", component.pk)


def test_a_name_that_is_taken_is_said_beside_its_field(alma: Person, page: StatusPage) -> None:
    make_component(page, "E-mail")
    answered = send(alma, "status_component_add", page.pk, name="E-mail")
    assert answered.status_code == 422
    assert "There is a component of this name" in answered.content.decode()


def test_the_order_is_moved_place_by_place(alma: Person, page: StatusPage) -> None:
    first, second = make_group(page, "First"), make_group(page, "Second")
    inner = [make_component(page, name, group=second) for name in ("A", "B", "C")]
    alone = make_component(page, "Alone")

    def order() -> list[str]:
        blocks = as_(alma).get(reverse("status_components", args=[page.pk])).context["blocks"]
        return [
            each
            for block in blocks
            for each in ([block.group.name] if block.group else []) + [c.name for c in block.components]
        ]

    assert order() == ["First", "Second", "A", "B", "C", "Alone"]
    press(alma, "status_order", page.pk, move=f"up:{inner[2].pk}")
    press(alma, "status_order", page.pk, move=f"down:{first.pk}")
    assert order() == ["Second", "A", "C", "B", "First", "Alone"]
    press(alma, "status_order", page.pk, move=f"up:{alone.pk}")
    press(alma, "status_order", page.pk, move=f"down:{inner[1].pk}")
    assert order() == ["Second", "A", "C", "B", "Alone", "First"]
    press(alma, "status_order", page.pk, ids=[first.pk, alone.pk, second.pk, inner[1].pk, inner[0].pk, inner[2].pk])
    assert order() == ["First", "Alone", "Second", "B", "A", "C"]
    assert "Say what is to move" in press(alma, "status_order", page.pk, move="sideways:x")


def test_a_heading_goes_and_its_components_stay(alma: Person, page: StatusPage) -> None:
    group = make_group(page)
    component = make_component(page, group=group)
    assert "its components stay" in press(alma, "status_group_remove", group.pk)
    component.refresh_from_db()
    assert component.group is None
    assert not ComponentGroup.objects.exists()


def test_a_state_is_set_by_hand_and_history_corrected_in_sight(alma: Person, page: StatusPage) -> None:
    component = make_component(page, "E-mail")
    assert "Subscribers are not told" in press(alma, "status_component_state", component.pk, status="major_outage")
    change = ImpactChange.objects.get(component=component)
    earlier = change.at.replace(hour=0, minute=0).strftime("%Y-%m-%dT%H:%M")
    said = press(
        alma, "status_impact_correct", change.pk, status="partial_outage", at=earlier, reason="Only some mailboxes."
    )
    assert "Corrected later" in said
    assert "a correction" in said
    component.refresh_from_db()
    assert component.status == "partial_outage"


def test_a_prepared_text_is_written_and_what_nothing_fills_refused(alma: Person) -> None:
    typed = {"label": "Mail late", "incident_type": "mail", "stage": "investigating", "text_en": "{{ components }}"}
    refused = send(alma, "status_template_add", **{**typed, "text_en": "{{ title }}"})
    assert refused.status_code == 422
    assert "Nothing fills title" in refused.content.decode()
    press(alma, "status_template_add", **typed)
    template = UpdateTemplate.objects.get()
    assert template.texts == {"en": "{{ components }}"}
    assert "no longer offered" in press(alma, "status_template_archive", template.pk)
    assert "is offered again" in press(alma, "status_template_restore", template.pk)


def test_a_policy_is_set_for_a_severity(alma: Person) -> None:
    press(alma, "status_policy_edit", 1, approvals="1", promise_s="20", holds_s="10")
    policy = PublishingPolicy.objects.get()
    assert (policy.severity, policy.approvals, policy.promise_s, policy.holds_s) == (1, 1, 1200, 600)
    assert "After 10 min of silence Muster says" in read(alma, "status_policies")
    assert as_(alma).get(reverse("status_policy_edit", args=[7])).status_code == 404


def test_a_figure_is_named_changed_and_removed(alma: Person, page: StatusPage) -> None:
    press(alma, "status_metric_add", name="Answer time", unit="ms", decimals="0")
    metric = Metric.objects.get()
    press(alma, "status_metric_edit", metric.pk, name="Answer time", unit="s", decimals="2")
    metric.refresh_from_db()
    assert (metric.unit, metric.decimals) == ("s", 2)
    press(alma, "status_metric_remove", metric.pk)
    assert not Metric.objects.exists()


def test_what_nobody_made_yet_says_what_to_do(alma: Person) -> None:
    assert "No status page yet" in read(alma, "status_pages")
    assert "Nothing is prepared" in read(alma, "status_templates")
    assert "No figure yet" in read(alma, "status_metrics")
    assert "Nothing is planned" in read(alma, "status_maintenance")
    assert "Nothing found" in read(alma, "status_incidents")
    assert "No status page yet" in words_of(as_(alma).get(reverse("status_draft")))

"""Customers' forms and staff's screens about customers in a real Chromium: usable, clean, also without scripts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.urls import reverse
from playwright.sync_api import expect
from pytest_django import Settings

from engine import clock
from people.models import Person
from statuspage.customers import site
from statuspage.models import Comment, PublicIncident, Report, StatusPage
from statuspage.site.file import never
from tests.browser.conftest import DESK, PHONE, OpenPage, accessibility_faults
from tests.builders import make_person
from tests.statuspage.builders import make_component, make_group, make_page, make_public_incident
from tests.statuspage.customers.building import give_link, make_asset, make_customer, make_server, take_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LOOKS = [(DESK, "light"), (PHONE, "dark")]


@pytest.fixture(autouse=True)
def _forms_lead_here(settings: Settings, live_server: Any) -> None:
    settings.PUBLIC_URL = live_server.url


@pytest.fixture
def page() -> StatusPage:
    now = clock.now()
    page = make_page(languages=["de"], now=now)
    web = make_component(page, "Web hosting", now=now)
    server = make_server(page, "web-17", web)
    customer = make_customer(page, "K-10042", "bakery.example", server=server, name="Nordic Bakery")
    make_asset(customer, "bakery-shop", kind="account")
    make_public_incident(page, components={web: "major_outage"}, name="Disks of web servers fail", now=now)
    return page


@pytest.fixture
def cam() -> Person:
    return make_person("Cam")


@pytest.fixture
def alma() -> Person:
    return make_person("Alma")


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_is_it_me_is_answered_without_a_script(
    page: StatusPage, open_page: OpenPage, size: object, scheme: str
) -> None:
    shown = open_page(f"/status-pages/{page.pk}/is-it-me", size=size, scheme=scheme)
    shown.get_by_label("Domain or account").fill("bakery.example")
    shown.get_by_label("Customer number").fill("k-10042")
    shown.get_by_role("button", name="Look up").click()
    expect(shown.get_by_role("heading", name="Disks of web servers fail")).to_be_visible()
    assert accessibility_faults(shown) == []
    plain = open_page(f"/status-pages/{page.pk}/is-it-me", size=size, scheme=scheme, script=False)
    plain.get_by_label("Domain or account").fill("nobody.example")
    plain.get_by_label("Customer number").fill("K-1")
    plain.get_by_role("button", name="Look up").click()
    expect(plain.get_by_text("We know of nothing that affects nobody.example")).to_be_visible()


def test_a_comment_is_read_once_more_and_sent(page: StatusPage, open_page: OpenPage) -> None:
    incident = PublicIncident.objects.get()
    shown = open_page(f"/status-pages/{page.pk}/is-it-me")
    shown.evaluate(
        """([page, incident]) => {
            const form = document.createElement("form");
            form.method = "post";
            form.action = `/status-pages/${page}/comment`;
            for (const [name, value] of [["incident", incident], ["text", "Since when?\\n\\nIt is urgent."]]) {
                const field = document.createElement("textarea");
                field.name = name;
                field.value = value;
                form.append(field);
            }
            document.body.append(form);
            form.submit();
        }""",
        [page.pk, incident.pk],
    )
    expect(shown.get_by_text("Please read it once more")).to_be_visible()
    assert shown.get_by_role("textbox", name="Comment").input_value() == "Since when?\n\nIt is urgent."
    assert accessibility_faults(shown) == []
    shown.wait_for_timeout(3100)
    shown.get_by_role("button", name="Send").click()
    expect(shown.get_by_role("heading", name="Thank you")).to_be_visible()
    assert Comment.objects.get().text == "Since when?\n\nIt is urgent."
    assert not Report.objects.exists()


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_a_page_behind_a_password_opens_and_closes(
    open_page: OpenPage, settings: Settings, tmp_path: Path, size: object, scheme: str
) -> None:
    settings.VAR_DIR = tmp_path
    settings.STATUS_PUBLISH_DIR = tmp_path / "status"
    private = make_page("Partners", slug="p", audience="password", password=make_password("nine tin boats"))
    make_component(private, "Wholesale", group=make_group(private))
    shown = open_page(f"/status-pages/{private.pk}/private/", size=size, scheme=scheme, expected="status of 40")
    assert accessibility_faults(shown) == []
    shown.get_by_label("Password").fill("nine tin boats")
    shown.get_by_role("button", name="Open the page").click()
    expect(shown.get_by_text("Wholesale").first).to_be_visible()
    assert accessibility_faults(shown) == []
    shown.get_by_role("button", name="Sign out").click()
    expect(shown.get_by_label("Password")).to_be_visible()


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_a_customer_s_own_page_is_clean(
    page: StatusPage, open_page: OpenPage, settings: Settings, tmp_path: Path, size: object, scheme: str
) -> None:
    give_link(page.customers.get())
    (file,) = site.files(page, clock.now(), never)
    shown = open_page(f"/status-pages/{page.pk}/is-it-me", size=size, scheme=scheme, expected="404")
    # Its text in the frame of a page of ours, whose style it shares: the published folder is served by others.
    text = file.body.decode()
    main = text[text.index("<main") : text.index("</main>") + 7]
    shown.evaluate("main => { document.querySelector('main').outerHTML = main; }", main)
    expect(shown.get_by_text("bakery.example")).to_be_visible()
    assert accessibility_faults(shown) == []
    assert tmp_path.exists()


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_staff_s_screens_are_clean(
    page: StatusPage, alma: Person, open_page: OpenPage, stream: str, size: object, scheme: str
) -> None:
    take_in(page, [f"K-{n},Company {n},it{n}@a.example,,,,,," for n in range(60)])
    customer = give_link(page.customers.get(number="K-10042"))
    incident = PublicIncident.objects.get()
    for number in range(3):
        Comment.objects.create(
            public_incident=incident, name="Ida", text=f"Since when? ({number})", reporter="r", created_at=clock.now()
        )
    places = [reverse(name) for name in ("status_customers", "status_servers", "status_import", "status_comments")]
    for place in [*places, reverse("status_customer", args=[customer.pk])]:
        shown = open_page(place, person=alma, size=size, scheme=scheme)
        assert accessibility_faults(shown) == [], place
        assert shown.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), place


def test_a_file_goes_in_by_hand(
    page: StatusPage, alma: Person, open_page: OpenPage, stream: str, tmp_path: Path
) -> None:
    file = tmp_path / "customers.csv"
    file.write_text("customer,name\nK-1,New Bakery\n")
    shown = open_page(reverse("status_import"), person=alma)
    shown.get_by_label("CSV file").set_input_files(file)
    shown.get_by_label("Remove what the file does not name").check()
    shown.get_by_role("button", name="Read the file").click()
    expect(shown.get_by_text("1 removed customer")).to_be_visible()
    assert accessibility_faults(shown) == []
    shown.get_by_role("button", name="Drop the file").click()
    expect(shown.get_by_text("nothing was changed by it")).to_be_visible()


def test_a_comment_is_let_through_and_answered(page: StatusPage, cam: Person, open_page: OpenPage, stream: str) -> None:
    comment = Comment.objects.create(
        public_incident=PublicIncident.objects.get(), text="Since when?", reporter="r", created_at=clock.now()
    )
    shown = open_page(reverse("status_comments"), person=cam)
    shown.get_by_text("Answer", exact=True).click()
    shown.get_by_label("Everybody reads it").fill("Since three.")
    shown.get_by_role("button", name="Show with this answer").click()
    expect(shown.get_by_text("No comment here")).to_be_visible()
    comment.refresh_from_db()
    assert (comment.state, comment.reply) == ("shown", "Since three.")

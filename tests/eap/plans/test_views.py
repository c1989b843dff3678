"""Plans on the screen: what each page shows, and what each form does."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from eap.models import Plan, PlanVersion
from people.models import Person
from tests.builders import make_person, make_team
from tests.eap.format.texts import LOOK, plan_text
from tests.eap.plans.builders import make_draft, make_in_review, make_published
from tests.web.test_pages import checked

pytestmark = pytest.mark.django_db
CHANGED = (
    LOOK.replace("Look at the host", "Look twice")
    + "- {id: again, kind: manual, title: Again, role: ops, needs: [look]}\n"
)


def browser_of(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def otto() -> Person:
    return make_person("Otto")


@pytest.fixture
def browser(otto: Person) -> Client:
    return browser_of(otto)


def address(name: str, version: PlanVersion) -> str:
    return reverse(name, args=[version.plan.key, version.number])


def page(client: Client, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status, answer.content[:300]
    return checked(answer.content.decode())


def test_the_list_shows_what_is_in_use_and_what_is_under_work(browser: Client, otto: Person) -> None:
    make_published(person=otto)
    make_in_review(key="restore-db")
    shown = page(browser, reverse("plans"))
    assert shown.count("Restore a web server") == 2
    assert "In review" in shown
    assert "Restore" not in page(browser, reverse("plans") + "?q=nothing-like-it").split("<main")[1]
    assert "No plan here" in page(browser, reverse("plans") + "?show=archived")


def test_a_plan_shows_its_steps_as_picture_and_list(browser: Client, otto: Person) -> None:
    version = make_published(CHANGED, person=otto)
    shown = page(browser, reverse("plan", args=[version.plan.key]))
    assert 'role="img"' in shown
    assert 'data-step="again"' in shown
    assert 'id="step-again"' in shown
    assert "after 1" in shown
    assert "Propose a change" in shown


def test_a_plan_is_written_checked_saved_and_handed_in(browser: Client, otto: Person) -> None:
    version = make_draft(person=otto)
    url = address("plan_edit", version)
    assert "Look at the host" in page(browser, url)
    wrong = plan_text().replace("role: ops", "role: opps")
    tried = browser.post(url, {"text": wrong, "notes": "", "revision": 1, "check": "yes"})
    assert "No role is called" in tried.content.decode()
    version.refresh_from_db()
    assert version.revision == 1
    saved = browser.post(url, {"text": plan_text(CHANGED).replace("\n", "\r\n"), "notes": "Twice", "revision": 1})
    assert saved.status_code == 302
    version.refresh_from_db()
    assert (version.text, version.notes, version.revision) == (plan_text(CHANGED), "Twice", 2)
    sent = browser.post(url, {"text": version.text, "notes": "Twice", "revision": 2, "submit": "yes"})
    assert sent["Location"] == address("plan_version", version)
    assert browser.get(url)["Location"] == address("plan_version", version)


def test_what_somebody_wrote_comes_back_whatever_is_wrong(browser: Client, otto: Person) -> None:
    version = make_draft(person=otto)
    url, mine = address("plan_edit", version), plan_text() + "# what Otto wrote\n"
    theirs = browser_of(make_person("Mia"))
    theirs.post(url, {"text": plan_text() + "# what Mia wrote\n", "notes": "", "revision": 1})
    clash = browser.post(url, {"text": mine, "notes": "my reason", "revision": 1})
    assert clash.status_code == 409
    shown = checked(clash.content.decode())
    assert "Mia saved this draft while you were writing" in shown
    assert "# what Otto wrote\n</textarea>" in shown
    assert "# what Mia wrote</code>" in shown
    assert "my reason" in shown
    again = browser.post(url, {"text": mine, "notes": "my reason", "revision": 2})
    assert again.status_code == 302
    broken = browser.post(url, {"text": "key: [", "notes": "", "revision": 3, "submit": "yes"})
    assert broken.status_code == 409
    assert "key: [" in broken.content.decode()
    version.refresh_from_db()
    assert version.text == "key: [\n"


def test_a_text_is_checked_while_it_is_written(browser: Client) -> None:
    answer = browser.post(reverse("plan_check"), {"text": plan_text(LOOK.replace("role: ops", "role: opps"))})
    shown = checked(answer.content.decode())
    assert 'data-line="22"' in shown
    assert "1 error" in shown
    assert "Look at the host" in shown
    nothing = browser.post(reverse("plan_check"), {"text": ""}).content.decode()
    assert "There is nothing here yet" in nothing


def test_a_plan_begins_from_a_template_or_a_file(browser: Client) -> None:
    url = reverse("plan_new")
    page(browser, url)
    begun = browser.post(url, {"template": "", "key": "our-own"})
    assert begun["Location"] == reverse("plan_edit", args=["our-own", 1])
    page(browser, begun["Location"])
    taken = browser.post(url, {"template": "", "key": "our-own"})
    assert taken.status_code == 422
    assert "already" in taken.content.decode()
    file = SimpleUploadedFile("plan.yaml", plan_text().encode())
    assert browser.post(url, {"file": file})["Location"] == reverse("plan_edit", args=["restore-web", 1])
    binary = SimpleUploadedFile("plan.yaml", b"\xff\xfe\x00")
    assert "UTF-8" in browser.post(url, {"file": binary}).content.decode()


def test_the_second_person_sees_what_is_different_and_publishes(browser: Client, otto: Person) -> None:
    first = make_published(person=otto)
    vera = browser_of(make_person("Vera"))
    browser.post(reverse("plan_propose", args=[first.plan.key]), {"notes": "It took too long"})
    second = first.plan.versions.get(number=2)
    browser.post(address("plan_edit", second), {"text": plan_text(CHANGED), "notes": "It took too long", "revision": 1})
    browser.post(address("plan_submit", second))
    own = page(browser, address("plan_version", second))
    assert "somebody else has to publish it" in own
    assert "Publish</button>" not in own
    shown = page(vera, address("plan_version", second))
    for said in ("What is different from version 1", "Added", "Look twice", "It took too long", "Publish</button>"):
        assert said in shown
    second.refresh_from_db()
    assert browser.post(address("plan_publish", second), {"digest": second.digest}).status_code in (302, 403)
    assert Plan.objects.get().published == first
    vera.post(address("plan_publish", second), {"digest": second.digest})
    assert Plan.objects.get().published == second


def test_the_second_person_sends_it_back_with_a_reason(otto: Person) -> None:
    version = make_in_review(person=otto)
    vera = browser_of(make_person("Vera"))
    vera.post(address("plan_reject", version), {"reason": "Who calls the customer?"})
    shown = page(browser_of(otto), address("plan_version", version))
    assert "Vera sent this version back" in shown
    assert "Who calls the customer?" in shown
    begun = browser_of(otto).post(reverse("plan_propose", args=[version.plan.key]), {"from": "1"})
    assert begun["Location"] == reverse("plan_edit", args=[version.plan.key, 2])


def test_a_draft_is_taken_back_and_thrown_away(browser: Client, otto: Person) -> None:
    version = make_in_review(person=otto)
    assert browser.post(address("plan_take_back", version))["Location"] == address("plan_edit", version)
    assert browser.post(address("plan_discard", version))["Location"] == reverse("plans")
    assert not Plan.objects.exists()


def test_a_plan_leaves_use_and_comes_back(browser: Client, otto: Person) -> None:
    version = make_published(person=otto)
    url = reverse("plan_archive", args=[version.plan.key])
    browser.post(url)
    assert Plan.objects.get().archived_at is not None
    assert "Put it back in use" in page(browser, reverse("plan", args=[version.plan.key]))
    browser.post(url)
    assert Plan.objects.get().archived_at is None


def test_a_version_is_given_as_a_file_and_the_format_as_a_schema(browser: Client, otto: Person) -> None:
    version = make_published(person=otto)
    given = browser.get(address("plan_export", version))
    assert given.content.decode() == version.text
    assert "restore-web-1.yaml" in given["Content-Disposition"]
    assert browser.get(reverse("plan_schema")).json()["title"] == "A plan of Muster"


def test_a_plan_on_paper_says_whom_to_call_by_telephone(browser: Client, otto: Person) -> None:
    team = make_team("Hosting", otto)
    text = plan_text(CHANGED).replace("incident_role: operations}", f"team: {team.name}}}")
    version = make_draft(text=text, person=otto)
    method = otto.contact_methods.get(channel="voice")
    shown = page(browser, address("plan_paper", version))
    assert method.address in shown
    assert "☐" in shown
    assert "Look twice" in shown
    assert "Host" in shown
    assert method.address not in page(browser_of(make_person("Sam")), address("plan_paper", version), 403)


def test_a_draft_that_says_nothing_has_no_paper(browser: Client, otto: Person) -> None:
    version = make_draft(text="key: restore-web\nsteps: [", person=otto)
    assert browser.get(address("plan_paper", version)).status_code == 409
    page(browser, address("plan_version", version))


def test_an_observer_reads_and_changes_nothing() -> None:
    version = make_published()
    sam = browser_of(make_person("Sam"))
    shown = page(sam, reverse("plan", args=[version.plan.key]))
    assert "Propose a change" not in shown
    assert "On paper" not in shown
    assert sam.post(reverse("plan_propose", args=[version.plan.key])).status_code == 403


def test_what_people_write_stays_text(browser: Client, otto: Person) -> None:
    steps = """
    - id: look
      kind: manual
      title: <script>alert(1)</script>
      role: ops
      instructions: |
        <img src=x onerror=alert(1)> **Look** at [this](javascript:alert(1)) and [that](https://example.com/).
    """
    version = make_published(steps, person=otto)
    shown = browser.get(reverse("plan", args=[version.plan.key])).content.decode()
    assert "<script>alert" not in shown
    assert "<img" not in shown
    assert "javascript:" not in shown.replace("](javascript:alert(1))", "")
    assert "<strong>Look</strong>" in shown
    assert 'href="https://example.com/"' in shown

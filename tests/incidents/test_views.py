"""The incident's screens as a browser sees them: what stands there, what a press does, how many queries it takes."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from incidents.models import Incident, RoleAssignment
from incidents.operations.suggest import suggest
from ledger.actor import Actor
from notifications.models import Page
from people.models import Person
from tests.builders import make_person, make_schedule
from tests.incidents.builders import Company, after, answer, make_company, make_incident, make_service, pass_time

pytestmark = pytest.mark.django_db


class Text(HTMLParser):
    """The words of a page without its navigation, as one line."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.words: list[str] = []
        self.feed(page.decode().partition("<main")[2].partition("</main>")[0])

    def handle_data(self, data: str) -> None:
        """Keep what is read."""
        self.words += data.split()

    def __str__(self) -> str:
        return " ".join(self.words)


def as_(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def read(client: Client, name: str, *args: object) -> str:
    answered = client.get(reverse(name, args=args))
    assert answered.status_code == 200
    return str(Text(answered.content))


def press(client: Client, incident: Incident, verb: str, **given: object) -> str:
    """Press a button of the room and read the page it leads to."""
    room = f"http://testserver{reverse('incident', args=[incident.number])}"
    answered = client.post(
        reverse(f"incident_{verb}", args=[incident.number]), given, headers={"referer": room}, follow=True
    )
    assert answered.status_code == 200
    incident.refresh_from_db()
    return str(Text(answered.content))


@pytest.fixture
def company() -> Company:
    return make_company()


@pytest.fixture
def gathering(company: Company) -> Incident:
    """Return a SEV1 whose leaders are being called."""
    incident = make_incident(service=make_service("ftp"), summary="Hashes may be copied.")
    pass_time(0)
    return incident


def test_a_quiet_night_says_who_is_on_call() -> None:
    otto = make_person("Otto")
    make_schedule("Hosting", otto)
    text = read(as_(otto), "now")
    assert "All quiet" in text
    assert "Otto is on call" in text


def test_now_shows_what_is_open_with_command_and_muster(company: Company, gathering: Incident) -> None:
    text = read(as_(company.cam), "now")
    assert gathering.title in text
    assert "nobody has command" in text
    assert "0 of 4" in text
    answer(gathering, company.otto, "on_call", at=10)
    text = read(as_(company.cam), "now")
    assert "Otto has command" in text
    assert "1 of 4" in text


def test_my_page_comes_first_with_its_button(company: Company, gathering: Incident) -> None:
    text = read(as_(company.ada), "now")
    assert text.index("Acknowledge") < text.index("On call")
    assert "Acknowledge" not in read(as_(company.cam), "now")


def test_somebody_late_for_several_tiers_is_named_once(company: Company) -> None:
    incident = make_incident()
    pass_time(0, 301, 482)
    late = read(as_(company.cam), "now")
    names = [role for role in ("Mia", "Vera") if late.count(f"{role} {incident.number}") > 1]
    assert "Late" in late
    assert names == []


def test_one_line_declares(company: Company) -> None:
    answered = as_(company.sid).post(reverse("declare"), {"title": "Mail is slow", "severity": "3"}, follow=True)
    incident = Incident.objects.get()
    assert (incident.title, incident.severity, incident.declared_by) == ("Mail is slow", 3, company.sid)
    assert answered.redirect_chain[-1][0] == reverse("incident", args=[incident.number])


def test_before_pressing_one_reads_who_will_be_called(company: Company) -> None:
    text = read(as_(company.sid), "declare")
    assert "Meaning of SEV1" in text
    assert "Calls Ada, Vic, Vera, Mia, Max, Otto at once" in text


def test_nothing_typed_is_lost_when_the_title_is_missing(company: Company) -> None:
    page = as_(company.sid).post(reverse("declare"), {"title": "", "severity": "2", "summary": "Since two o'clock"})
    assert page.status_code == 422
    assert "Since two o&#x27;clock" in page.content.decode()
    assert 'value="2" checked' in page.content.decode()
    assert not Incident.objects.exists()


def test_the_room_shows_each_leader(company: Company, gathering: Incident) -> None:
    answer(gathering, company.vera, "vp", at=20)
    pass_time(301)
    text = read(as_(company.otto), "incident", gathering.number)
    assert "Vera VP Engineering" in text
    assert "Confirmed" in text
    assert "Ada CEO" in text
    assert "Vera stands in" in text
    assert "by keypad" in text


def test_a_complete_muster_tells_its_time(company: Company, gathering: Incident) -> None:
    for person, tier, at in ((company.otto, "on_call", 5), (company.ada, "ceo", 30), (company.mia, "manager", 60)):
        answer(gathering, person, tier, at=at)
    answer(gathering, company.vic, "vp", at=152)
    assert "2:32 to muster" in read(as_(company.otto), "incident", gathering.number)
    assert "Mustered in 2:32" in read(as_(company.otto), "incidents")


def test_the_usual_way_to_the_end(company: Company, gathering: Incident) -> None:
    client = as_(company.otto)
    press(client, gathering, "command")
    assert RoleAssignment.objects.get(incident=gathering, role="commander").person == company.otto
    for status in ("investigating", "identified", "monitoring"):
        assert "The status is changed" in press(client, gathering, "status", status=status, note=f"Now {status}")
        assert gathering.status == status
    assert "Nobody is called any more" in press(client, gathering, "resolve", note="All is well")
    assert not Page.objects.filter(subject=gathering.subject, state="paging").exists()
    press(client, gathering, "close", note="Learned")
    assert gathering.status == Incident.Status.CLOSED
    text = read(client, "incident_timeline", gathering.number)
    assert "Now identified" in text
    assert "All is well" in text
    press(client, gathering, "reopen", note="It came back")
    assert gathering.is_open


def test_the_next_step_is_offered_as_one_tap_once_my_page_is_answered(company: Company, gathering: Incident) -> None:
    assert "We investigate" not in read(as_(company.otto), "incident", gathering.number)
    answer(gathering, company.otto, "on_call", at=10)
    assert "We investigate" in read(as_(company.otto), "incident", gathering.number)
    press(as_(company.otto), gathering, "status", status="investigating")
    assert "The cause is identified" in read(as_(company.otto), "incident", gathering.number)


def test_what_the_machine_suggests_is_one_tap(company: Company, gathering: Incident) -> None:
    with transaction.atomic():
        suggest(incident_id=gathering.pk, suggestion="All its alerts are resolved.", by=Actor.system(), now=after(60))
    room = as_(company.otto).get(reverse("incident", args=[gathering.number])).content.decode()
    assert 'name="note" value="All its alerts are resolved."' in room
    press(as_(company.otto), gathering, "resolve", note="All its alerts are resolved.")
    assert (gathering.status, gathering.suggestion) == (Incident.Status.RESOLVED, "")


def test_notes_roles_people_severity_and_words(company: Company) -> None:
    incident = make_incident(severity=2)
    client = as_(company.otto)
    assert "The key is revoked" in press(client, incident, "note", text="The key is revoked")
    assert "Communications lead" in press(client, incident, "role", role="communications", person=company.cam.pk)
    press(client, incident, "responders", people=[company.sid.pk, company.cam.pk])
    called = Page.objects.get(purpose="responders").policy["levels"][0]["targets"]
    assert {target["name"] for target in called} == {"Sid", "Cam"}
    press(client, incident, "severity", severity="1", reason="It is worse")
    press(client, incident, "rename", title="Customer data copied", summary="Since 02:47")
    assert (incident.severity, incident.title, incident.summary) == (1, "Customer data copied", "Since 02:47")


def test_merging_leads_on_to_the_other(company: Company) -> None:
    first, second = make_incident("Mail down"), make_incident("Mail is slow", severity=3)
    text = press(as_(company.otto), second, "merge", into=first.pk)
    assert second.merged_into == first
    assert "It goes on in another incident" in text


def test_a_refused_move_tells_why_and_changes_nothing(company: Company) -> None:
    incident = make_incident(severity=3)
    client = as_(company.otto)
    press(client, incident, "resolve")
    assert "Nothing was" in (text := press(client, incident, "decline")) or "can't" in text or "resolved" in text
    assert incident.status == Incident.Status.RESOLVED


def test_an_empty_note_is_refused(company: Company) -> None:
    incident = make_incident(severity=3)
    before = incident.version
    press(as_(company.otto), incident, "note", text="")
    assert incident.version == before


def test_a_private_incident_does_not_exist_for_strangers(company: Company) -> None:
    incident = make_incident(private=True)
    sam = as_(make_person("Sam"))
    for name in ("incident", "briefing", "incident_timeline"):
        assert sam.get(reverse(name, args=[incident.number])).status_code == 404
    assert incident.title not in read(sam, "now") + read(sam, "incidents")


def test_the_briefing_tells_what_an_executive_asks(company: Company, gathering: Incident) -> None:
    answer(gathering, company.otto, "on_call", at=10)
    text = read(as_(company.ada), "briefing", gathering.number)
    for word in ("For Ada, CEO", "Hashes may be copied.", "Hit Ftp", "Command Otto", "1 of 4", "Acknowledge"):
        assert word in text
    assert "Called with you Max, Mia, Otto, Vera, Vic" in text


def test_the_list_finds_by_word_number_severity_and_state(company: Company) -> None:
    mail, disk = make_incident("Mail down", severity=2), make_incident("Disk full", severity=3)
    client = as_(company.otto)
    press(client, disk, "resolve")

    def found(query: str) -> set[str]:
        text = str(Text(client.get(f"{reverse('incidents')}?{query}").content))
        return {incident.title for incident in (mail, disk) if incident.title in text}

    assert found("") == {"Mail down", "Disk full"}
    assert (
        found("q=disk") == found(f"q={disk.number}") == found("severity=3") == found("status=resolved") == {"Disk full"}
    )
    assert found("status=open") == {"Mail down"}
    assert found("q=100%25") == set()
    assert found("status=nonsense&severity=9&before=x") == {"Mail down", "Disk full"}


def test_the_list_goes_on_by_number(company: Company) -> None:
    made = [make_incident(f"Incident of row {n:02}", severity=4) for n in range(32)]
    client = as_(company.otto)
    first = client.get(reverse("incidents")).content.decode()
    assert f"before={made[2].number}" in first
    second = str(Text(client.get(f"{reverse('incidents')}?before={made[2].number}").content))
    assert "row 01" in second
    assert "row 02" not in second


def queries(client: Client, name: str, *args: object) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert client.get(reverse(name, args=args)).status_code == 200
    return len(seen)


def test_now_and_the_room_cost_the_same_however_much_happens(company: Company) -> None:
    client = as_(company.otto)
    incident = make_incident()
    make_incident("Another one", severity=2)
    pass_time(0)
    screens = (("now",), ("incident", incident.number), ("briefing", incident.number), ("incidents",))
    for screen in screens:
        queries(client, *screen)
    few = [queries(client, *screen) for screen in screens]
    for number in range(5):
        make_incident(f"One more {number}", severity=2, now=after(number))
    pass_time(301, 482)
    answer(incident, company.mia, "manager", at=490)
    assert [queries(client, *screen) for screen in screens] == few
    assert max(few) <= 36  # the panels of the floors above included: status page, plans, bridge, Slack


def test_who_may_not_declare_is_not_offered_it(company: Company) -> None:
    leo = as_(make_person("Leo"))  # an auditor
    for name in ("now", "incidents"):
        assert reverse("declare") not in leo.get(reverse(name)).content.decode()
    assert leo.get(reverse("declare")).status_code == 403

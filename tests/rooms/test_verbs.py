"""What people say from anywhere outside the web."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.db.transaction import TransactionManagementError

from incidents.models import Incident
from incidents.operations.take_command import take_command
from ledger.queries import entries
from people.models import Person
from people.permissions import READ
from rooms.verbs import Said, Verb, Verbs, verbs
from tests.builders import NOW, by, make_person, make_schedule
from tests.incidents.builders import after, make_company, make_incident
from tests.statuspage.builders import make_page as make_status_page
from tests.statuspage.builders import make_public_incident

pytestmark = pytest.mark.django_db


def say(person: Person, text: str, *, seconds: float = 60) -> str:
    """Let somebody say something, as any room would."""
    found = verbs.read(text)
    assert found is not None, text
    verb, argument = found
    with transaction.atomic():
        return verbs.run(verb, Said(person=person, argument=argument, via="sms", now=after(seconds)))


@pytest.mark.parametrize(
    ("text", "name", "argument"),
    [
        ("status", "status", ""),
        ("  STATUS. ", "status", ""),
        ("Status 1042", "status", "1042"),
        ("status: 1042?", "status", "1042?"),
        ("\uff33\uff34\uff21\uff34\uff35\uff33 \uff11\uff10\uff14\uff12", "status", "1042"),
        ("DECLARE Power lost in hall 2", "declare", "Power lost in hall 2"),
        ("declare: Power lost\nin hall 2!", "declare", "Power lost\nin hall 2!"),
        ("Declare \u2013 Power lost", "declare", "Power lost"),
        ("\U0001f6a8 declare Power lost", "declare", "Power lost"),
        ("oncall", "oncall", ""),
        ("Help!", "help", ""),
        ("oncall?", "oncall", ""),
    ],
)
def test_the_first_word_is_the_verb(text: str, name: str, argument: str) -> None:
    found = verbs.read(text)
    assert found is not None
    assert (found[0].name, found[1]) == (name, argument)


@pytest.mark.parametrize(
    "text",
    ["", "   ", "1", "ack", "what is the status", "statuses", "help is on the way", "approve 4821", "\U0001f44d"],
)
def test_other_words_are_no_verbs(text: str) -> None:
    assert verbs.read(text) is None


def test_two_verbs_of_one_word_are_a_mistake() -> None:
    known = Verbs()
    first = Verb(name="a", words=("a", "x"), usage="A", what="", capability=READ, run=lambda _said: "")
    known.register(first)
    known.register(first)
    with pytest.raises(ValueError, match="'x'"):
        known.register(Verb(name="b", words=("x",), usage="X", what="", capability=READ, run=lambda _said: ""))


def test_a_verb_runs_only_with_its_receipts_transaction(transactional_db: None) -> None:
    verb = verbs.read("status")
    assert verb is not None
    with pytest.raises(TransactionManagementError):
        verbs.run(verb[0], Said(person=make_person(), argument="", via="sms", now=NOW))


def test_status_says_how_an_incident_stands() -> None:
    ada = make_company().ada
    incident = make_incident("Power lost in hall 2", declared_by=ada)
    line = f"SEV1 {incident.number} triage, no IC, 0 of 4 confirmed (Power lost in hall 2)"
    assert say(ada, "status") == say(ada, f"status {incident.number}") == line
    with transaction.atomic():
        take_command(incident_id=incident.pk, person=ada, by=by(ada), now=after(1))
    public = make_public_incident(make_status_page(), incident=incident)
    public.next_update_at = after(3600)
    public.published_at = NOW
    public.save()
    assert "IC Ada" in say(ada, "status")
    assert f"next word {after(3600):%H:%M}" in say(ada, "status")


def test_status_lists_the_worst_first_and_counts_the_rest() -> None:
    ada = make_person("Ada")
    assert say(ada, "status") == "No incident is open."
    numbers = {severity: make_incident(f"Number {severity}", severity=severity).number for severity in (4, 2, 3, 1)}
    lines = say(ada, "status").splitlines()
    assert [line.split()[:2] for line in lines] == [[f"SEV{each}", str(numbers[each])] for each in (1, 2, 3, 4)]
    make_incident("One more", severity=4)
    assert say(ada, "status").splitlines()[-1] == "And 1 more."


def test_status_tells_of_a_private_incident_only_those_who_may_see_it_and_never_its_title() -> None:
    sid, otto = make_person("Sid"), make_person("Otto")
    secret = make_incident("Somebody reads our mail", declared_by=sid, private=True)
    assert say(otto, "status") == "No incident is open."
    assert say(otto, f"status {secret.number}") == f"There is no incident {secret.number}."
    assert f"SEV1 {secret.number} triage" in say(sid, "status")
    assert "mail" not in say(sid, "status")


@pytest.mark.parametrize("argument", ["who knows", "99999999999", "1042a", "1 2"])
def test_status_of_something_else_is_explained(argument: str) -> None:
    assert say(make_person("Ada"), f"status {argument}") == (
        "STATUS tells what is open, STATUS 1042 how one incident stands."
    )


def test_declare_opens_an_incident_and_says_where_it_is() -> None:
    otto = make_person("Otto")
    answer = say(otto, "declare Power   lost\nin hall 2")
    incident = Incident.objects.get()
    assert (incident.title, incident.severity, incident.declared_by) == ("Power lost in hall 2", 3, otto)
    assert incident.declared_via == "sms"
    assert f"SEV3 {incident.number}, " in answer
    assert f"/incidents/{incident.number}/" in answer
    assert entries(incident.subject)[0].verb == "incident.declared"


def test_the_same_words_again_declare_nothing_new_for_a_while() -> None:
    otto, olga = make_person("Otto"), make_person("Olga")
    say(otto, "declare Power lost")
    first = Incident.objects.get()
    assert f"already: SEV3 {first.number}" in say(otto, "DECLARE  Power lost", seconds=200)
    assert Incident.objects.count() == 1
    say(olga, "declare Power lost", seconds=200)
    say(otto, "declare Power lost", seconds=60 + 301)
    assert Incident.objects.count() == 3


def test_declare_needs_words_and_the_right_and_changes_nothing_without() -> None:
    leo = make_person("Leo")
    assert "Your role" in say(leo, "declare Power lost")
    assert "Say in one line what is wrong" in say(make_person("Ada"), "declare")
    assert "Keep the title under" in say(make_person("Ada"), f"declare {'x' * 201}")
    assert not Incident.objects.exists()


def test_oncall_names_the_people_of_each_schedule() -> None:
    otto, olga = make_person("Otto"), make_person("Olga")
    assert say(otto, "oncall") == "There is no schedule."
    make_schedule("Hosting", otto, olga)
    make_schedule("Mail")
    first, second = say(olga, "oncall").splitlines()
    assert first.startswith("Hosting: Otto until ")
    assert second == "Mail: nobody"


def test_help_names_only_what_the_person_may_do() -> None:
    assert "DECLARE" in say(make_person("Ada"), "help")
    assert "DECLARE" not in say(make_person("Leo"), "help")
    assert "STATUS" in say(make_person("Leo"), "help")

"""`declare` on the command line."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from incidents.models import Incident
from tests.builders import make_person
from tests.incidents.builders import make_service

pytestmark = pytest.mark.django_db


def test_it_prints_number_and_address() -> None:
    sue = make_person("Sue")
    make_service("mail", make_person("Otto"))
    out = io.StringIO()
    call_command(
        "declare",
        "Mail is slow",
        "--severity",
        "SEV2",
        "--type",
        "mail",
        "--service",
        "mail",
        "--as",
        sue.email.upper(),
        stdout=out,
        stderr=io.StringIO(),
    )
    incident = Incident.objects.get()
    assert out.getvalue() == f"{incident.number}  http://testserver/incidents/{incident.number}/\n"
    assert (incident.severity, incident.type, incident.declared_by, incident.declared_via) == (2, "mail", sue, "cli")


def test_without_a_name_the_command_line_declares_and_nobody_to_call_is_said() -> None:
    err = io.StringIO()
    call_command("declare", "Mail is slow", stdout=io.StringIO(), stderr=err)
    assert Incident.objects.get().declared_by_name == "Command line"
    assert "Nobody was called" in err.getvalue()


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--severity", "SEV9"], "Choose SEV1"),
        (["--as", "nobody@harbor.example"], "Nobody with the address"),
        (["--service", "fax"], "There is no service 'fax'"),
    ],
)
def test_what_can_not_be_used_is_refused_with_a_sentence(more: list[str], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        call_command("declare", "Mail is slow", *more)
    assert not Incident.objects.exists()


def test_an_empty_title_is_refused() -> None:
    with pytest.raises(CommandError, match="Say in one line what is wrong"):
        call_command("declare", "  ")

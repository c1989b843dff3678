"""`page`: somebody paged from the command line."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from engine import clock, duties
from notifications.models import Delivery, Page
from tests.builders import make_person, make_policy
from tests.notifications.watching import record

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("page", *arguments, stdout=out)
    return out.getvalue().strip()


def test_a_person_is_paged_and_the_address_printed() -> None:
    ada, vic = make_person("Ada", methods=["sms"]), make_person("Vic")
    printed = run("Core router is down", "--person", ada.email.upper(), "--as", vic.email)
    page = Page.objects.get()
    assert printed == f"http://testserver/pages/{page.pk}/"
    assert (page.title, page.urgency, page.policy_name) == ("Core router is down", "high", "Ada")
    assert (record(page)[0].actor_name, record(page)[0].actor_via) == ("Vic", "cli")
    duties.run_once("pages", now=clock.now())
    assert Delivery.objects.get().person == ada


def test_a_policy_is_paged_with_the_urgency_asked_for() -> None:
    make_policy((300, [make_person("Otto")]), name="Hosting")
    run("Disk is filling up", "--policy", "Hosting", "--urgency", "low")
    page = Page.objects.get()
    assert (page.policy_name, page.urgency, record(page)[0].actor_name) == ("Hosting", "low", "Command line")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("Down", "--policy", "Nights"), "There is no policy 'Nights'. There are: Hosting."),
        (("Down", "--person", "nobody@harbor.example"), "Nobody with the address nobody@harbor.example works here."),
        ((" ", "--policy", "Hosting"), "Say in one line what the page is about."),
    ],
)
def test_what_cannot_be_paged_is_said(arguments: tuple[str, ...], sentence: str) -> None:
    make_policy((300, [make_person("Otto")]), name="Hosting")
    with pytest.raises(CommandError) as refused:
        run(*arguments)
    assert str(refused.value) == sentence
    assert not Page.objects.exists()


def test_who_may_not_page_is_refused() -> None:
    make_policy((300, [make_person("Otto")]), name="Hosting")
    with pytest.raises(CommandError, match="Sam may not page"):
        run("Down", "--policy", "Hosting", "--as", make_person("Sam").email)

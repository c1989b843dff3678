"""The screen on which support gives an identified owner a code."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from incidents.models import Incident
from people.models import Role
from resets.models import Account, Reset, SupportCode
from resets.self_set.operations.prove import prove
from tests.builders import NOW, make_person
from tests.eap.runs.builders import begin, make_incident, make_version, step
from tests.resets.self_set.desk import CODE, account_of, secured

pytestmark = pytest.mark.django_db

CYD = {"login": "cyd", "email": "cyd@example.com", "customer": "K-7"}
REASON = "Called back on the number in the contract"


@pytest.fixture
def browser(at: Callable[[datetime], None]) -> Client:
    at(NOW)
    found = Client()
    found.force_login(make_person("Sue", role=Role.COMMUNICATIONS))
    return found


@pytest.fixture
def cyd(db: None) -> Account:
    return account_of(secured([{**CYD, "email_changed_at": NOW - timedelta(days=2)}], now=NOW), "cyd")


def looked_up(browser: Client, login: str) -> str:
    answer = browser.get(reverse("support_codes"), {"login": login})
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_it_is_found_from_the_list_and_from_the_reset(browser: Client, cyd: Account) -> None:
    for name, parts in (("resets", []), ("reset", [cyd.reset_id])):
        assert reverse("support_codes") in browser.get(reverse(name, args=parts)).content.decode()


def test_a_login_is_looked_up_as_the_reset_page_sees_it(browser: Client, cyd: Account) -> None:
    said = looked_up(browser, "cyd")
    assert reverse("support_code", args=[cyd.pk]) in said
    assert "needs a code from support" in said
    assert "No such account" in looked_up(browser, "dana")
    Account.objects.filter(pk=cyd.pk).update(email_changed_at=NOW - timedelta(days=400))
    assert "the mailed code is enough" in looked_up(browser, "cyd")
    Reset.objects.update(state=Reset.State.ABORTED)
    assert "No such account" in looked_up(browser, "cyd")


def test_the_code_is_shown_once_and_works(browser: Client, cyd: Account) -> None:
    address = reverse("support_code", args=[cyd.pk])
    answer = browser.post(address, {"reason": REASON})
    assert answer.status_code == 201
    assert "no-store" in answer["Cache-Control"]
    shown = CODE.search(answer.content.decode())
    assert shown is not None
    code = shown.group()
    row = SupportCode.objects.get()
    assert (row.reason, row.issued_by_name) == (REASON, "Sue")
    assert code not in str(vars(row)), "only its digest is kept"
    assert code not in browser.get(address).content.decode()
    assert prove(cyd, number="K-7", code=code, now=NOW + timedelta(hours=23)) == row


def test_nobody_gets_one_without_saying_how_the_owner_was_known(browser: Client, cyd: Account) -> None:
    for reason in ("", "He says"):
        answer = browser.post(reverse("support_code", args=[cyd.pk]), {"reason": reason})
        assert answer.status_code == 422
    assert not SupportCode.objects.exists()


def test_an_account_that_is_closed_gets_none(browser: Client) -> None:
    account = account_of(secured([{**CYD, "email": ""}], now=NOW), "cyd")
    said = looked_up(browser, "cyd")
    assert "can't open it" in unescape(said)
    assert "is enough" not in said
    answer = browser.post(reverse("support_code", args=[account.pk]), {"reason": REASON})
    assert answer.status_code == 422
    assert "can&#x27;t be opened on the reset page" in answer.content.decode()
    assert not SupportCode.objects.exists()


def test_accounts_of_a_private_incidents_reset_stay_unknown(browser: Client) -> None:
    incident = make_incident()
    Incident.objects.filter(pk=incident.pk).update(private=True)
    incident.refresh_from_db()
    run = begin(make_version([step("look")]), incident=incident)
    account = account_of(secured([CYD], now=NOW, run=run), "cyd")
    assert "No such account" in looked_up(browser, "cyd")
    assert browser.post(reverse("support_code", args=[account.pk]), {"reason": REASON}).status_code == 404
    assert not SupportCode.objects.exists()

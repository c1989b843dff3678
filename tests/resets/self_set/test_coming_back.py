"""A customer comes back: asks for a code, enters it, chooses a password."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from pytest_django import Settings

from eap.actions.base import Trouble, Unknown
from ledger.models import Entry
from people.actors import actor_for
from resets.models import Exceptional, Exclusion, Host, Phase, Reset, Return, SelfSetLetter, System, Token
from resets.self_set.operations.issue_code import issue_code
from resets.self_set.queries import return_figures
from tests.builders import NOW, make_person
from tests.resets.self_set import desk
from tests.resets.self_set.desk import GOOD, Customer, account_of, code_in, secured, support_code, text_of
from tests.statuspage.subscribers.mail_server import Mailbox
from web.errors import BadInput, IllegalMove

pytestmark = pytest.mark.django_db
ANN = {"login": "web1001", "email": "ann@example.com", "customer": "K-100", "language": "de"}


def test_from_the_request_to_the_mail_that_it_was_done(customer: Customer, mailbox: Mailbox) -> None:
    reset = secured([ANN], now=NOW)
    answer = customer.asks("web1001")
    assert answer.status_code == 302
    assert answer["Location"] == "/reset/code/?asked=1&lang=en"
    assert "a code is on its way" in customer.opens(answer["Location"])
    mail = mailbox.to("ann@example.com")
    assert mail["Subject"] == "Ihr Code für ein neues Passwort"
    code = code_in(mail)
    done = customer.chooses(code)
    assert done.status_code == 200, done.content.decode()
    assert "Your new password works" in done.content.decode()
    ((shard, login, password, guard),) = desk.KEPT.passwords
    assert (shard, login, password) == ("web1", "web1001", GOOD)
    assert (guard.generation, guard.cutoff) == (reset.generation, reset.cutoff)
    assert desk.KEPT.closed == 1
    back = Return.objects.get()
    assert (back.account.login, back.via, back.at) == ("web1001", "self_set", customer.now)
    desk.deliver(customer.now)
    told = mailbox.mails()[1]
    assert told["Subject"] == "Ein neues Passwort wurde gesetzt"
    assert GOOD not in str(told)
    figures = return_figures(reset, now=customer.now)
    assert (figures.returned, figures.stragglers, figures.at_it) == (1, 0, 0)


def test_the_link_in_the_mail_leads_to_the_form_and_uses_nothing_up(customer: Customer, mailbox: Mailbox) -> None:
    secured([ANN], now=NOW)
    customer.asks("web1001")
    mail = mailbox.to("ann@example.com")
    code = code_in(mail)
    assert f"/reset/code/?code={code}&lang=de" in text_of(mail)
    for _ in range(3):
        assert f'value="{code}"' in customer.opens(f"/reset/code/?code={code}&lang=de")
    assert customer.chooses(code).status_code == 200


@pytest.mark.parametrize("wish", ["de", "fr", "es", "nl"])
def test_it_speaks_the_readers_language(customer: Customer, wish: str) -> None:
    body = customer.opens("/reset/", **{"Accept-Language": f"{wish}-XX,en;q=0.5"})
    assert f'<html lang="{wish}"' in body
    assert f'<html lang="{wish}"' in customer.opens(f"/reset/?lang={wish}", **{"Accept-Language": "en"})
    assert "Set a new password" not in body


def test_codes_are_read_as_people_type_them(customer: Customer, mailbox: Mailbox) -> None:
    secured([ANN], now=NOW)
    customer.asks("web1001")
    code = code_in(mailbox.to("ann@example.com"))
    typed = f" {code.lower().replace('-', ' ').replace('0', 'o').replace('1', 'l')} "
    assert customer.chooses(typed).status_code == 200


def test_each_owner_of_the_same_login_is_written(customer: Customer, mailbox: Mailbox) -> None:
    secured([ANN], now=NOW)
    secured([{**ANN, "email": "ben@example.com"}], now=NOW)
    customer.asks("web1001")
    assert sorted(mailbox.receivers()) == ["ann@example.com", "ben@example.com"]
    assert code_in(mailbox.to("ann@example.com")) != code_in(mailbox.to("ben@example.com"))


def test_the_newest_reset_of_a_system_counts(customer: Customer, mailbox: Mailbox) -> None:
    first = secured([ANN], now=NOW)
    newer = secured([{**ANN, "email": "new@example.com"}], now=NOW, system=first.systems.get())
    customer.asks("web1001")
    assert mailbox.receivers() == ["new@example.com"]
    customer.chooses(code_in(mailbox.to("new@example.com")))
    assert Return.objects.get().account.reset == newer


@pytest.mark.parametrize("state", ["frozen", "aborted"])
def test_a_newer_reset_that_never_began_shuts_nobody_out(customer: Customer, mailbox: Mailbox, state: str) -> None:
    first = secured([ANN], now=NOW)
    secured([ANN], now=NOW, system=first.systems.get(), phases=(), state=state)
    customer.asks("web1001")
    assert customer.chooses(code_in(mailbox.to("ann@example.com"))).status_code == 200
    assert Return.objects.get().account.reset == first


def test_a_code_opens_nothing_once_a_newer_reset_has_begun(customer: Customer, mailbox: Mailbox) -> None:
    """The address that was good enough for the first may have been changed by who caused the second."""
    first = secured([ANN], now=NOW)
    customer.asks("web1001")
    code = code_in(mailbox.to("ann@example.com"))
    secured([ANN], now=NOW, system=first.systems.get(), phases=("disable",))
    assert customer.chooses(code).status_code == 409
    assert desk.KEPT.passwords == []


@pytest.mark.parametrize(
    ("password", "repeated", "word"),
    [
        ("short", None, "at least 12"),
        ("web1001web1001", None, "resembles"),
        ("1001bew-12345", None, "resembles"),
        ("ann-web1001!", None, "resembles"),
        ("aaaaaaaaaaaaaaab", None, "too few"),
        ("password1234", None, "common"),
        ("x" * 40 + "äöü" * 12, None, "at most 72"),
        ("tab\tin the middle", None, "tabs"),
        (" blank at the start", None, "blank"),
        (GOOD, "correct horse battery stable", "not the same"),
    ],
)
def test_weak_passwords_are_refused_with_the_reason(
    customer: Customer, mailbox: Mailbox, password: str, repeated: str | None, word: str
) -> None:
    secured([ANN], now=NOW)
    customer.asks("web1001")
    code = code_in(mailbox.to("ann@example.com"))
    refused = customer.chooses(code, password, repeated)
    assert refused.status_code == 422
    assert word in refused.content.decode()
    assert password not in refused.content.decode(), "what was typed does not come back"
    assert desk.KEPT.passwords == []
    assert customer.chooses(code).status_code == 200, "the code still works"


@pytest.mark.parametrize(
    ("trouble", "status", "word"),
    [
        (Trouble("db1:5432 refused the password pr0be", passing=True), 503, "does not answer"),
        (Unknown("connection reset by 10.0.0.3"), 503, "does not answer"),
        (Trouble("chpasswd: pam says no"), 422, "did not take"),
    ],
)
def test_a_system_that_fails_costs_nothing(
    customer: Customer, mailbox: Mailbox, trouble: Trouble, status: int, word: str
) -> None:
    secured([ANN], now=NOW)
    customer.asks("web1001")
    code = code_in(mailbox.to("ann@example.com"))
    desk.KEPT.trouble = trouble
    refused = customer.chooses(code)
    assert refused.status_code == status
    assert word in refused.content.decode()
    assert trouble.sentence not in refused.content.decode(), "what a system says is none of a customer's business"
    assert not Return.objects.exists()
    assert Token.objects.get().lease_until is None
    desk.KEPT.trouble = None
    assert customer.chooses(code).status_code == 200
    assert desk.KEPT.closed == 2


def test_a_host_known_to_be_away_is_not_asked(customer: Customer, mailbox: Mailbox) -> None:
    reset = secured([ANN], now=NOW)
    Host.objects.create(system=reset.systems.get(), shard="web1", open_until=NOW + timedelta(hours=1))
    customer.asks("web1001")
    assert customer.chooses(code_in(mailbox.to("ann@example.com"))).status_code == 503
    assert desk.KEPT.closed == 0


@pytest.mark.parametrize(
    ("changed", "trusts", "doubtful"),
    [
        (NOW - timedelta(days=200), False, False),
        (NOW - timedelta(days=20), True, True),
        (NOW, True, True),
        (None, True, False),
        (None, False, True),
    ],
)
def test_a_young_mail_address_is_not_enough(
    customer: Customer, mailbox: Mailbox, changed: object, trusts: bool, doubtful: bool
) -> None:
    reset = secured([{**ANN, "email_changed_at": changed}], now=NOW)
    System.objects.update(trusts_mail=trusts)
    customer.asks("web1001")
    code = code_in(mailbox.to("ann@example.com"))
    answer = customer.chooses(code, number="K-100", proof="0000-0000-0000")
    assert answer.status_code == (422 if doubtful else 200)
    assert bool(desk.KEPT.passwords) is not doubtful
    assert return_figures(reset, now=NOW).need_proof == int(doubtful)
    if doubtful:
        proof = support_code(account_of(reset, "web1001"), now=customer.now)
        assert customer.chooses(code, number="K-999", proof=proof).status_code == 422
        assert customer.chooses(code, number=" k-100 ", proof=proof.lower()).status_code == 200
        assert Entry.objects.filter(subject=reset.subject, verb="reset.code_issued").count() == 1
        assert proof not in str(list(Entry.objects.values_list("payload", flat=True)))


def test_support_cannot_open_an_account_alone(customer: Customer, mailbox: Mailbox) -> None:
    reset = secured([{**ANN, "email_changed_at": NOW}], now=NOW)
    proof = support_code(account_of(reset, "web1001"), now=NOW)
    assert customer.chooses(proof).status_code == 404


def test_who_is_not_secured_yet_is_told_to_wait(customer: Customer, mailbox: Mailbox) -> None:
    reset = secured([ANN, {**ANN, "login": "web1002"}], now=NOW)
    revoke = Phase.objects.get(reset=reset, name="revoke")
    Exceptional.objects.create(
        phase=revoke, chunk=revoke.chunks.get(), account=account_of(reset, "web1001"), state="failed", code="x", at=NOW
    )
    customer.asks("web1001")
    assert "noch abgesichert" in text_of(mailbox.to("ann@example.com"))
    assert not Token.objects.exists()
    customer.asks("web1002")
    assert "code" in str(mailbox.mails()[1]["Subject"]).lower()


def test_before_keys_are_revoked_nobody_comes_back(customer: Customer, mailbox: Mailbox) -> None:
    secured([ANN], now=NOW, phases=("lock",))
    customer.asks("web1001")
    assert "abgesichert" in str(mailbox.to("ann@example.com")["Subject"])
    assert not Token.objects.exists()


@pytest.mark.parametrize(("mode", "phases"), [("scramble", ("lock", "revoke")), ("self_set", ("rotate", "revoke"))])
def test_what_replaces_the_password_depends_on_the_mode(
    customer: Customer, mailbox: Mailbox, mode: str, phases: tuple[str, ...]
) -> None:
    secured([ANN], now=NOW, mode=mode, phases=phases)
    customer.asks("web1001")
    assert len(mailbox.raw) == 1
    assert not Token.objects.exists()


@pytest.mark.parametrize("state", ["draft", "frozen", "aborted"])
def test_resets_that_are_not_under_way_open_nothing(customer: Customer, mailbox: Mailbox, state: str) -> None:
    secured([ANN], now=NOW, state=state)
    assert customer.asks("web1001").status_code == 302
    assert mailbox.raw == []
    assert SelfSetLetter.objects.get().state == "dropped"


@pytest.mark.parametrize("how", ["abort", "archive", "exclude", "return"])
def test_what_changes_after_the_mail_was_sent_counts(customer: Customer, mailbox: Mailbox, how: str) -> None:
    reset = secured([ANN], now=NOW)
    customer.asks("web1001")
    code = code_in(mailbox.to("ann@example.com"))
    system = reset.systems.get()
    match how:
        case "abort":
            Reset.objects.update(state="aborted")
        case "archive":
            System.objects.update(archived_at=NOW)
        case "exclude":
            Exclusion.objects.create(reset=reset, system=system, login="web1001", reason="break glass")
        case "return":
            Return.objects.create(account=account_of(reset, "web1001"), at=NOW, via="found")
    assert customer.chooses(code).status_code == 409
    assert desk.KEPT.passwords == []


def test_stragglers_find_the_page_after_the_reset_is_done(customer: Customer, mailbox: Mailbox) -> None:
    secured([ANN], now=NOW, state="done", ended_at=NOW - timedelta(days=100))
    customer.asks("web1001")
    assert customer.chooses(code_in(mailbox.to("ann@example.com"))).status_code == 200


def test_who_returned_already_is_told(customer: Customer, mailbox: Mailbox) -> None:
    secured([ANN], now=NOW)
    customer.asks("web1001")
    customer.chooses(code_in(mailbox.to("ann@example.com")))
    desk.deliver(customer.now)
    customer.asks("web1001")
    assert [mail["Subject"] for mail in mailbox.mails()][2] == "Ein neues Passwort wurde bereits gesetzt"
    assert Token.objects.filter(used_at=None).count() == 0


def test_a_drill_says_so(customer: Customer, mailbox: Mailbox, settings: Settings) -> None:
    secured([ANN], now=NOW, drill=True)
    customer.asks("web1001")
    assert mailbox.to("ann@example.com")["Subject"].startswith("ÜBUNG: ")


def test_support_says_why() -> None:
    account = account_of(secured([ANN], now=NOW), "web1001")
    by = actor_for(make_person("Sue"), via="web")
    with pytest.raises(BadInput), transaction.atomic():
        issue_code(account=account, reason=" ok ", by=by, now=NOW)
    Return.objects.create(account=account, at=NOW, via="found")
    with pytest.raises(IllegalMove), transaction.atomic():
        issue_code(account=account, reason="Called back on the number on file", by=by, now=NOW)

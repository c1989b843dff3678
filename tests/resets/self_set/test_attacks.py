"""What strangers try on a page that anybody may open."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from config.logs import clean_text
from resets.models import Return, SelfSetLetter, SupportCode, Token
from resets.self_set.codes import ALPHABET, LENGTH, code_of, digest_of, new_nonce
from resets.self_set.letters import prune, send_letters
from resets.self_set.operations.set_password import AT_ONCE, LEASE, set_password
from resets.self_set.views import ASK_LIMITS, CODE_LIMITS
from statuspage.models import FormUse
from tests.builders import NOW
from tests.resets.self_set import desk
from tests.resets.self_set.desk import GOOD, Customer, account_of, code_in, hidden, secured, support_code
from tests.statuspage.subscribers.mail_server import Mailbox
from web.errors import BadInput, IllegalMove, LinkExpired, NotFound

pytestmark = pytest.mark.django_db
ANN = {"login": "web1001", "email": "ann@example.com", "customer": "K-100"}


def chosen(code: str, *, now: datetime, password: str = GOOD, number: str = "", proof: str = "") -> None:
    """Set a password past the views."""
    set_password(code=code, password=password, repeated=password, number=number, proof=proof, now=now)


def test_known_and_unknown_logins_are_answered_alike(customer: Customer, mailbox: Mailbox) -> None:
    secured([ANN], now=NOW)
    answers, queries = [], []
    for login in ("web1001", "nobody", "web1001' OR 1=1 --", "ünïcode\u202e", "a" * 5000, "web1001\0"):
        shown = customer.opens("/reset/")
        with CaptureQueriesContext(
            connection,
        ) as captured:
            answer = customer.sends("/reset/", shown, login=login)
        queries.append([re.sub(r"'[^']*'|\d+", "?", each["sql"]) for each in captured.captured_queries])
        answers.append((answer.status_code, answer["Location"], dict(answer.headers).keys(), answer.content))
    assert all(answer == answers[0] for answer in answers)
    assert all(len(each) == len(queries[0]) for each in queries), "the same statements, whoever is asked about"
    assert not [sql for sql in queries[0] if "resets_account" in sql], "nobody is looked up while somebody waits"
    assert SelfSetLetter.objects.filter(kind="request").count() == 6


def test_too_many_requests_are_refused_alike(customer: Customer, mailbox: Mailbox) -> None:
    secured([ANN], now=NOW)
    for login in ("web1001", "nobody"):
        for turn in range(ASK_LIMITS.per_key + 1):
            answer = customer.sends("/reset/", customer.opens("/reset/"), login=login)
            assert answer.status_code == (302 if turn < ASK_LIMITS.per_key else 429)
        assert int(answer["Retry-After"]) > 0
    desk.deliver(customer.now)
    assert len(mailbox.raw) == 3, "nobody's mailbox is filled from here, and few codes work at a time"
    assert Token.objects.filter(used_at=None, expires_at__gt=customer.now + timedelta(minutes=1)).count() == 3
    other = Customer(customer._at, customer.now, address="198.51.100.9")
    assert other.sends("/reset/", other.opens("/reset/"), login="web1001").status_code == 429, "from everywhere"


def test_one_place_cannot_try_logins_without_end(customer: Customer) -> None:
    statuses = [
        customer.sends("/reset/", customer.opens("/reset/"), login=f"guess{n}").status_code
        for n in range(ASK_LIMITS.per_place + 2)
    ]
    assert statuses[-2:] == [429, 429]
    other = Customer(customer._at, customer.now, address="198.51.100.9")
    assert other.sends("/reset/", other.opens("/reset/"), login="mine").status_code == 302


def test_a_place_that_is_refused_uses_up_what_nobody_else_has(customer: Customer) -> None:
    form = hidden(customer.opens("/reset/"))
    customer.wait(3)
    for _ in range(ASK_LIMITS.per_place):
        customer.client.post("/reset/", {**form, "login": "web9999"})
    for _ in range(ASK_LIMITS.per_key + 1):
        assert customer.client.post("/reset/", {**form, "login": "web1001"}).status_code == 429
    other = Customer(customer._at, customer.now, address="198.51.100.9")
    assert other.sends("/reset/", other.opens("/reset/"), login="web1001").status_code == 302, "not shut out by others"
    uses = dict(FormUse.objects.values_list("counter", "uses").filter(counter="all", purpose="reset-ask"))
    assert uses == {"all": ASK_LIMITS.per_key + 1}, "what was refused took nobody's share"


def test_codes_cannot_be_guessed(customer: Customer, mailbox: Mailbox) -> None:
    secured([ANN], now=NOW)
    customer.asks("web1001")
    assert len(ALPHABET) ** LENGTH == 2**60
    shown = customer.opens("/reset/code/")
    statuses = []
    for _ in range(CODE_LIMITS.per_place + 2):
        guess = code_of("token", new_nonce())
        statuses.append(customer.client.post("/reset/code/", {**hidden(shown), "code": guess}).status_code)
    assert statuses == [404] * CODE_LIMITS.per_place + [429] * 2


def test_codes_are_all_over_the_place() -> None:
    codes = {code_of("token", new_nonce()).replace("-", "") for _ in range(2_000)}
    assert len(codes) == 2_000
    for place in range(LENGTH):
        assert {code[place] for code in codes} == set(ALPHABET)


@pytest.mark.parametrize("word", ["", "x", "A" * 12 + "!", "ILOU" * 3, "0" * 13, "\0" * 12, "'; DROP TABLE x; --"])
def test_what_is_no_code_is_looked_up_nowhere(word: str) -> None:
    assert digest_of("token", word) == ""
    with pytest.raises(NotFound):
        chosen(word, now=NOW)


def test_a_code_works_once(customer: Customer, mailbox: Mailbox) -> None:
    secured([ANN], now=NOW)
    customer.asks("web1001")
    code = code_in(mailbox.to("ann@example.com"))
    assert customer.chooses(code).status_code == 200
    assert customer.chooses(code).status_code == 410
    assert len(desk.KEPT.passwords) == 1


def test_all_codes_of_an_account_end_with_its_return(customer: Customer, mailbox: Mailbox) -> None:
    secured([ANN], now=NOW)
    customer.asks("web1001")
    customer.asks("web1001")
    first, second = (code_in(mail) for mail in mailbox.mails())
    assert customer.chooses(second).status_code == 200
    assert customer.chooses(first).status_code == 410


def test_a_code_ends_after_half_an_hour(customer: Customer, mailbox: Mailbox) -> None:
    secured([ANN], now=NOW)
    customer.asks("web1001")
    code = code_in(mailbox.to("ann@example.com"))
    customer.wait(31 * 60)
    assert customer.chooses(code).status_code == 410
    assert desk.KEPT.passwords == []


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_the_same_time_set_one_password(mailbox: Mailbox, at: Callable[[datetime], None]) -> None:
    secured([ANN], now=NOW)
    visitor = Customer(at, NOW)
    visitor.asks("web1001")
    code = code_in(mailbox.to("ann@example.com"))
    both_in, asked = threading.Barrier(AT_ONCE), threading.Event()

    def slowly() -> None:
        asked.wait(0.5)

    desk.KEPT.before = slowly

    def race(turn: int) -> str:
        try:
            both_in.wait(10)
            chosen(code, now=visitor.now, password=f"{GOOD} {turn}")
        except (IllegalMove, LinkExpired) as refusal:
            return type(refusal).__name__
        else:
            return "set"
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = list(pool.map(race, range(AT_ONCE)))
    assert outcomes.count("set") == 1
    assert len(desk.KEPT.passwords) == 1
    assert Return.objects.count() == 1


def test_who_died_in_the_middle_holds_a_code_for_a_minute(customer: Customer, mailbox: Mailbox) -> None:
    secured([ANN], now=NOW)
    customer.asks("web1001")
    code = code_in(mailbox.to("ann@example.com"))

    class PowerCut(BaseException):
        """Nothing catches it."""

    def cut() -> None:
        raise PowerCut

    desk.KEPT.before = cut
    with pytest.raises(PowerCut):
        chosen(code, now=customer.now)
    desk.KEPT.before = lambda: None
    with pytest.raises(IllegalMove, match="right now"):
        chosen(code, now=customer.now + LEASE / 2)
    chosen(code, now=customer.now + LEASE)
    assert Return.objects.count() == 1


def test_support_codes_are_worth_five_tries(customer: Customer, mailbox: Mailbox) -> None:
    reset = secured([{**ANN, "email_changed_at": NOW}], now=NOW)
    customer.asks("web1001")
    code = code_in(mailbox.to("ann@example.com"))
    proof = support_code(account_of(reset, "web1001"), now=NOW)
    for _ in range(5):
        with pytest.raises(BadInput, match="don't fit together"):
            chosen(code, now=customer.now, number="K-100", proof=code_of("support", new_nonce()))
    with pytest.raises(BadInput, match="don't fit together"):
        chosen(code, now=customer.now, number="K-100", proof=proof)
    fresh = support_code(account_of(reset, "web1001"), now=NOW)
    chosen(code, now=customer.now, number="K-100", proof=fresh)
    assert SupportCode.objects.filter(used_at=None, expires_at__gt=customer.now).count() == 0


def test_the_second_proof_of_one_account_opens_no_other(customer: Customer, mailbox: Mailbox) -> None:
    reset = secured(
        [
            {**ANN, "email_changed_at": NOW},
            {"login": "web2", "email": "eve@example.com", "customer": "K-666", "email_changed_at": NOW},
        ],
        now=NOW,
    )
    customer.asks("web1001")
    hers = support_code(account_of(reset, "web2"), now=NOW)
    with pytest.raises(BadInput):
        chosen(code_in(mailbox.to("ann@example.com")), now=customer.now, number="K-666", proof=hers)


def test_a_form_on_another_site_does_nothing(customer: Customer, mailbox: Mailbox) -> None:
    secured([ANN], now=NOW)
    shown = customer.opens("/reset/")
    customer.wait(5)
    foreign = {"Origin": "https://evil.example"}
    answer = customer.client.post("/reset/", {**hidden(shown), "login": "web1001"}, headers=foreign)
    assert answer.status_code == 403
    assert customer.client.post("/reset/", {"login": "web1001"}).status_code == 422, "a form that we did not show"
    assert not SelfSetLetter.objects.exists()
    customer.asks("web1001")
    code = code_in(mailbox.to("ann@example.com"))
    typed = {"code": code, "password": GOOD, "repeated": GOOD}
    assert customer.client.post("/reset/set/", typed).status_code == 422
    shown = customer.opens("/reset/code/")
    for headers in (foreign, {"Origin": "https://testserver.evil.example"}):
        answer = customer.client.post("/reset/set/", {**hidden(shown), **typed}, headers=headers)
        assert answer.status_code == 403
    assert desk.KEPT.passwords == []


def test_programs_fall_into_the_trap(customer: Customer) -> None:
    secured([ANN], now=NOW)
    assert customer.sends("/reset/", customer.opens("/reset/"), login="web1001", website="x").status_code == 302
    hasty = customer.client.post("/reset/", {**hidden(customer.opens("/reset/")), "login": "web1001"})
    assert hasty.status_code == 422
    assert not SelfSetLetter.objects.exists()


def test_opening_pages_changes_nothing(customer: Customer, mailbox: Mailbox) -> None:
    secured([ANN], now=NOW)
    customer.asks("web1001")
    code = code_in(mailbox.to("ann@example.com"))
    for path in (f"/reset/?login=web1001&code={code}", f"/reset/code/?code={code}&password={GOOD}&repeated={GOOD}"):
        assert customer.client.get(path).status_code == 200
        assert customer.client.head(path).status_code == 200
    assert customer.client.get(f"/reset/set/?code={code}").status_code == 405
    assert desk.KEPT.passwords == []
    assert Token.objects.get().used_at is None


def test_nothing_is_kept_by_browsers_and_no_cookie_is_set(customer: Customer, mailbox: Mailbox) -> None:
    secured([ANN], now=NOW)
    customer.asks("web1001")
    code = code_in(mailbox.to("ann@example.com"))
    answers = [
        customer.client.get("/reset/"),
        customer.client.get(f"/reset/code/?code={code}"),
        customer.sends("/reset/code/", customer.opens("/reset/code/"), code=code),
        customer.chooses(code),
        customer.chooses(code),
    ]
    for answer in answers:
        assert "no-store" in answer["Cache-Control"]
        assert answer["Referrer-Policy"] == "no-referrer"
        assert answer["X-Robots-Tag"] == "noindex"
        assert answer["X-Frame-Options"] == "DENY"
        assert "script-src 'self'" in answer["Content-Security-Policy"]
        assert not answer.cookies
    assert not customer.client.cookies


def test_what_is_typed_is_never_markup(customer: Customer) -> None:
    nasty = '"><script>alert(1)</script>'
    assert nasty not in customer.opens(f"/reset/?login={nasty}")
    assert nasty not in customer.opens(f"/reset/code/?code={nasty}&lang={nasty}")
    customer.wait(1)
    answer = customer.client.post("/reset/", {**hidden(customer.opens("/reset/")), "login": nasty})
    assert nasty not in answer.content.decode()


def test_a_login_cannot_grow_a_header_or_write_elsewhere(customer: Customer, mailbox: Mailbox) -> None:
    nasty = "web1001\r\nBcc: all@example.com"
    secured(
        [
            {**ANN, "login": "evil\r\nBcc: all@example.com <script>", "email": "ann@example.com"},
            {"login": "other", "email": "x@example.com\r\nRCPT TO:<all@example.com>"},
            {"login": "third", "email": "x@example.com, all@example.com"},
        ],
        now=NOW,
    )
    for login in (nasty, "evil\r\nBcc: all@example.com <script>", "other", "third"):
        customer.asks(login)
    assert mailbox.receivers() == ["ann@example.com"]
    mail = mailbox.to("ann@example.com")
    assert mail["Bcc"] is None
    html = mail.get_body(("html",))
    assert html is not None
    assert "<script>" not in html.get_content()
    assert SelfSetLetter.objects.filter(state="failed", code="bad_address").count() == 2


def test_secrets_are_in_no_table_and_no_log(
    customer: Customer, mailbox: Mailbox, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    reset = secured([{**ANN, "email_changed_at": NOW}], now=NOW)
    customer.asks("web1001")
    code = code_in(mailbox.to("ann@example.com"))
    proof = support_code(account_of(reset, "web1001"), now=NOW)
    customer.client.get(f"/reset/code/?code={code}")
    assert customer.chooses(code, number="K-100", proof=proof).status_code == 200
    desk.deliver(customer.now)
    kept = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT t::text FROM "{table}" t')  # noqa: S608 - names of our own tables
            kept += [row[0] for row in cursor.fetchall()]
    everything = "\n".join(filter(None, kept)) + caplog.text + "".join(capsys.readouterr())
    for secret in (GOOD, code, code.replace("-", ""), proof, proof.replace("-", "")):
        assert secret not in everything
    assert code not in clean_text(f"GET /reset/code/?code={code}&lang=de")
    assert GOOD not in "".join(str(mail) for mail in mailbox.mails())


def test_another_key_makes_other_codes(settings: Settings) -> None:
    nonce = new_nonce()
    code = code_of("token", nonce)
    assert code == code_of("token", nonce)
    assert code != code_of("support", nonce)
    digest = digest_of("token", code)
    settings.SECRET_KEY = "another"
    assert code != code_of("token", nonce)
    assert digest != digest_of("token", code)


def test_what_was_typed_is_forgotten_after_a_day(customer: Customer, mailbox: Mailbox) -> None:
    secured([ANN], now=NOW)
    customer.asks("web1001")
    customer.asks("somebody's secret typed by mistake")
    assert prune(now=NOW + timedelta(hours=23)) == 0
    assert prune(now=NOW + timedelta(hours=26)) > 0
    assert not SelfSetLetter.objects.exists()
    assert not Token.objects.exists()


def test_a_dead_senders_letter_goes_out_again_with_the_same_code(customer: Customer, mailbox: Mailbox) -> None:
    secured([ANN], now=NOW)
    customer.asks("web1001")
    letter = SelfSetLetter.objects.get(kind="code")
    SelfSetLetter.objects.filter(pk=letter.pk).update(state="pending", due_at=NOW)
    send_letters(now=customer.now)
    first, second = mailbox.mails()
    assert code_in(first) == code_in(second)
    assert first["Message-ID"] == second["Message-ID"]


def test_slow_systems_do_not_take_all_threads(
    customer: Customer, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    secured([ANN], now=NOW)
    customer.asks("web1001")
    code = code_in(mailbox.to("ann@example.com"))
    places = threading.BoundedSemaphore(1)
    monkeypatch.setattr("resets.self_set.operations.set_password._places", places)
    with places:
        busy = customer.chooses(code)
        assert (busy.status_code, busy["Retry-After"]) == (503, "60")
    assert customer.chooses(code).status_code == 200


def test_the_addresses_are_as_people_type_them(client: Client) -> None:
    assert client.get("/reset")["Location"] == "/reset/"

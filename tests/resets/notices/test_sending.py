"""Telling customers: everybody once, at a pace, whoever dies meanwhile."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction

from engine.duties import run_once
from ledger.actor import Actor
from ledger.models import Entry
from people.actors import actor_for
from resets.models import Account, Notice, NoticeLetter, Return
from resets.notices.letters import LEASE, claim, free_leases, record_letters
from resets.notices.mail import REPEATED, named
from resets.notices.operations.note_bounces import note_bounces
from resets.notices.operations.send_notice import DUTY, cancel_notice, pause_notice, resume_notice
from resets.notices.pacing import Rates
from resets.notices.queries import figures
from resets.notices.sending import _verdict, send_batch
from resets.notices.writing import write_letters
from statuspage.subscribers.smtp import Outcome
from tests.builders import NOW, make_person
from tests.resets.notices.telling import QUICK, approve, approved, draft, make_reset, move, send, states
from tests.statuspage.subscribers.mail_server import Mailbox
from web.errors import IllegalMove

pytestmark = pytest.mark.django_db


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_an_address_gets_one_mail_about_all_its_accounts_in_its_language(mailbox: Mailbox) -> None:
    reset = make_reset(
        [
            {"login": "web1", "email": "ann@example.com", "language": "de-AT"},
            {"login": "web2", "email": "Ann@Example.com", "language": "de"},
            {"login": "web3", "email": "ben@example.com", "language": "xx"},
            {"login": "web4", "email": ""},
            {"login": "web5", "email": "no address\r\nBcc: x@example.com"},
        ]
    )
    notice = send(approved(reset))
    move()
    assert sorted(mailbox.receivers()) == ["ann@example.com", "ben@example.com"]
    german, english = mailbox.to("ann@example.com"), mailbox.to("ben@example.com")
    assert german["Subject"] == "Ihre Zugangspasswörter wurden zurückgesetzt"
    body = german.get_body(("plain",))
    assert body is not None
    assert "web1, web2" in body.get_content()
    assert english["Subject"] == "Your access passwords have been reset"
    assert english["To"] == "ben@example.com"
    (row,) = figures(reset, now=NOW)
    assert (row.letters["sent"], row.letters["bounced"], row.without_address, row.total) == (2, 1, 1, 3)
    assert row.codes == {"bad_address": 1}
    notice.refresh_from_db()
    assert notice.state == Notice.State.DONE
    assert Entry.objects.filter(subject=reset.subject, verb="reset.notice_done").count() == 1
    move()
    assert len(mailbox.raw) == 2, "telling again tells nobody twice"


def test_waves_follow_one_another(mailbox: Mailbox) -> None:
    reset = make_reset(
        [
            {"login": "a", "email": "ann@example.com", "wave": 0},
            {"login": "b", "email": "ben@example.com", "wave": 1},
            {"login": "c", "email": "ann@example.com", "wave": 4},
            {"login": "d", "email": "dot@example.com", "wave": 4},
        ]
    )
    notice = send(approved(reset), through=0)
    move()
    assert mailbox.receivers() == ["ann@example.com"]
    assert "a, c" in str(mailbox.to("ann@example.com").get_body(("plain",))), "with what comes later"
    send(notice, through=0)
    move(later(10))
    assert len(mailbox.raw) == 1
    send(notice, through=4)
    move(later(20))
    assert mailbox.receivers()[1:] == ["ben@example.com", "dot@example.com"]


def test_it_warms_up(mailbox: Mailbox) -> None:
    reset = make_reset([{"login": f"u{n}", "email": f"u{n}@d{n}.example"} for n in range(60)])
    rates = Rates(start=2, most=100, double_every_s=10, domain=100)
    notice = send(approved(reset, rates=rates))
    sent = []
    for second in range(1, 25):
        before = len(mailbox.raw)
        move(later(second))
        sent.append(len(mailbox.raw) - before)
    assert sent[:3] == [2, 2, 2]
    assert sent[10:12] == [4, 4]
    assert len(mailbox.raw) == len(set(mailbox.receivers()))
    assert len(mailbox.raw) == sum(sent) == 60
    assert states(notice) == {f"u{n}@d{n}.example": "sent" for n in range(60)}


def test_one_domain_does_not_hold_the_others_up(mailbox: Mailbox) -> None:
    many = [{"login": f"g{n}", "email": f"g{n}@big.example"} for n in range(80)]
    few = [{"login": f"s{n}", "email": f"s{n}@small{n}.example"} for n in range(10)]
    reset = make_reset([*many, *few])
    notice = send(approved(reset, rates=Rates(start=40, most=40, double_every_s=60, domain=5)))
    for second in (1, 2, 3):
        move(later(second))
    big = [to for to in mailbox.receivers() if to.endswith("big.example")]
    assert len(mailbox.raw) - len(big) == 10, "all the others have theirs"
    assert len(big) <= 5 * 3 + 7
    for second in range(4, 40):
        move(later(second))
    assert set(states(notice).values()) == {"sent"}
    assert len(mailbox.raw) == 90


def test_a_dead_sender_is_followed_by_one_who_says_so(mailbox: Mailbox) -> None:
    notice = send(approved(make_reset([{"login": "web1", "email": "ann@example.com"}])))
    write_letters(notice.pk, now=NOW)
    (dead,) = claim(notice.pk, now=NOW)
    move(NOW + LEASE / 2)
    assert mailbox.raw == [], "somebody may still be at it"
    move(NOW + LEASE)
    (mail,) = mailbox.mails()
    assert mail[REPEATED] == "1"
    assert states(notice) == {"ann@example.com": "sent"}
    # The dead one was only slow: its word comes too late and counts for nothing.
    verdict = _verdict(dead, Outcome(dead.id, "address", "550"), now=NOW)
    assert record_letters([verdict], now=NOW) == 0
    assert states(notice) == {"ann@example.com": "sent"}


def test_refusals_mean_what_they_say(mailbox: Mailbox) -> None:
    mailbox.refuse = {"gone@example.com": "550 5.1.1 no such user", "full@example.com": "452 4.2.2 full"}
    accounts = [{"login": name, "email": f"{name}@example.com"} for name in ("gone", "full", "fine")]
    notice = send(approved(make_reset(accounts)))
    move()
    assert states(notice) == {"gone@example.com": "bounced", "full@example.com": "pending", "fine@example.com": "sent"}
    mailbox.refuse = {}
    move(later(60))
    assert states(notice)["full@example.com"] == "sent"
    assert mailbox.receivers().count("gone@example.com") == 0


def test_while_the_mail_server_is_away_nobodys_tries_count() -> None:
    notice = send(approved(make_reset([{"login": "web1", "email": "ann@example.com"}])))
    move()
    letter = NoticeLetter.objects.get(notice=notice)
    assert (letter.state, letter.tries, letter.code) == ("pending", 0, "unreachable")


def test_the_engine_sends_what_no_worker_takes(mailbox: Mailbox) -> None:
    accounts = [{"login": f"u{n}", "email": f"u{n}@example.com"} for n in range(3)]
    notice = send(approved(make_reset(accounts)))
    run_once(DUTY, now=later(1))
    assert mailbox.raw == [], "workers are given their time"
    run_once(DUTY, now=later(7))
    assert len(mailbox.raw) == 3
    run_once(DUTY, now=later(8))
    notice.refresh_from_db()
    assert notice.state == Notice.State.DONE


def test_reminders_go_to_those_who_have_not_come_back(mailbox: Mailbox) -> None:
    reset = make_reset(
        [
            {"login": "a1", "email": "ann@example.com"},
            {"login": "a2", "email": "ann@example.com"},
            {"login": "b", "email": "ben@example.com"},
            {"login": "c", "email": "cyd@example.com"},
            {"login": "d", "email": "dot@example.com"},
        ]
    )
    send(approved(reset))
    move()
    assert len(mailbox.raw) == 4
    for login in ("a1", "b"):
        Return.objects.create(account=Account.objects.get(reset=reset, login=login), at=NOW, via="self_set")
    assert note_bounces(addresses=[" Cyd@Example.com "]) == 1
    assert note_bounces(addresses=["cyd@example.com"]) == 0
    second = send(approved(reset), now=later(5))
    assert second.round == 1
    # Dot is faster than the mail.
    write_letters(second.pk, now=later(5))
    Return.objects.create(account=Account.objects.get(reset=reset, login="d"), at=NOW, via="self_set")
    move(later(6))
    assert states(second) == {"ann@example.com": "sent", "dot@example.com": "withdrawn"}
    (reminder,) = mailbox.mails()[4:]
    assert reminder["Subject"] == "Reminder: your account is still locked"
    body = str(reminder.get_body(("plain",)))
    assert "a2" in body
    assert "a1" not in body


def test_pause_resume_and_cancel(mailbox: Mailbox) -> None:
    reset = make_reset([{"login": f"u{n}", "email": f"u{n}@d{n}.example"} for n in range(20)])
    notice = send(approved(reset, rates=Rates(start=5, most=5, double_every_s=60, domain=5)))
    by = actor_for(make_person("Cam"), via="web")
    move(later(1))
    assert len(mailbox.raw) == 5
    with transaction.atomic():
        notice = pause_notice(notice=notice, by=by, now=later(1))
    move(later(100))
    assert len(mailbox.raw) == 5
    with transaction.atomic():
        notice = resume_notice(notice=notice, by=by, now=later(101))
    assert notice.warm_since == later(100), "the pause did not warm anything up"
    move(later(102))
    assert len(mailbox.raw) == 10, "and saved nothing up"
    with transaction.atomic():
        notice = cancel_notice(notice=notice, by=by, now=later(103))
    move(later(200))
    assert len(mailbox.raw) == 10
    assert sorted(states(notice).values()) == ["sent"] * 10 + ["withdrawn"] * 10
    with pytest.raises(IllegalMove, match="cancelled"):
        send(notice)


def test_what_a_plan_drafts_counts_as_its_askers_words() -> None:
    asker = make_person("Sid")
    reset = make_reset([{"login": "a", "email": "a@one.example"}], created_by=asker)
    notice = draft(reset, by=Actor.system("Mass reset", via="plan"))
    with pytest.raises(IllegalMove, match="another person has to approve it"):
        approve(notice, person=asker)
    assert approve(notice, person=make_person("Cam")).state == "approved"


def test_logins_cannot_change_the_mail() -> None:
    assert named(["web1", "a\r\nBcc: x", "<b>", "ü", "x y"]) == b"web1, a??Bcc:?x, ?b?, ?, x?y"
    assert named([f"u{n}" for n in range(25)]).endswith(b"u19 (+5)")


@pytest.mark.django_db(transaction=True)
def test_two_senders_never_take_the_same_letter(mailbox: Mailbox) -> None:
    reset = make_reset([{"login": f"u{n}", "email": f"u{n}@example.com"} for n in range(300)])
    notice = send(approved(reset, rates=QUICK))
    assert write_letters(notice.pk, now=NOW) == 300

    def turns(_worker: int) -> int:
        try:
            return sum(send_batch(notice.pk, now=later(turn)) for turn in range(1, 12))
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(turns, range(3))) == 300
    assert len(mailbox.raw) == len(set(mailbox.receivers())) == 300
    assert free_leases(now=NOW + 2 * LEASE) == 0

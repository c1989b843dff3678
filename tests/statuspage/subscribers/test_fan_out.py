"""Who is sent what, once, in their language; what a refusal, a broken line and a newer update make of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from statuspage.models import Mailing, Notice, StatusPage, StatusUpdate, Subscriber
from statuspage.subscribers import tokens
from statuspage.subscribers.figures import figures_of
from statuspage.subscribers.mailings import overtake
from statuspage.subscribers.mailings import prepare as prepare_part
from statuspage.subscribers.notices import LEASE, claim, free_leases
from tests.builders import NOW
from tests.statuspage.builders import (
    draft,
    make_component,
    make_maintenance,
    make_page,
    make_public_incident,
    publish,
    say,
)
from tests.statuspage.subscribers.mail_server import Mailbox
from tests.statuspage.subscribers.subscribing import make_subscriber, prepare, send_everything, states

pytestmark = pytest.mark.django_db(transaction=True)


def first_update(page: StatusPage, **fields: object) -> StatusUpdate:
    return StatusUpdate.objects.get(public_incident=make_public_incident(page, **fields))  # type: ignore[arg-type]


def test_everybody_gets_one_mail_with_links_of_their_own(mailbox: Mailbox) -> None:
    page = make_page()
    ada, bob = make_subscriber(page, "ada@customer.example"), make_subscriber(page, "bob@customer.example")
    update = first_update(page)

    assert send_everything() == 2
    assert send_everything() == 0

    assert sorted(mailbox.receivers()) == ["ada@customer.example", "bob@customer.example"]
    mail = mailbox.to("ada@customer.example")
    assert mail["To"] == "ada@customer.example"
    assert mail["Subject"] == "[Harbor Hosting] Investigating: Websites do not answer"
    unsubscribe = mail["List-Unsubscribe"].strip("<>")
    assert unsubscribe.endswith(f"/status-pages/unsubscribe/{tokens.sign('unsubscribe', ada.pk)}")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["X-Muster-Repeated"] is None
    for part in ("plain", "html"):
        body = mail.get_body((part,))
        assert body is not None
        content = body.get_content()
        assert "Some websites do not answer. We are looking into it." in content
        assert f"/status-pages/manage/{tokens.sign('manage', ada.pk)}" in content
        assert tokens.sign("manage", bob.pk) not in content
        assert update.public_incident_id in content
    assert set(states(update).values()) == {"sent"}
    assert Mailing.objects.get().state == Mailing.State.DONE
    assert figures_of(update).sent == 2


def test_each_reads_it_in_their_language(mailbox: Mailbox) -> None:
    page = make_page(languages=["de", "fr"])
    make_subscriber(page, "en@customer.example")
    make_subscriber(page, "de@customer.example", language="de")
    make_subscriber(page, "fr@customer.example", language="fr")
    first_update(
        page, texts={"de": "Einige Websites antworten nicht. Wir prüfen das: “gleich”."}, names={"de": "Störung"}
    )

    send_everything()

    german = mailbox.to("de@customer.example")
    assert german["Subject"].endswith(": Störung")
    assert "Wir prüfen das: “gleich”." in german.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    # Nobody wrote it in French: the page's own language stands in.
    assert "Some websites do not answer." in mailbox.to("fr@customer.example").as_string()


def test_components_impact_state_and_page_decide_who_hears(mailbox: Mailbox) -> None:
    page, other = make_page(), make_page("Other", slug="other")
    web, mail = make_component(page, "Web"), make_component(page, "Mail")
    make_component(page, "DNS")
    make_subscriber(page, "all@customer.example")
    make_subscriber(page, "web@customer.example", components=[web])
    make_subscriber(page, "mail@customer.example", components=[mail])
    make_subscriber(page, "major@customer.example", minimum_impact="major")
    make_subscriber(page, "critical@customer.example", minimum_impact="critical")
    make_subscriber(other, "other@customer.example")
    for state in ("pending", "quarantined", "ended"):
        make_subscriber(page, f"{state}@customer.example", state=state)

    update = first_update(page, components={web: "partial_outage"})
    send_everything()

    expected = {"all@customer.example", "web@customer.example", "major@customer.example"}
    assert set(mailbox.receivers()) == expected

    # Whoever heard that it began hears that it is over, though nothing is hit any more.
    say(
        update.public_incident,
        "resolved",
        "It works again.",
        components={web: "operational"},
        now=NOW + timedelta(hours=1),
    )
    mailbox.raw.clear()
    send_everything(NOW + timedelta(hours=1))
    assert set(mailbox.receivers()) == expected


def test_planned_work_reaches_those_who_want_minor_trouble_and_not_those_who_want_major(mailbox: Mailbox) -> None:
    page = make_page()
    web = make_component(page, "Web")
    make_subscriber(page, "minor@customer.example", minimum_impact="minor")
    make_subscriber(page, "major@customer.example", minimum_impact="major")
    make_maintenance(page, components={web: "under_maintenance"})
    send_everything()
    assert mailbox.receivers() == ["minor@customer.example"]
    assert "Planned" in mailbox.raw[0][1].decode()


def test_a_draft_and_a_silent_update_write_to_nobody(mailbox: Mailbox) -> None:
    page = make_page()
    make_subscriber(page)
    draft(page)
    publish(draft(page, deliver=False))
    assert send_everything() == 0
    assert not mailbox.raw


def test_a_refused_address_fails_and_is_quarantined_the_third_time(mailbox: Mailbox) -> None:
    page = make_page()
    gone = make_subscriber(page, "gone@customer.example")
    make_subscriber(page, "ada@customer.example")
    mailbox.refuse["gone@customer.example"] = "550 5.1.1 no such user"
    for number in range(4):
        now = NOW + timedelta(minutes=number)
        update = first_update(page, now=now)
        send_everything(now)
        gone.refresh_from_db()
        if number < 3:
            assert states(update) == {"gone@customer.example": "failed", "ada@customer.example": "sent"}
        else:
            assert states(update) == {"ada@customer.example": "sent"}
        assert gone.state == ("quarantined" if number >= 2 else "active")
    assert mailbox.receivers() == ["ada@customer.example"] * 4


def test_one_that_arrives_forgives_refusals_before(mailbox: Mailbox) -> None:
    page = make_page()
    gone = make_subscriber(page, "gone@customer.example", failures=2)
    first_update(page)
    send_everything()
    gone.refresh_from_db()
    assert gone.failures == 0


@pytest.mark.parametrize("pipelining", [True, False])
def test_a_temporary_refusal_is_tried_again_later_and_others_go_on(mailbox: Mailbox, pipelining: bool) -> None:
    page = make_page()
    make_subscriber(page, "busy@customer.example")
    make_subscriber(page, "ada@customer.example")
    mailbox.pipelining = pipelining
    mailbox.refuse["busy@customer.example"] = "451 4.7.1 greylisted"
    update = first_update(page)
    send_everything()
    assert states(update) == {"busy@customer.example": "pending", "ada@customer.example": "sent"}

    mailbox.refuse.clear()
    assert send_everything(NOW + timedelta(seconds=29)) == 0
    assert send_everything(NOW + timedelta(seconds=31)) == 1
    assert mailbox.to("busy@customer.example")["X-Muster-Repeated"] is None, "the first try never left"


def test_a_line_that_breaks_leaves_one_mail_in_doubt_and_that_one_says_so(mailbox: Mailbox) -> None:
    page = make_page()
    for number in range(6):
        make_subscriber(page, f"reader{number}@customer.example")
    mailbox.hang_up_after = 3
    update = first_update(page)
    send_everything()
    send_everything(NOW + timedelta(minutes=1))

    assert set(states(update).values()) == {"sent"}
    twice = mailbox.receivers()[2]
    assert sorted(mailbox.receivers()) == sorted([*{f"reader{n}@customer.example" for n in range(6)}, twice])
    first, second = (mail for mail in mailbox.mails() if mail["To"] == twice)
    assert first["X-Muster-Repeated"] is None
    assert second["X-Muster-Repeated"] == "1"
    assert first["Message-ID"] == second["Message-ID"]
    assert sum(mail["X-Muster-Repeated"] == "1" for mail in mailbox.mails()) == 1


def test_a_refusal_of_the_sender_waits_and_blames_nobody(mailbox: Mailbox) -> None:
    page = make_page()
    ada = make_subscriber(page, "ada@customer.example")
    mailbox.refuse_sender = "550 5.7.1 not allowed"
    update = first_update(page)
    send_everything()
    assert states(update) == {"ada@customer.example": "pending"}
    ada.refresh_from_db()
    assert ada.failures == 0


def test_a_newer_update_overtakes_what_still_waits(mailbox: Mailbox) -> None:
    page = make_page()
    for _ in range(3):
        make_subscriber(page)
    public = make_public_incident(page)
    prepare()
    first = StatusUpdate.objects.get(public_incident=public)
    (under_way,) = claim(mailing_id=first.mailing.pk, channel="email", limit=1, now=NOW)

    later = NOW + timedelta(seconds=30)
    second = say(public, now=later)
    send_everything(later)

    assert sorted(states(first).values()) == ["overtaken", "overtaken", "sending"]
    assert set(states(second).values()) == {"sent"}
    assert len(mailbox.raw) == 3
    assert Mailing.objects.get(update=first).state == Mailing.State.OVERTAKEN
    # The sender of the one under way dies: it does not come back to life.
    send_everything(later + LEASE)
    assert Notice.objects.get(pk=under_way.id).state == Notice.State.OVERTAKEN
    assert len(mailbox.raw) == 3


def test_an_expired_lease_brings_a_notice_back_marked(mailbox: Mailbox) -> None:
    page = make_page()
    make_subscriber(page, "ada@customer.example")
    update = first_update(page)
    prepare()
    claim(mailing_id=update.mailing.pk, channel="email", limit=10, now=NOW)
    assert free_leases(now=NOW + timedelta(seconds=59)) == 0
    assert send_everything(NOW + timedelta(seconds=61)) == 1
    assert mailbox.to("ada@customer.example")["X-Muster-Repeated"] == "1"


def test_preparing_goes_on_where_it_stopped_and_never_writes_twice(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("statuspage.subscribers.mailings.BATCH", 2)
    page = make_page()
    for _ in range(5):
        make_subscriber(page)
    update = first_update(page)
    assert prepare_part(update.mailing.pk, now=NOW) == 2
    assert Notice.objects.count() == 2
    Mailing.objects.update(prepared_to=None)  # as if the last batch's place had been lost
    send_everything()
    assert Notice.objects.count() == 5
    assert len(set(mailbox.receivers())) == len(mailbox.receivers()) == 5


def test_whoever_leaves_between_preparing_and_sending_gets_nothing(mailbox: Mailbox) -> None:
    page = make_page()
    make_subscriber(page, "left@customer.example")
    update = first_update(page)
    prepare()
    Subscriber.objects.update(state="ended")
    send_everything()
    assert not mailbox.raw
    assert states(update) == {"left@customer.example": "failed"}


def test_a_mailing_overtaken_before_it_was_prepared_is_skipped(mailbox: Mailbox) -> None:
    page = make_page()
    make_subscriber(page)
    public = make_public_incident(page)
    second = say(public)
    send_everything()
    assert len(mailbox.raw) == 1
    assert figures_of(second).sent == 1
    assert overtake(second.mailing.pk, now=NOW) == 0

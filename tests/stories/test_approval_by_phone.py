"""Two leaders let something through that can't be undone: one by text, one on a call, neither near a computer."""

from __future__ import annotations

from engine import clock, duties
from ledger.models import Entry
from tests.eap.phone.callers import call_to, give_pin, send, text_to, waiting
from tests.eap.phone.conftest import _actions_of_the_tests
from tests.eap.runs.actions import once
from tests.eap.runs.builders import go
from tests.phones import Phones

__all__ = ["_actions_of_the_tests"]


def test_two_people_approve_by_text_and_by_keypad(phones: Phones) -> None:
    phones.call_back()
    it = waiting(count=2, reached={"Vic": "sms", "Vera": "voice", "Ada": "sms"})
    vic, vera = it.vps["Vic"], it.vps["Vera"]
    give_pin(vic, "7391")
    give_pin(vera, "80264")

    text = text_to(phones, vic)
    said = phones.reply(text, f"approve {it.page.code}")
    assert "Wipe web1." in said
    assert "Reply with your PIN." in said
    said = phones.reply(text, "7391")
    assert said == "You approved “Agree” (Restore the web server). 1 of 2 agreed; 1 more needed."
    go(clock.now())
    assert once.called() == []

    said = phones.pick_up(call_to(phones, vera), "580264#")
    assert "You approved “Agree” (Restore the web server). Nobody else is needed; it goes ahead." in said
    assert it.votes() == [("Vic", "approve", "sms", True), ("Vera", "approve", "voice", True)]

    go(clock.now())
    assert once.called() == [""]
    assert it.fresh().state == "done"
    duties.run_once("pages", now=clock.now())
    send(it.page)
    assert phones.all("messages", to=it.vps["Ada"].contact_methods.get().address) == []

    told = Entry.objects.filter(subject=it.run.subject, verb="run.voted").order_by("seq")
    assert [(entry.actor_name, entry.actor_via) for entry in told] == [("Vic", "sms"), ("Vera", "voice")]
    assert len({entry.payload["digest"] for entry in told}) == 1
    assert all(entry.payload["second_factor"] for entry in told)

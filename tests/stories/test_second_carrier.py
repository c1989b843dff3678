"""The first carrier is dead, or not the one that is wished: Vonage calls and texts, and its answers count as much."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from pytest_django import Settings
from twilio.request_validator import RequestValidator

from notifications.models import ContactRule, Delivery, Page, Responder
from people.models import Person
from tests.builders import add_rule, make_method, make_page, make_person, make_policy
from tests.eap.phone.callers import give_pin, waiting
from tests.eap.phone.conftest import _actions_of_the_tests
from tests.incidents.builders import make_incident
from tests.phones import Phones
from tests.stories.night import Item, Night
from tests.vonage_peer import Call, Text, VonagePeer, vonage_peer

__all__ = ["_actions_of_the_tests"]


@pytest.fixture
def vonage(night: Night, settings: Settings) -> Iterator[VonagePeer]:
    """The second carrier, preferred; whatever it got that a story did not look at fails it."""
    with vonage_peer(settings) as peer:
        settings.CHANNEL_PROVIDERS = {"voice": ("vonage",), "sms": ("vonage",)}
        settings.CHANNEL_RATES = {("voice", "vonage"): 0.0}
        yield peer
        night.stays_quiet()
        assert [call for call in peer.calls if not call.looked_at] == [], "Nobody expected these calls"
        assert [text for text in peer.texts if not text.looked_at] == [], "Nobody expected these texts"


def until(night: Night, question: Callable[[], Any]) -> Any:
    """Return the first true answer; the engine looks meanwhile."""
    found: list[Any] = []

    def asked() -> str:
        found[:] = [question()]
        return "so" if found[0] else "not so"

    night.becomes(asked, "so")
    return found[0]


def call(night: Night, peer: VonagePeer) -> Call:
    """Return the call that now rings."""
    found: Call = until(night, lambda: next((each for each in peer.calls if not each.looked_at), None))
    found.looked_at = True
    return found


def text(night: Night, peer: VonagePeer) -> Text:
    """Return the text that now arrives."""
    found: Text = until(night, lambda: next((each for each in peer.texts if not each.looked_at), None))
    found.looked_at = True
    return found


def paged(night: Night, *methods: str) -> tuple[Page, str]:
    """Page Ada; return the page and her number."""
    ada = make_person("Ada", methods=methods)
    page = make_page(make_policy((300, [ada])), title="Power lost in hall 2", now=night.now())
    return page, str(ada.contact_methods.order_by("created_at")[0].address)


def tell_late(night: Night, settings: Settings, message: Item, delivery: Delivery, status: str) -> None:
    """Let Twilio say something about its own, first try, after another carrier has taken over."""
    path = f"/twilio/status/{delivery.pk}/1"
    said = {"MessageSid": message["sid"], "MessageStatus": status}
    signature = RequestValidator(settings.TWILIO_AUTH_TOKEN).compute_signature(f"{settings.PUBLIC_URL}{path}", said)
    with httpx.Client(timeout=20, trust_env=False) as client:
        answer = client.post(f"{night.url}{path}", data=said, headers={"X-Twilio-Signature": signature})
    assert answer.status_code == 204


def states(page: Page) -> list[str]:
    """Return what became of the messages of a page."""
    return list(Delivery.objects.filter(page=page).order_by("pk").values_list("state", flat=True))


def test_a_pressed_1_takes_the_page_and_is_confirmed_in_words(night: Night, vonage: VonagePeer) -> None:
    page, number = paged(night, "voice")
    ringing = call(night, vonage)
    assert f"+{ringing.to}" == number
    said = vonage.pick_up(ringing, "3", "7", "1")
    assert said.count("Power lost in hall 2.") == 3
    assert "That key means nothing here." in said
    assert said.endswith("Ada, you have acknowledged it. Good-bye.")
    page.refresh_from_db()
    assert (page.state, states(page)) == ("acknowledged", ["delivered"])
    assert Responder.objects.get(page=page).via == "voice"


def test_a_key_that_is_told_twice_counts_once(night: Night, vonage: VonagePeer) -> None:
    page, _number = paged(night, "voice")
    ringing = call(night, vonage)
    question = vonage.ask(ringing.asked["answer_url"][0], ringing, {})
    said = [
        vonage.ask(question[-1]["eventUrl"][0], ringing, {"dtmf": {"digits": "1", "timed_out": False}})[0]["text"]
        for _twice in range(2)
    ]
    assert said == ["Ada, you have acknowledged it. Good-bye.", "Your answer has been taken already. Good-bye."]
    assert states(page) == ["sent"]
    assert Responder.objects.filter(page=page, state="acknowledged").count() == 1


def test_who_presses_nothing_is_asked_twice_and_has_not_answered(night: Night, vonage: VonagePeer) -> None:
    page, _number = paged(night, "voice")
    said = vonage.pick_up(call(night, vonage))
    assert said.count("Press 1 to acknowledge.") == 2
    assert said.endswith("No key was pressed. We will try to reach you another way. Good-bye.")
    page.refresh_from_db()
    assert page.state == "paging"


@pytest.mark.parametrize("status", ["busy", "unanswered", "rejected", "machine"])
def test_who_is_not_reached_gets_the_next_way_at_once(night: Night, vonage: VonagePeer, status: str) -> None:
    page, _number = paged(night, "voice")
    ringing = call(night, vonage)
    method = make_method(page.deliveries.get().person, "sms")
    add_rule(method, delay_s=600)
    for word in ("ringing", status, status, "started"):
        assert vonage.tell(ringing, word).status_code == 204
    first = page.deliveries.get(channel="voice")
    assert (first.state, bool(first.reason)) == ("failed", True)
    assert f"+{text(night, vonage).to}" == method.address


@pytest.mark.parametrize("status", ["busy", "unanswered", "rejected", "machine"])
def test_who_is_not_there_is_called_again_by_their_own_rule(night: Night, vonage: VonagePeer, status: str) -> None:
    page, _number = paged(night, "voice")
    ContactRule.objects.filter(person__name="Ada", urgency="high").update(redials=1, redial_after_s=60)
    first = call(night, vonage)
    vonage.tell(first, "ringing")
    if status == "machine":
        vonage.tell(first, "answered")
        assert states(page) == ["delivered"]
    for word in (status, "completed", status):
        assert vonage.tell(first, word).status_code == 204
    assert states(page) == ["pending"]
    night.pass_time(seconds=61)
    vonage.pick_up(call(night, vonage), "1")
    page.refresh_from_db()
    assert page.state == "acknowledged"


def test_the_bridge_is_not_offered_where_it_can_not_be_joined(night: Night, vonage: VonagePeer) -> None:
    incident = make_incident("Power lost in hall 2", severity=1, now=night.now())
    ada = make_person("Ada", methods=["voice"])
    make_page(make_policy((300, [ada])), subject=f"incident:{incident.pk}", now=night.now())
    said = vonage.pick_up(call(night, vonage), "4", "1")
    assert said.count("Power lost in hall 2") == 2
    assert "Press 4" not in said
    assert "That key means nothing here." in said
    assert said.endswith("Ada, you have acknowledged it. Good-bye.")


def test_a_texted_1_takes_the_page_and_is_confirmed_by_text(night: Night, vonage: VonagePeer) -> None:
    page, number = paged(night, "sms")
    first = text(night, vonage)
    assert page.code in first.asked["text"]
    for word in ("buffered", "delivered", "accepted"):
        assert vonage.receipt(first, word).status_code == 200
    assert states(page) == ["delivered"]
    for _twice in range(2):
        assert vonage.text_in(f"{night.url}/vonage/sms", number=number, body="1", ref="the-same").status_code == 200
    assert text(night, vonage).asked["text"].strip() == "Ada, you have acknowledged it."
    page.refresh_from_db()
    assert page.state == "acknowledged"


def test_quiet_pages_of_half_a_minute_are_one_text_and_each_hears_what_became_of_it(
    night: Night, vonage: VonagePeer
) -> None:
    ada = make_person("Ada", methods=["sms"])
    number = ada.contact_methods.get().address
    pages = [
        make_page(make_policy((300, [ada])), title=title, urgency="low", now=night.now())
        for title in ("Disk is filling up", "Mail is late")
    ]
    night.look()
    assert vonage.texts == []
    night.pass_time(seconds=36)
    together = text(night, vonage)
    assert together.asked["text"].startswith(f"2 pages: {pages[0].code} Disk is filling up; {pages[1].code} Mail is")
    assert vonage.receipt(together, "delivered").status_code == 200
    assert [states(each) for each in pages] == [["delivered"], ["delivered"]]
    vonage.text_in(f"{night.url}/vonage/sms", number=number, body="2")
    assert text(night, vonage).asked["text"].startswith("Which one? ")
    vonage.text_in(f"{night.url}/vonage/sms", number=number, body="Ack all!")
    assert f"{pages[0].code}, {pages[1].code}" in text(night, vonage).asked["text"]
    assert {Page.objects.get(pk=each.pk).state for each in pages} == {"acknowledged"}


def test_a_number_that_is_gone_is_switched_off(night: Night, vonage: VonagePeer) -> None:
    page, _number = paged(night, "sms")
    vonage.receipt(text(night, vonage), "failed", code="3")
    delivery = Delivery.objects.get(page=page)
    assert delivery.state == "failed"
    assert delivery.contact_method is not None
    assert delivery.contact_method.disabled_at is not None


def test_who_calls_back_hears_why(night: Night, vonage: VonagePeer) -> None:
    page, number = paged(night, "voice")
    call(night, vonage)
    said = vonage.call_in(f"{night.url}/vonage/voice", number=number)
    assert "Power lost in hall 2." in said
    assert vonage.call_in(f"{night.url}/vonage/voice", number="+46700000000") == ""
    assert page.code


def test_stop_is_honoured(night: Night, vonage: VonagePeer) -> None:
    page, number = paged(night, "sms")
    text(night, vonage)
    vonage.text_in(f"{night.url}/vonage/sms", number=number, body="STOP")
    method = Delivery.objects.get(page=page).contact_method
    assert method is not None
    assert method.opted_out_at is not None
    vonage.text_in(f"{night.url}/vonage/sms", number=number, body="START")
    method.refresh_from_db()
    assert method.opted_out_at is None


def test_an_answer_elsewhere_hangs_up_a_ringing_call(night: Night, vonage: VonagePeer) -> None:
    _page, number = paged(night, "sms", "voice")
    ringing = call(night, vonage)
    text(night, vonage)
    vonage.text_in(f"{night.url}/vonage/sms", number=number, body="1")
    until(night, lambda: ringing.status == "cancelled")
    text(night, vonage)


def test_a_yes_takes_the_pin_and_counts_once(night: Night, vonage: VonagePeer) -> None:
    it = waiting(reached={"Vic": "voice"})
    give_pin(it.vps["Vic"], "7391")
    said = vonage.pick_up(call(night, vonage), "5", "1111", "7391")
    assert "Wipe web1." in said
    assert "That is not your PIN. Nothing was approved." in said
    assert "You approved" in said
    assert it.votes() == [("Vic", "approve", "voice", True)]
    night.everything("messages")


def test_the_second_carrier_takes_over_and_a_late_answer_by_the_first_one_counts(
    night: Night, phones: Phones, settings: Settings
) -> None:
    with vonage_peer(settings) as peer:
        page, number = paged(night, "sms")
        phones.script({number: {"undelivered": 30008}})  # the network's bad moment, said after the text was taken
        first = night.text_to(Person.objects.get(name="Ada"))
        second = text(night, peer)
        delivery = Delivery.objects.get(page=page)
        assert (delivery.provider, delivery.state, f"+{second.to}") == ("vonage", "sent", number)
        tell_late(night, settings, first, delivery, "delivered")
        tell_late(night, settings, first, delivery, "undelivered")
        delivery.refresh_from_db()
        assert (delivery.provider, delivery.state) == ("vonage", "sent"), "words about an earlier try change nothing"
        assert "Ada, you have acknowledged it." in phones.reply(first, "1")
        page.refresh_from_db()
        assert page.state == "acknowledged"
        peer.receipt(second, "delivered")
        phones.call_back()
        peer.text_in(f"{night.url}/vonage/sms", number=number, body="1")
        assert night.text_to(Person.objects.get(name="Ada"))["text"].startswith("You have it since ")
        assert len(peer.texts) == 1


def test_while_the_first_carrier_is_dead_the_second_one_calls(night: Night, phones: Phones, settings: Settings) -> None:
    with vonage_peer(settings) as peer:
        phones.script({"*": {"http": 503}})
        page, number = paged(night, "voice")
        ringing = call(night, peer)
        assert f"+{ringing.to}" == number
        assert peer.pick_up(ringing, "1").endswith("Good-bye.")
        page.refresh_from_db()
        assert page.state == "acknowledged"
        assert len(peer.calls) == 1

"""Approvals on a call: what the voice says, what the keys do, and how often a PIN may be wrong."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from eap.approvals import basis
from eap.models import RunStep
from eap.operations.runs.change_inputs import change_inputs
from eap.run_queries import board_for_reading
from engine import clock
from notifications import page_links
from notifications.models import Delivery, InboundReceipt
from people.models import PhonePin
from tests.builders import by, make_person
from tests.eap.phone.callers import Waiting, call_to, give_pin, waiting
from tests.eap.runs.actions import once
from tests.eap.runs.builders import do, go
from tests.notifications.answering import page_now, post_signed
from tests.phones import Phones

ON_CALL = {"Vic": "voice"}


def test_the_voice_says_what_is_approved_and_5_with_the_pin_approves_it(phones: Phones) -> None:
    it = waiting(reached=ON_CALL)
    give_pin(it.vps["Vic"])
    said = phones.pick_up(call_to(phones, it.vps["Vic"]), "57391#")
    assert said.startswith("Hello Vic. This is Muster. Approve: Agree (Restore the web server). Wipe web1. Host: web1.")
    assert "Burn: Would do test-once (accounts 7). Press 5 to approve. Press 6 to say no." in said
    assert "Press 3 to hear this again. Press 1 only to acknowledge." in said
    assert "Your PIN is needed to approve this. Enter your PIN, then press the hash key." in said
    assert "You approved “Agree” (Restore the web server). Nobody else is needed; it goes ahead. Good-bye." in said
    assert it.votes() == [("Vic", "approve", "voice", True)]
    go(clock.now())
    assert once.called() == [""]


def test_a_wrong_pin_is_asked_for_again_three_times_in_all(phones: Phones) -> None:
    it = waiting(reached=ON_CALL)
    give_pin(it.vps["Vic"])
    said = phones.pick_up(call_to(phones, it.vps["Vic"]), "50001#0002#7391#")
    assert said.count("Enter your PIN") == 3
    assert it.votes() == [("Vic", "approve", "voice", True)]


def test_after_three_wrong_ones_the_call_ends_and_nothing_is_approved(phones: Phones) -> None:
    it = waiting(reached=ON_CALL)
    give_pin(it.vps["Vic"])
    said = phones.pick_up(call_to(phones, it.vps["Vic"]), "50001#0002#0003#7391#")
    assert said.count("Enter your PIN") == 3
    assert said.endswith("That is not your PIN. Nothing was approved. Good-bye.")
    assert it.votes() == []
    assert PhonePin.objects.get().tries == 3


def test_a_locked_pin_ends_the_call(phones: Phones) -> None:
    it = waiting(reached=ON_CALL)
    give_pin(it.vps["Vic"])
    PhonePin.objects.update(tries=4)
    said = phones.pick_up(call_to(phones, it.vps["Vic"]), "50001#7391#")
    assert "Too many wrong PINs. None is taken until" in said
    assert it.votes() == []
    assert Delivery.objects.get(kind="news").person == it.vps["Vic"]


def test_without_a_pin_5_is_not_offered_and_not_taken(phones: Phones) -> None:
    it = waiting(reached=ON_CALL)
    said = phones.pick_up(call_to(phones, it.vps["Vic"]), "5")
    assert "To approve it you would need a PIN, and you have set none; approve it on the web." in said
    assert "Press 5" not in said
    assert "it needs your PIN, and you have set none" in said
    assert it.votes() == []


def test_what_can_be_undone_needs_no_pin_where_none_is_set(phones: Phones) -> None:
    it = waiting(destructive=False, reached=ON_CALL)
    said = phones.pick_up(call_to(phones, it.vps["Vic"]), "35")
    assert said.count("Wipe web1.") == 2
    assert "You approved" in said
    assert it.votes() == [("Vic", "approve", "voice", False)]


def test_6_says_no_at_once(phones: Phones) -> None:
    it = waiting(reached=ON_CALL)
    give_pin(it.vps["Vic"])
    said = phones.pick_up(call_to(phones, it.vps["Vic"]), "6")
    assert "You said no to “Agree”" in said
    assert it.votes() == [("Vic", "deny", "voice", False)]
    assert it.step.state == RunStep.State.FAILED


def test_1_only_acknowledges(phones: Phones) -> None:
    it = waiting(destructive=False, reached=ON_CALL)
    assert "you have acknowledged it" in phones.pick_up(call_to(phones, it.vps["Vic"]), "1")
    assert it.votes() == []
    assert it.step.state == RunStep.State.READY


def test_5_and_6_mean_nothing_on_other_calls(phones: Phones) -> None:
    page_now(make_person("Ada", methods=["voice"]))
    (call,) = phones.wait_for("calls")
    said = phones.pick_up(call, "561")
    assert said.count("That key means nothing here.") == 2
    assert "Press 5" not in said


class OnTheLine:
    """Somebody in a call whose requests a test makes itself, to let something happen between two of them."""

    def __init__(self, it: Waiting, settings: Any) -> None:
        self.settings = settings
        delivery = Delivery.objects.get(page=it.page, person=it.vps["Vic"])
        self.token = page_links.sign("voice", delivery.pk, expires_at=clock.now() + timedelta(hours=1))
        self.seal = basis(board_for_reading(it.fresh()), it.step).digest

    def press(self, path: str, digits: str, *, token: str = "", **told: str) -> str:
        """Press keys at what was asked with the seal of before, and return what is said."""
        query = urlencode({"seal": self.seal, **told})
        answer = post_signed(
            self.settings,
            f"/twilio/voice/{self.token}/{path}?{query}",
            {"CallSid": "CA1", "Digits": digits},
            **({"I-Twilio-Idempotency-Token": token} if token else {}),
        )
        assert answer.status_code == 200
        return str(answer.content.decode())


def test_what_changed_during_the_call_is_said_anew(phones: Phones, settings: Any) -> None:
    it = waiting(reached={"Vic": "voice", "Vera": "voice"})
    give_pin(it.vps["Vic"])
    line = OnTheLine(it, settings)
    assert "Enter your PIN" in line.press("answer", "5")
    do(change_inputs, run_id=it.run.pk, inputs={"host": "web2"}, by=by(it.otto), now=clock.now())
    go(clock.now())
    said = line.press("pin", "7391", turn="1")
    assert "What is to be approved has changed since you were told. Look at it again." in said
    assert it.votes() == []
    assert PhonePin.objects.get().tries == 0


def test_a_doubled_callback_votes_once_and_counts_one_wrong_pin(phones: Phones, settings: Any) -> None:
    it = waiting(count=2, reached={"Vic": "voice", "Vera": "voice"})
    give_pin(it.vps["Vic"])
    line = OnTheLine(it, settings)
    for _ in range(2):
        assert "Enter your PIN" in line.press("answer", "5", token="first")
    for _ in range(2):
        line.press("pin", "0001", token="second", turn="1")
    assert PhonePin.objects.get().tries == 1
    for _ in range(2):
        line.press("pin", "7391", token="third", turn="2")
    assert it.votes() == [("Vic", "approve", "voice", True)]


def test_receipts_without_twilios_token_hold_no_pin(phones: Phones, settings: Any) -> None:
    it = waiting(reached=ON_CALL)
    give_pin(it.vps["Vic"])
    OnTheLine(it, settings).press("pin", "7391", turn="1")
    assert it.votes()
    assert not InboundReceipt.objects.filter(key__contains=":7391").exists()


def test_a_forged_address_is_refused(phones: Phones, settings: Any, client: Any) -> None:
    it = waiting(destructive=False, reached=ON_CALL)
    line = OnTheLine(it, settings)
    answer = client.post(f"/twilio/voice/{line.token}/answer?seal={line.seal}", {"CallSid": "CA1", "Digits": "5"})
    assert answer.status_code == 403
    assert it.votes() == []


def test_a_made_up_turn_gives_no_more_tries(phones: Phones, settings: Any) -> None:
    it = waiting(reached=ON_CALL)
    give_pin(it.vps["Vic"])
    line = OnTheLine(it, settings)
    for turn in ("0", "-5", "x", "99", "3"):
        assert "Enter your PIN" not in line.press("pin", "0001", turn=turn, token=f"t{turn}")

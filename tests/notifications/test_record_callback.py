"""The provider's own words about what it took: signed, in any order, twice, late."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from twilio.request_validator import RequestValidator

from engine import clock
from notifications.models import Attempt, ContactMethod, Delivery, InboundReceipt, RefusedCallback
from tests.builders import add_rule, make_method, make_person
from tests.notifications.answering import page_now, post_signed, states
from tests.phones import Phones


def test_a_wrong_signature_changes_nothing_and_is_counted(phones: Phones, settings: Any) -> None:
    page = page_now(make_person("Ada", methods=["sms"]))
    (text,) = phones.wait_for("messages")
    delivery = Delivery.objects.get(page=page)
    forged = Client().post(
        f"/twilio/status/{delivery.pk}/1",
        {"MessageSid": text["sid"], "MessageStatus": "failed", "ErrorCode": "30005"},
        headers={"X-Twilio-Signature": "bm90IHR3aWxpbw=="},
    )
    unsigned = Client().post("/twilio/sms", {"From": delivery.address, "Body": "1", "MessageSid": "SM1"})
    settings.TWILIO_AUTH_TOKEN = ""
    empty = post_signed(settings, "/twilio/sms", {"From": delivery.address, "Body": "1", "MessageSid": "SM1"})
    assert (forged.status_code, unsigned.status_code, empty.status_code) == (403, 403, 403)
    assert RefusedCallback.objects.get().count == 3
    delivery.refresh_from_db()
    page.refresh_from_db()
    assert (delivery.state, page.state) == ("sent", "paging")


def test_a_json_body_must_be_covered_by_its_hash(phones: Phones, settings: Any) -> None:
    path = "/twilio/sms"
    signature = RequestValidator(settings.TWILIO_AUTH_TOKEN).compute_signature(settings.PUBLIC_URL + path, {})
    answer = Client().post(path, "{}", content_type="application/json", headers={"X-Twilio-Signature": signature})
    assert answer.status_code == 403


def test_callbacks_in_any_order_or_twice_never_take_a_delivery_back(phones: Phones, settings: Any) -> None:
    page = page_now(make_person("Ada", methods=["sms"]))
    delivery = Delivery.objects.get(page=page)
    path = f"/twilio/status/{delivery.pk}/{delivery.fence}"

    def tell(status: str, code: str = "") -> int:
        data = {"MessageSid": delivery.provider_ref, "MessageStatus": status, "ErrorCode": code}
        return int(post_signed(settings, path, data).status_code)

    assert [tell("delivered"), tell("sent"), tell("delivered"), tell("failed", "30005")] == [204] * 4
    delivery.refresh_from_db()
    assert (delivery.state, delivery.provider_rank) == ("delivered", 5)
    assert ContactMethod.objects.get().usable
    kept = Attempt.objects.filter(delivery=delivery).order_by("id").values_list("result", flat=True)
    assert list(kept) == ["accepted", "delivered", "sent", "failed"], "late words are kept, doubles are not"
    assert states(page) == {"Ada": "delivered"}


def test_a_late_word_about_an_earlier_try_does_not_count(phones: Phones, settings: Any) -> None:
    page = page_now(make_person("Ada", methods=["sms"]))
    delivery = Delivery.objects.get(page=page)
    Delivery.objects.filter(pk=delivery.pk).update(fence=2)
    data = {"MessageSid": "SMold", "MessageStatus": "undelivered", "ErrorCode": "30003"}
    assert post_signed(settings, f"/twilio/status/{delivery.pk}/1", data).status_code == 204
    delivery.refresh_from_db()
    assert delivery.state == "sent"


def test_a_callback_about_nothing_changes_nothing(phones: Phones, settings: Any) -> None:
    data = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    assert post_signed(settings, "/twilio/status/999999/1", data).status_code == 204
    assert post_signed(settings, "/twilio/voice/1-zzzzzz-AAAAAAAAAAAAAAAAAAAAAA", {"CallSid": "CA1"}).status_code == 204
    assert not InboundReceipt.objects.exists()


def test_a_callback_of_progress_takes_at_most_three_queries(phones: Phones, settings: Any) -> None:
    page = page_now(make_person("Ada", methods=["sms"]))
    delivery = Delivery.objects.get(page=page)
    data = {"MessageSid": delivery.provider_ref, "MessageStatus": "sending"}
    with CaptureQueriesContext(connection) as queries:
        post_signed(settings, f"/twilio/status/{delivery.pk}/{delivery.fence}", data)
    assert len(queries) <= 3, [query["sql"] for query in queries]


@pytest.mark.parametrize(
    ("code", "state", "usable"),
    [("30003", "failed", True), ("30005", "failed", False), ("30006", "failed", False), ("30008", "pending", True)],
)
def test_what_the_network_says_decides_about_the_address(
    phones: Phones, settings: Any, code: str, state: str, usable: bool
) -> None:
    ada = make_person("Ada", methods=["sms"])
    add_rule(make_method(ada, "voice"), delay_s=600)
    page = page_now(ada)
    delivery = Delivery.objects.get(page=page, channel="sms")
    data = {"MessageSid": delivery.provider_ref, "MessageStatus": "undelivered", "ErrorCode": code}
    post_signed(settings, f"/twilio/status/{delivery.pk}/{delivery.fence}", data)
    delivery.refresh_from_db()
    assert delivery.state == state
    assert ContactMethod.objects.get(deliveries=delivery).usable is usable
    assert Delivery.objects.get(page=page, channel="voice").not_before <= clock.now()

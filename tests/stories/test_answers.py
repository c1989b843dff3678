"""Texts, links and keys that come back."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import httpx

from notifications.models import ContactMethod, Urgency
from tests.builders import add_rule, make_method, make_person
from tests.stories.night import Night
from tests.stories.paging import HALL_2, page, state


def test_a_texted_1_takes_the_page_and_the_phone_stops_ringing(night: Night) -> None:
    ada = make_person("Ada")
    paged = page(night, ada)
    ringing, text = night.call_to(ada), night.text_to(ada)
    assert HALL_2 in text["text"]
    assert "Ada, you have acknowledged it." in night.phones.reply(text, "1")
    night.is_hung_up(ringing)
    assert (state(paged), paged.acknowledged_by) == ("acknowledged", ada)


def test_a_pressed_1_withdraws_what_had_not_left_yet(night: Night) -> None:
    ada = make_person("Ada", methods=["voice"])
    add_rule(make_method(ada, "sms"), delay_s=120)
    paged = page(night, ada)
    night.phones.pick_up(night.call_to(ada), "1")
    night.pass_time(minutes=3)
    night.stays_quiet()
    assert state(paged) == "acknowledged"


def test_a_code_names_the_page_among_several(night: Night) -> None:
    ada = make_person("Ada", methods=["sms"])
    older = page(night, ada, "Disk full")
    text = night.text_to(ada)
    newer = page(night, ada, "Mail is late")
    night.text_to(ada)
    night.phones.reply(text, f"1 {older.code}")
    assert (state(older), state(newer)) == ("acknowledged", "paging")


def test_nonsense_is_told_what_is_possible_and_takes_nothing(night: Night) -> None:
    ada = make_person("Ada", methods=["sms"])
    paged = page(night, ada)
    assert "Reply 1" in night.phones.reply(night.text_to(ada), "what is this about")
    assert state(paged) == "paging"


def test_a_strangers_text_gets_no_answer_and_takes_nothing(night: Night) -> None:
    ada = make_person("Ada", methods=["sms"])
    paged = page(night, ada)
    night.text_to(ada)
    for body in ("1", f"1 {paged.code}", "STOP"):
        assert night.phones.text_in(number="+12065559999", body=body) == ""
    assert state(paged) == "paging"
    assert ContactMethod.objects.get().usable


def test_after_stop_nothing_more_comes_by_text_until_start(night: Night) -> None:
    ada = make_person("Ada", methods=["sms"])
    make_method(ada, "email")
    page(night, ada)
    text = night.text_to(ada)
    night.phones.reply(text, "STOP")
    page(night, ada, "Mail is late")
    night.mail_to(ada)
    night.stays_quiet()
    night.phones.reply(text, "START")
    page(night, ada, "Disk full")
    assert "Disk full" in night.text_to(ada)["text"]


def test_a_scanner_that_follows_the_link_takes_nothing_and_the_button_does(night: Night) -> None:
    ada = make_person("Ada", methods=["email"])
    paged = page(night, ada)
    (link,) = night.mail_to(ada)["links"]
    with httpx.Client(timeout=20, trust_env=False) as browser:
        assert HALL_2 in browser.get(link).raise_for_status().text
        browser.head(link).raise_for_status()
        assert state(paged) == "paging"
        done = browser.post(link, data={"verb": "acknowledge", "once": "1"}).raise_for_status()
        assert "Ada, you have acknowledged it." in done.text
        forged = browser.post(f"{link[:-3]}xx/", data={"verb": "acknowledge", "once": "1"})
    assert forged.status_code == 404
    assert (state(paged), paged.acknowledged_by) == ("acknowledged", ada)


def test_a_webhook_proves_that_it_is_ours(night: Night) -> None:
    ada = make_person("Ada", methods=[])
    method = make_method(ada, "webhook", address=f"{night.phones.url}/hook/ada")
    method.secret = "between us"
    method.save()
    add_rule(method, urgency=Urgency.HIGH)
    paged = page(night, ada)
    hook = night.hook("ada")
    headers = {name.lower(): value for name, value in hook["headers"].items()}
    signed = f"{headers['muster-timestamp']}.{hook['text']}".encode()
    expected = "v1=" + hmac.new(b"between us", signed, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(headers["muster-signature"], expected)
    content: dict[str, Any] = json.loads(hook["text"])
    assert (content["title"], content["page"]) == (HALL_2, str(paged.pk))

"""What messages say: texts, calls, mail."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from xml.etree import ElementTree as Xml

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.by_text.words import ONE_TEXT, text_of
from notifications.channels.base import Message
from notifications.channels.email.letters import letter_of
from notifications.channels.twilio import spoken

LINK = "https://muster.example/p/3f-toxpo0-_KwB-ZAvdTJ3nvGlfqojfQ/"
PAGED = Message(
    delivery_id=123,
    fence=1,
    kind="page",
    to="+46701234567",
    name="Ada",
    headline="SEV1 1042: Power lost in hall 2",
    title="Incident 1042: Power lost in hall 2",
    spoken="severity 1, incident 1 0 4 2. Power lost in hall 2",
    link=LINK,
    code="4821",
    answerable=True,
    subject="incident:9f1c",
    sent_at=datetime(2026, 11, 22, 3, 0, tzinfo=UTC),
)
ALARM = replace(
    PAGED,
    kind="alarm",
    headline="Muster needs an administrator",
    title="",
    spoken="Muster needs an administrator",
    sentence="The database is gone for 61 s.",
    link="",
    code="",
    answerable=False,
)


def test_a_text_says_what_happened_how_to_answer_and_where() -> None:
    assert text_of(PAGED) == (
        "SEV1 1042: Power lost in hall 2. Reply 1 to acknowledge, 2 to escalate, 9 if you can't. Code 4821 " + LINK
    )


def test_a_long_headline_is_cut_but_never_below_what_tells_the_story() -> None:
    text = text_of(replace(PAGED, headline="SEV1 1042: " + "very " * 60 + "long"))
    assert "..." in text
    assert len(text.partition("...")[0]) >= 60
    assert text.endswith(LINK)
    assert len(text) <= 2 * 153


def test_typographic_marks_do_not_halve_a_text() -> None:
    text = text_of(replace(PAGED, headline="\u201cPower\u201d \u2013 lost\u2026"))
    assert text.isascii()
    assert len(text) <= ONE_TEXT


@given(headline=st.text(max_size=400))
def test_any_headline_makes_a_text_with_code_and_link(headline: str) -> None:
    text = text_of(replace(PAGED, headline=headline))
    assert text.endswith(f"Code 4821 {LINK}")


def test_an_alarm_says_its_sentence() -> None:
    assert text_of(ALARM) == "Muster needs an administrator The database is gone for 61 s."


def test_a_verification_says_the_code_and_nothing_else() -> None:
    message = replace(ALARM, kind="verification", sentence="Your code for Muster is 048213.")
    assert text_of(message) == "Your code for Muster is 048213."
    assert "0, 4, 8, 2, 1, 3" in spoken.statement(message)


def test_a_call_asks_twice_and_hangs_up() -> None:
    document = Xml.fromstring(spoken.question(PAGED, token="abc"))  # noqa: S314 - our own document
    assert [child.tag for child in document] == ["Gather", "Gather", "Say", "Hangup"]
    for gather in document.findall("Gather"):
        assert gather.get("numDigits") == "1"
        assert str(gather.get("action")).endswith("/twilio/voice/abc/answer")
        assert "Press 1 to acknowledge. Press 2 to escalate" in str(gather.findtext("Say"))
    assert str(document[0].findtext("Say")).startswith(
        "Hello Ada. This is Muster. severity 1, incident 1 0 4 2. Power lost in hall 2. Press 1"
    )


@given(title=st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200))
def test_any_title_makes_a_call_that_twilio_can_read(title: str) -> None:
    message = replace(PAGED, spoken=title, name=title, sentence=title)
    Xml.fromstring(spoken.question(message, token="abc"))  # noqa: S314
    Xml.fromstring(spoken.statement(message))  # noqa: S314


def test_an_empty_summary_still_makes_a_sensible_call() -> None:
    said = Xml.fromstring(spoken.question(replace(PAGED, spoken=""), token="abc")).findtext("Gather/Say")  # noqa: S314
    assert said is not None
    assert said.startswith("Hello Ada. This is Muster. Press 1 to acknowledge.")


def test_numbers_are_read_digit_by_digit() -> None:
    assert "server 4 8 1 2 is down" in spoken.question(replace(PAGED, spoken="server 4812 is down"), token="abc")


def test_a_mail_has_text_and_html_with_the_link_and_stops_auto_answers() -> None:
    letter = letter_of(replace(PAGED, to="ada@harbor.example"))
    assert letter["Subject"] == "SEV1 1042: Power lost in hall 2"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert str(letter["Message-ID"]).startswith("<delivery-123@")
    plain, html = letter.get_body(("plain",)), letter.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert LINK in plain.get_content()
    assert LINK in html.get_content()


@pytest.mark.parametrize("field", ["headline", "name"])
@pytest.mark.parametrize("attack", ["x\r\nBcc: all@example.org", "x\nBcc: all@example.org", "x\r\n\r\nbody", "x\0y"])
def test_no_header_can_be_put_into_a_mail(field: str, attack: str) -> None:
    message = replace(PAGED, to="ada@harbor.example")
    letter = letter_of(replace(message, name=attack) if field == "name" else replace(message, headline=attack))
    raw = letter.as_bytes()
    head = raw.partition(b"\r\n\r\n")[0]
    assert not any(line.lower().startswith(b"bcc:") for line in head.split(b"\r\n"))
    assert letter["Bcc"] is None


def test_markup_in_a_title_stays_text_in_a_mail() -> None:
    html = letter_of(replace(PAGED, to="a@b.example", title="<script>x</script>")).get_body(("html",))
    assert html is not None
    assert "<script>" not in html.get_content()

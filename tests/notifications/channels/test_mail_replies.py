"""What an answer by mail means: its first own line, never what it quotes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from notifications.channels.email.own_words import text_of_html
from notifications.channels.email.replies import own_line, read_reply
from notifications.channels.email.reply_addresses import delivery_named, reply_address

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "verb"),
    [
        ("ack", "acknowledge"),
        ("  ACK. ", "acknowledge"),
        ("Ack, thanks!", "acknowledge"),
        ("1", "acknowledge"),
        ("ack 4821", "acknowledge"),
        ("\n\nok\n\nOn Sun, Nov 22, 2026 at 3:00 AM Muster wrote:\n> no", "acknowledge"),
        ("> ack\n> escalate\nno", "decline"),
        ("2", "escalate"),
        ("escalate please", "escalate"),
        ("can't", "decline"),
        ("can\u2019t", "decline"),
        ("approve 4821", "approval"),
        ("deny", "approval"),
        ("I can not say ok to this", ""),
        ("not ok", ""),
        ("ack no", ""),
        ("On Sun, Nov 22, 2026 at 3:00 AM Muster wrote:\n> ack", ""),
        ("-- \nack", ""),
        ("> ack", ""),
        ("", ""),
    ],
)
def test_an_answer_is_its_first_own_line(text: str, verb: str) -> None:
    assert read_reply(text) == verb


@pytest.mark.parametrize(
    ("html", "verb"),
    [
        ("<html><head><style>p {color: red}</style></head><body><p>Ack</p></body></html>", "acknowledge"),
        ("<div>ack</div><div class='gmail_quote'>On Sunday Muster wrote:<br>no</div>", "acknowledge"),
        ("<p><b>2</b></p><div id='divRplyFwdMsg'><b>From:</b> Muster</div><p>no</p>", "escalate"),
        ("<blockquote><p>ack</p></blockquote><p>can&rsquo;t</p>", "decline"),
        ("<blockquote><p>ack</blockquote>", ""),
        ("<div class='moz-cite-prefix'>On Sunday</div>ack", ""),
        ("<p>I am away. ack</p>", ""),
        ("<blockquote>ack", ""),
        ("</blockquote></p><p>ok", "acknowledge"),
        ("<!-- ack --><script>ack</script>", ""),
        ("", ""),
    ],
)
def test_of_a_mail_in_html_what_stands_before_its_quote_counts(html: str, verb: str) -> None:
    assert read_reply(text_of_html(html)) == verb


def test_a_quote_is_not_ones_own() -> None:
    assert own_line("> theirs\n\n mine \nlater") == "mine"


def test_a_reply_address_names_its_delivery_and_no_other(settings: Any) -> None:
    settings.EMAIL_REPLY_TO = "reply@mail.harbor.example"
    address = reply_address(4711, sent_at=AT)
    local = address.partition("@")[0]
    assert len(local) <= 64
    assert local == local.lower()
    assert delivery_named(["someone@x.example", f"Muster <{address.upper()}>"], now=AT) == 4711
    forged = address.replace(f"+{4711:x}-", f"+{4712:x}-")
    assert forged != address
    assert delivery_named([forged], now=AT) is None
    assert delivery_named([address], now=AT + timedelta(hours=24)) is None
    assert delivery_named(["", "reply@mail.harbor.example", "+-@x"], now=AT) is None


def test_the_longest_mailbox_still_fits(settings: Any) -> None:
    settings.EMAIL_REPLY_TO = "abcdefghijkl@x.example"
    assert len(reply_address(2**48 - 1, sent_at=AT).partition("@")[0]) <= 64


def test_without_a_mailbox_there_is_no_reply_address(settings: Any) -> None:
    settings.EMAIL_REPLY_TO = ""
    assert reply_address(4711, sent_at=AT) == ""

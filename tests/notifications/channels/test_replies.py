"""What people text back."""

from __future__ import annotations

import pytest

from notifications.by_text.replies import Reply, read_reply


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("1", Reply("acknowledge")),
        (" 1. ", Reply("acknowledge")),
        ("ACK", Reply("acknowledge")),
        ("Ack!", Reply("acknowledge")),
        ("ok", Reply("acknowledge")),
        ("yes", Reply("acknowledge")),
        ("4821", Reply("acknowledge", "4821")),
        ("1 4821", Reply("acknowledge", "4821")),
        ("4821 1", Reply("acknowledge", "4821")),
        ("ack: 4821", Reply("acknowledge", "4821")),
        ("ack 482100", Reply("acknowledge", "482100")),
        ("2", Reply("escalate")),
        ("2 4821", Reply("escalate", "4821")),
        ("Escalate", Reply("escalate")),
        ("9", Reply("decline")),
        ("No", Reply("decline")),
        ("can't", Reply("decline")),
        ("can\u2019t", Reply("decline")),
        ("approve 4821", Reply("approve", "4821")),
        ("APPROVE 4821 7391", Reply("approve", "4821", "7391")),
        (" Approve: 4821, 7391. ", Reply("approve", "4821", "7391")),
        ("Approve 4821-73918264!", Reply("approve", "4821", "73918264")),
        ("4821 approve pin 7391", Reply("approve", "4821", "7391")),
        ("approve", Reply("approve")),
        ("deny 4821", Reply("deny", "4821")),
        ("Denied 482100.", Reply("deny", "482100")),
        ("do not approve 4821", Reply("")),
        ("approve 4821 or deny 4821", Reply("")),
        ("approve no 4821", Reply("")),
        ("approve 4821 7391 7392", Reply("")),
        ("approve 73918264", Reply("")),
        ("approve 4821 12", Reply("")),
        ("approved?4821", Reply("approve", "4821")),
        ("disapprove 4821", Reply("", "4821")),
        ("STOP", Reply("stop")),
        ("stop.", Reply("stop")),
        ("Unsubscribe", Reply("stop")),
        ("please stop calling", Reply("")),
        ("START", Reply("start")),
        ("help", Reply("help")),
        ("1 2", Reply("")),
        ("1 4821 4822", Reply("")),
        ("1 or 2?", Reply("")),
        ("what is this", Reply("")),
        ("", Reply("")),
        ("👍", Reply("")),
        ("12", Reply("")),
    ],
)
def test_a_text_means(body: str, expected: Reply) -> None:
    assert read_reply(body) == expected


@pytest.mark.parametrize(
    ("body", "number"),
    [("7391", "7391"), (" 73918264. ", "73918264"), ("1 4821", ""), ("739", ""), ("739182640", ""), ("٧٣٩١", "")],
)
def test_a_bare_number_may_be_a_pin(body: str, number: str) -> None:
    assert read_reply(body).number == number


def test_a_pin_is_not_written_out() -> None:
    assert "7391" not in repr(read_reply("approve 4821 7391"))


def test_twilios_own_reading_wins() -> None:
    assert read_reply("arrêt", opt_out="STOP") == Reply("stop")
    assert read_reply("1", opt_out="START") == Reply("start")

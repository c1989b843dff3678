"""What people text back."""

from __future__ import annotations

import pytest

from notifications.channels.twilio.replies import Reply, read_reply


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


def test_twilios_own_reading_wins() -> None:
    assert read_reply("arrêt", opt_out="STOP") == Reply("stop")
    assert read_reply("1", opt_out="START") == Reply("start")

"""What people are told about how they are reached."""

from __future__ import annotations

import pytest

from notifications.rules.reachability import Way, warnings


def way(
    channel: str = "voice",
    *,
    usable: bool = True,
    verified: bool = True,
    answers: bool = True,
    rings: bool | None = None,
    high_delay_s: int | None = 0,
) -> Way:
    return Way(
        name=channel,
        channel=channel,
        usable=usable,
        verified=verified,
        answers=answers,
        rings=channel == "voice" if rings is None else rings,
        high_delay_s=high_delay_s,
    )


@pytest.mark.parametrize(
    ("ways", "kinds", "word"),
    [
        ([], ["bad"], "Nobody can reach you"),
        ([way(usable=False)], ["bad"], "Nobody can reach you"),
        ([way("webhook", answers=False)], ["bad", "watch", "watch"], "you can't answer"),
        ([way(), way("sms")], [], ""),
        ([way(), way("sms", verified=False)], ["watch"], "Not verified yet: sms"),
        ([way(), way("sms", usable=False)], ["watch"], "Only one way"),
        ([way(high_delay_s=None), way("sms", high_delay_s=None)], ["watch"], "No rule for high urgency"),
        ([way("email"), way("sms")], ["watch"], "Nothing rings within five minutes"),
        ([way(high_delay_s=301), way("sms")], ["watch"], "Nothing rings within five minutes"),
        ([way(high_delay_s=300), way("sms")], [], ""),
    ],
)
def test_what_is_missing_is_said(ways: list[Way], kinds: list[str], word: str) -> None:
    found = warnings(ways)
    assert [each.kind for each in found] == kinds
    assert word in " ".join(each.sentence for each in found)

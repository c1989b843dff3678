"""Tables for `notifications.rules.silence`: what an acknowledged page needs when its time comes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from notifications.rules.frozen_policy import FrozenPolicy
from notifications.rules.silence import Quiet, due_for, remind_at, repage_at

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def policy(remind: int | None, repage: int | None) -> FrozenPolicy:
    return FrozenPolicy(name="Hosting", levels=(), remind_after_s=remind, repage_after_s=repage)


@pytest.mark.parametrize(
    ("reminded", "snoozed", "remind", "repage", "expected"),
    [
        (False, False, 600, 300, Quiet.REMIND),
        (True, False, 600, 300, Quiet.REPAGE),
        (True, False, 600, None, Quiet.REST),
        (False, False, None, None, Quiet.REST),
        (False, True, None, None, Quiet.REPAGE),
        (True, True, 600, None, Quiet.REPAGE),
    ],
)
def test_silence_reminds_then_pages_again(
    reminded: bool, snoozed: bool, remind: int | None, repage: int | None, expected: Quiet
) -> None:
    due = due_for(
        reminded_at=NOW if reminded else None, snoozed_until=NOW if snoozed else None, policy=policy(remind, repage)
    )
    assert due is expected


def test_times_follow_the_policy() -> None:
    assert remind_at(policy=policy(600, None), now=NOW) == NOW + timedelta(minutes=10)
    assert repage_at(policy=policy(600, 300), now=NOW) == NOW + timedelta(minutes=5)
    assert remind_at(policy=policy(None, 300), now=NOW) is None
    assert repage_at(policy=policy(600, None), now=NOW) is None

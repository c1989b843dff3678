"""Tables for `notifications.rules.contact_choice`: which methods a page uses for one person."""

from __future__ import annotations

import pytest

from notifications.rules.contact_choice import Method, Rule, choose

SMS = Method(id="sms", usable=True, verified=True)
VOICE = Method(id="voice", usable=True, verified=True)
DOUBTFUL = Method(id="doubtful", usable=True, verified=False)
DISABLED = Method(id="disabled", usable=False, verified=True)


@pytest.mark.parametrize(
    ("rules", "methods", "high", "everything", "expected", "without_rule"),
    [
        # rules are followed to the end, soonest first
        ([("voice", 60), ("sms", 0)], [SMS, VOICE], True, False, [("sms", 0), ("voice", 60)], False),
        ([("sms", 0), ("sms", 60)], [SMS], True, False, [("sms", 0), ("sms", 60)], False),
        # a rule whose method is off is skipped
        ([("disabled", 0), ("sms", 60)], [DISABLED, SMS, VOICE], True, False, [("sms", 0)], False),
        (
            [("disabled", 30), ("sms", 60), ("voice", 90)],
            [DISABLED, SMS, VOICE],
            True,
            False,
            [("sms", 30), ("voice", 60)],
            False,
        ),
        # no rule that works: verified methods, said so
        ([], [DOUBTFUL, SMS, VOICE], True, False, [("sms", 0), ("voice", 0)], True),
        ([("disabled", 0)], [DISABLED, SMS], True, False, [("sms", 0)], True),
        ([], [SMS, VOICE], False, False, [("sms", 0)], True),
        # nothing verified: a doubtful number beats silence
        ([], [DOUBTFUL], True, False, [("doubtful", 0)], True),
        # nothing at all
        ([], [], True, False, [], False),
        ([("disabled", 0)], [DISABLED], True, False, [], False),
        # a shout uses all that works, at once
        ([("sms", 60)], [SMS, DOUBTFUL, DISABLED], True, True, [("sms", 0), ("doubtful", 0)], False),
    ],
)
def test_methods_by_rule_then_by_what_there_is(
    rules: list[tuple[str, int]],
    methods: list[Method],
    high: bool,
    everything: bool,
    expected: list[tuple[str, int]],
    without_rule: bool,
) -> None:
    choice = choose(
        rules=[Rule(method=method, delay_s=delay_s) for method, delay_s in rules],
        methods=methods,
        high_urgency=high,
        everything=everything,
    )
    assert [(rule.method, rule.delay_s) for rule in choice.rules] == expected
    assert choice.without_rule is without_rule

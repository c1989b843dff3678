"""What is allowed and still likely to hurt."""

from __future__ import annotations

from datetime import date

import pytest

from eap.format.lint import lint
from eap.format.lint_secrets import RANDOM_BITS
from tests.eap.format.texts import LOOK, document

APPROVE = (
    "- {id: agree, kind: approval, title: Agree, role: ops, needs: [look], "
    "approval: {roles: [ops], destructive: true}}\n"
)


def warnings(steps: str) -> list[str]:
    """Return the warnings about the steps, without those about unused inputs, roles and lanes of the head."""
    found = lint(document(steps))
    assert all(problem.level == "warning" for problem in found)
    return [problem.sentence for problem in found if problem.path[0] == "steps"]


def chain(length: int) -> str:
    first = "- {id: s0, kind: manual, title: T, role: ops}\n"
    return first + "".join(
        f"- {{id: s{n}, kind: manual, title: T, role: ops, needs: [s{n - 1}]}}\n" for n in range(1, length)
    )


def test_nine_steps_without_a_pause_are_enough() -> None:
    assert warnings(chain(9)) == []
    (only,) = warnings(chain(12))
    assert only.startswith("More than 9 steps lie before this one without a pause.")
    paused = chain(9) + "- {id: stop, kind: pause_point, title: P, role: ops, needs: [s8], lines: [{text: Ready}]}\n"
    assert warnings(paused + "- {id: on, kind: manual, title: T, role: ops, needs: [stop]}\n") == []


def test_a_pause_point_is_a_short_list_too() -> None:
    lines = ", ".join("{text: Ready}" for _ in range(10))
    assert warnings(f"- {{id: stop, kind: pause_point, title: P, role: ops, lines: [{lines}]}}\n") == [
        "A pause point with 10 lines is read past. Nine at most; split it."
    ]


DESTROY = "- {id: wipe, kind: manual, title: Wipe, role: ops, destructive: true, needs: [%s]}\n"
NO_APPROVAL = '"wipe" destroys something, and there is a way to it without any approval.'


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (LOOK + DESTROY % "look", [NO_APPROVAL]),
        (LOOK + APPROVE + DESTROY % "agree", []),
        (LOOK + APPROVE + DESTROY % "look, agree", []),
        (LOOK + APPROVE + (DESTROY % "look, agree").replace("needs", "join: any, needs"), [NO_APPROVAL]),
        (LOOK + APPROVE.replace("needs", "when: run.drill, needs") + DESTROY % "look, agree", [NO_APPROVAL]),
        (LOOK + APPROVE.replace("needs", "when: run.drill, needs") + DESTROY % "agree", []),
        (
            LOOK + APPROVE.replace(", destructive: true", "") + DESTROY % "agree",
            ['No approval before "wipe" is marked `destructive: true`, so none asks for a second factor.'],
        ),
        (
            LOOK + (DESTROY % "look").replace("destructive", "point_of_no_return"),
            ['After "wipe" there is no way back, and there is a way to it without any approval.'],
        ),
    ],
)
def test_every_way_to_destruction_leads_through_an_approval(steps: str, expected: list[str]) -> None:
    assert warnings(steps) == expected


def test_work_without_anybody_is_told() -> None:
    assert warnings("- {id: look, kind: manual, title: T}\n") == [
        '"look" has no role and no lane with an owner; it goes to the incident commander.'
    ]
    assert warnings("- {id: look, kind: manual, title: T, lane: web}\n") == []


def test_an_automation_without_limit_or_proof_is_told() -> None:
    act = "- {id: act, kind: automation, title: T, role: ops, call: {action: http}}\n"
    assert warnings(act) == [
        '"act" has no `timeout`; it is ten minutes.',
        'Nothing verifies what "act" did: no verify step after it, and no `expect`.',
    ]
    limited = act.replace("call", "timeout: 5m, call")
    assert warnings(limited + "- {id: see, kind: verify, title: T, needs: [act], call: {action: check}}\n") == []
    assert warnings(limited.replace("call", "expect: result.status == 200, call")) == []


def test_a_wait_without_end_is_told() -> None:
    wait = "- {id: calm, kind: wait, title: T, wait: {until: run.drill}}\n"
    assert warnings(wait) == ['"calm" does not say how long it waits at most (`at_most`); it is a day.']
    assert warnings(wait.replace("until", "at_most: 2h, until")) == []


def test_answers_nobody_follows_are_told() -> None:
    options = "options: [{key: a, title: A}, {key: b, title: B}]"
    ask = f"- {{id: ask, kind: decision, title: T, role: ops, decision: {{question: Q, {options}}}}}\n"
    assert warnings(ask) == ['Nothing follows from the answer to "ask": no `when` asks for its choice.']
    one = ask + "- {id: act, kind: manual, title: T, role: ops, needs: [ask], when: 'steps.ask.choice == \"a\"'}\n"
    assert warnings(one) == ['No `when` asks for the answer "b"; only steps without a `when` follow it.']


def test_roles_inputs_and_lanes_that_nothing_uses_are_told() -> None:
    unused = {problem.path: problem.sentence for problem in lint(document(LOOK))}
    assert unused[("roles", "sec")] == 'Nothing uses the role "sec".'
    assert unused[("inputs", "host")] == 'Nothing uses the input "host".'
    assert ("roles", "ops") not in unused


def test_a_review_date_that_has_passed_is_told() -> None:
    plan = document(LOOK)
    late = [problem.path for problem in lint(plan, today=date(2027, 7, 1))]
    assert ("review_by",) in late
    assert ("review_by",) not in [problem.path for problem in lint(plan, today=date(2027, 6, 30))]


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ("{password: hunter2}", 'the value of "password"'),
        ("{headers: {X-Api-Key: abc}}", 'the value of "X-Api-Key"'),
        ("{headers: {Authorization: Bearer abcdefghijklmnopqrstuv}}", "a header that lets somebody in"),
        ("{url: 'https://bob:hunter2@db.example/'}", "a password in an address"),
        ("{body: AKIAIOSFODNN7EXAMPLE}", "an access key of AWS"),
        ("{body: '-----BEGIN OPENSSH PRIVATE KEY-----'}", "a private key"),
        ("{body: 'x9Qz7LmP2vRt8WkY4bNc6HdJ0sFg'}", "a secret: long and drawn at random"),
        ("{password: '{secrets.ftp}'}", ""),
        ("{headers: {Authorization: 'Bearer {secrets.token}'}}", ""),
        ("{body: 'restore-the-whole-of-shared-hosting-2026'}", ""),
        ("{body: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'}", ""),
        ("{url: 'https://status.harbor.example/api/v2/components/x1y2z3'}", ""),
        ("{has_password: true}", ""),
    ],
)
def test_secrets_in_clear_are_found_and_nothing_else(given: str, what: str) -> None:
    act = f"- {{id: act, kind: verify, title: T, timeout: 5m, call: {{action: http, with: {given}}}}}\n"
    expected = [f"This looks like {what}. Keep it among the secrets and write {{secrets.name}} here."] if what else []
    assert warnings(act) == expected


def test_hex_digits_are_never_called_random() -> None:
    # Sixteen different characters carry four bits each at most: digests are no secrets.
    assert RANDOM_BITS >= 4.0

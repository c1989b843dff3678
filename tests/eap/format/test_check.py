"""Whether the parts of a plan fit together: one wrong plan a line, and what is said about it."""

from __future__ import annotations

import pytest

from eap.format.check import called_by, check
from eap.format.names import INCIDENT_ROLES, INCIDENT_STATUSES, INCIDENT_TYPES
from eap.format.read import read
from incidents.models import Incident, IncidentType
from incidents.models.incident import RoleName
from tests.eap.format.texts import LOOK, document, plan_text, sentences

CALL = "call: {action: http, with: {url: 'https://{inputs.host}/'}}"


def step(more: str, *, kind: str = "manual", identity: str = "act", needs: str = "look") -> str:
    """Return a plan's steps: one to look, and one that needs it, with `more` lines of its own."""
    lines = "".join(f"  {line.strip()}\n" for line in more.strip().splitlines())
    return f"{LOOK}- id: {identity}\n  kind: {kind}\n  title: Act\n  role: ops\n  needs: [{needs}]\n{lines}"


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (LOOK + LOOK, 'Two steps are called "look" (steps 1 and 2). Rename one.'),
        (step("", needs="lok"), 'No step is called "lok". Did you mean "look"?'),
        (step("", needs="act"), '"act" needs itself and could never begin.'),
        (step("", needs="look, look"), '"look" stands here twice.'),
        (step("lane: wbe"), 'No lane is called "wbe". Did you mean "web"?'),
        (step("approval: {roles: [sex]}", kind="approval"), 'No role is called "sex". Did you mean "sec"?'),
        (step("approval: {roles: []}", kind="approval"), "Nobody could approve this: name the `roles` that may."),
        (step("page: {role: boss, title: Come}", kind="page"), 'No role is called "boss". There is: ops, sec.'),
        (step("page: {title: Come}", kind="page"), "Page a `role` or a `policy`: one of the two."),
        (step("", kind="automation"), '"act" is of kind automation and needs `call`.'),
        (step("", kind="pause_point"), '"act" is of kind pause_point and needs `lines`.'),
        (step("", kind="decision"), '"act" is of kind decision and needs `decision`.'),
        (step(CALL), "A step of kind manual has no `call`. It belongs to automation and verify."),
        (step("end: {outcome: failed}"), "A step of kind manual has no `end`. It belongs to end."),
        (step("retry: {times: 2}"), "A step of kind manual has no `retry`. It belongs to automation and verify."),
        (step("undo: {action: http}"), "`undo` takes back what `call` did; there is no `call`."),
        (
            step(f"{CALL}\nundo: {{action: http}}\npoint_of_no_return: true", kind="automation"),
            "A point of no return has no `undo`: there is no way back over it.",
        ),
        (step("wait: {}", kind="wait"), "Wait for a `time`, or `until` a condition holds: one of the two."),
        (
            step("wait: {time: 5m, until: run.drill}", kind="wait"),
            "Wait for a `time`, or `until` a condition holds: one of the two.",
        ),
        (
            step("update: {name: Outage, stage: investigating, texts: {}}", kind="status_update"),
            "Write the text in one language at least, as `en: …`.",
        ),
        (
            step("decision: {question: Which?, options: [{key: a, title: A}, {key: a, title: B}]}", kind="decision"),
            'Two answers have the key "a".',
        ),
        (step(f"{CALL}\ntargets: {{hosts: inputs.host}}", kind="automation"), '"host" is not an input of type hosts.'),
        (step(f"{CALL}\ntargets: {{hosts: ' '}}", kind="automation"), "Name a group of the inventory"),
        (step(f"{CALL}\ntargets: {{hosts: all, waves: ['0%']}}", kind="automation"), "A wave's share is between"),
        (step('when: steps.later.state == "done"'), 'Nothing is called "steps.later.state".'),
        (step("when: inputs.phrase == null"), 'Nothing is called "inputs.phrase".'),
        (step('when: inputs.mode == "medium"'), '"inputs.mode" is never "medium". There is: fast, slow.'),
        (step("when: inputs.count"), "This gives a number; here it has to give true or false."),
        (step("instructions: Look at {inputs.hots}"), "{inputs.hots} names nothing that is known here. Did you"),
        (step("instructions: Say {inputs.phrase}"), "{inputs.phrase} is secret. Write {secrets.phrase} in a call"),
        (step("instructions: On {target.name}"), "{target.name} names nothing that is known here."),
    ],
)  # fmt: skip
def test_a_plan_that_does_not_fit_is_told_so(steps: str, expected: str) -> None:
    assert any(said.startswith(expected) for said in sentences(steps)), sentences(steps)


def test_a_place_inside_a_condition_is_told_to_the_character() -> None:
    text = plan_text(step("when: inputs.count > 3 and steps.lok.state == 'done'"))
    (problem,) = read(text).problems
    line = text.splitlines()[problem.line - 1]
    assert line[problem.column - 1 :].startswith("steps.lok.state")


def test_a_circle_is_walked_through() -> None:
    steps = "".join(
        f"- {{id: {one}, kind: manual, title: T, role: ops, needs: [{other}]}}\n"
        for one, other in (("a", "b"), ("b", "c"), ("c", "a"))
    )
    assert 'These steps wait for each other: "a" needs "b" needs "c" needs "a".' in sentences(steps)


def test_nothing_comes_after_the_end() -> None:
    end = "- {id: stop, kind: end, title: Stop, needs: [look]}\n"
    steps = LOOK + end + "- {id: more, kind: manual, title: M, needs: [stop]}\n"
    assert '"more" comes after "stop", where the run ends; it could never begin.' in sentences(steps)


def test_a_condition_on_a_step_beside_says_which_need_is_missing() -> None:
    options = "options: [{key: a, title: A}, {key: b, title: B}]"
    beside = f"- {{id: ask, kind: decision, title: A, role: ops, decision: {{question: Q, {options}}}}}\n"
    act = "- {id: act, kind: manual, title: T, role: ops, needs: [look], when: 'steps.ask.choice == \"a\"'}\n"
    steps = LOOK + beside + act
    assert '"ask" is not before this step. Add it to `needs`, here or on the way.' in sentences(steps)


def test_what_a_step_may_speak_of_is_accepted() -> None:
    document(
        step(
            """
            call: {action: http, with: {url: "https://{target.name}/{inputs.host}?run={run.id}&was={steps.look.state}"}}
            when: incident.severity <= 2 and incident.type == "hardware" and steps.look.state == "done"
            expect: result.status == 200
            targets: {hosts: inputs.machines, waves: ["10%", "50%"]}
            undo: {action: http, with: {url: "https://{inputs.host}/undo"}}
            """,
            kind="automation",
        )
    )


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("{type: choice, title: M, options: [one]}", "\"x\" is a choice and needs two `options` or more."),
        ("{type: text, title: M, options: [one]}", "Only an input of type choice has `options`."),
        ("{type: secret, title: M, default: abc}", "A secret can't have a default: it would stand here"),
        ("{type: number, title: M, default: abc}", 'The default of "x" has to be of type number.'),
        ("{type: choice, title: M, options: [a, b], default: c}", 'The default of "x" has to be one of a, b.'),
        ("{type: text, title: M, pattern: '[a-z'}", "This is no regular expression"),
        ("{type: text, title: M, pattern: '(?=a)b'}", "This is no regular expression that can be used"),
        ("{type: number, title: M, minimum: 3, maximum: 2}", "`minimum` is above `maximum`; nothing would fit."),
    ],
)  # fmt: skip
def test_an_input_that_nobody_could_fill_is_told_so(given: str, expected: str) -> None:
    text = plan_text().replace("lanes:", f"  x: {given}\nlanes:")
    (only,) = read(text).problems
    assert only.sentence.startswith(expected)


def test_sub_plans_exist_and_never_come_round() -> None:
    text = plan_text("- {id: part, kind: sub_plan, title: P, sub_plan: {plan: one}}\n")
    assert read(text).sound
    assert read(text, known={"one": {"two"}, "two": ()}).sound
    unknown = [problem.sentence for problem in read(text, known={"ones": ()}).problems]
    assert unknown == ['No plan has the key "one". Did you mean "ones"?']
    round_ = [problem.sentence for problem in read(text, known={"one": {"two"}, "two": {"restore-web"}}).problems]
    assert round_ == ['"one" would start "restore-web" again, and that without end.']
    whole = read(text).document
    assert whole is not None
    assert called_by(whole) == {"one"}


def test_a_document_built_in_python_is_checked_too() -> None:
    whole = document()
    odd = whole.model_copy(update={"steps": (whole.steps[0].model_copy(update={"role": "nobody"}),)})
    (problem,) = check(odd)
    assert (problem.line, problem.path) == (0, ("steps", 0, "role"))


def test_the_words_of_incidents_are_the_incidents_own() -> None:
    assert set(IncidentType.values) == INCIDENT_TYPES
    assert set(Incident.Status.values) == INCIDENT_STATUSES
    assert set(RoleName.values) == INCIDENT_ROLES

"""What a plan's YAML says, and what is said about it where it is wrong."""

from __future__ import annotations

import time

import pytest

from eap.format import source as source_module
from eap.format.kinds import Kind
from eap.format.read import read
from tests.eap.format.texts import HEAD, plan_text, said

LINES_ABOVE = HEAD.count("\n")


def test_a_plan_is_read_with_the_lines_of_its_parts() -> None:
    reading = read(plan_text())
    assert reading.sound
    assert reading.problems == []
    assert reading.document is not None
    assert reading.document.steps[0].kind == Kind.MANUAL
    assert reading.document.inputs["mode"].options == ("fast", "slow")
    assert reading.line_of(("steps", 0, "title")) == LINES_ABOVE + 3
    assert reading.line_of(("steps", 7)) == 0


def test_everything_wrong_is_said_at_once_with_line_and_column() -> None:
    text = plan_text(
        """
        - id: look
          kind: manuel
          title: Look
          rol: ops
          due: 5 minutes
        - id: Act
          kind: automation
          title: ""
          call: {action: http, wiht: {}}
        """
    )
    row = LINES_ABOVE
    kinds = (
        "\"kind\" has to be 'manual', 'pause_point', 'approval', 'page', 'status_update', 'wait', 'automation', "
        "'verify', 'decision', 'sub_plan' or 'end'."
    )
    name = "Write small letters, digits and underscores, beginning with a letter, 60 characters at most."
    assert said(text) == [
        f"{row + 2}:11 {kinds}",
        f'{row + 4}:5 "rol" is not part of the format here. Did you mean "role"?',
        f'{row + 5}:10 Write a duration such as "45s", "30m", "1h30m" or "3d".',
        f'{row + 6}:9 "id" is not a name. {name}',
        f'{row + 8}:12 "title" is empty. Write something, or take the line out.',
        f'{row + 9}:26 "wiht" is not part of the format here. Did you mean "with"?',
    ]


def test_what_is_wrong_in_form_does_not_hide_what_is_wrong_in_references() -> None:
    text = plan_text(
        """
        - id: look
          kind: manual
          title: Look
          due: soon
          role: opps
        """
    )
    assert [line.split(" ", 1)[1] for line in said(text)] == [
        'Write a duration such as "45s", "30m", "1h30m" or "3d".',
        'No role is called "opps". Did you mean "ops"?',
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "1:1 There is nothing here yet. Start from a template, or import a file."),
        ("- a\n- b\n", "1:1 A plan begins with lines such as `key: …` and `title: …`."),
        ("key: a\n\ttitle: b\n", "2:1 A tab stands here. YAML is indented with spaces: two for each level."),
        ("key: a\nkey: b\n", '2:1 "key" is given twice; the first is on line 1. Remove one of them.'),
        ("key: a\ntitle: b: c\n", "2:9 A colon stands where none can. Put text with a colon in quotes."),
        ('key: "a\n', "2:1 Something opened here is never closed: a quote or a bracket."),
        ("key: *other\n", "1:6 This alias (*) has no anchor (&) before it."),
        (
            "key: !!python/object:os.system x\n",
            "1:6 The tag tag:yaml.org,2002:python/object:os.system means nothing in a plan.",
        ),
        (
            "<<: {a: 1}\n",
            "1:1 Merging with << is not part of the format. Repeat the lines, or use an alias for a whole value.",
        ),
        ("? [a, b]\n: c\n", "1:3 A key has to be a word."),
        ("key: a\n---\nkey: b\n", "2:1 Only one plan stands in a file. Take out the line with three hyphens."),
        ("key: @home\n", "1:6 This character can't begin a text. Put the text in quotes."),
    ],
)
def test_what_is_no_plan_is_told_where_and_why(text: str, expected: str) -> None:
    assert expected in said(text)


def test_wrong_indentation_is_told_at_its_line() -> None:
    text = plan_text().replace("    title: Look at the host", "   title: Look at the host")
    (only,) = said(text)
    assert only.startswith(f"{LINES_ABOVE + 3}:4 ")
    assert "indented" in only


def test_an_alias_repeats_a_value_and_a_bomb_is_refused() -> None:
    text = plan_text(
        """
        - id: look
          kind: manual
          title: Look
          role: &who ops
        - id: again
          kind: manual
          title: Again
          role: *who
        """
    )
    reading = read(text)
    assert reading.sound
    assert reading.document is not None
    assert reading.document.steps[1].role == "ops"
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)
    )
    began = time.process_time()
    assert said(bomb) == ["1:1 This says more than 100,000 values; aliases (*) multiply what they repeat."]
    assert time.process_time() - began < 5


def test_an_alias_of_itself_ends() -> None:
    assert "1:1 This is more than 40 levels deep." in said("key: &a [*a]\n")


def test_more_than_a_megabyte_is_refused_unread() -> None:
    assert said("# " + "x" * 1_000_001) == ["1:1 This is larger than 1 MB. Split it into plans that call each other."]


def test_text_that_looks_like_a_number_is_asked_into_quotes() -> None:
    text = plan_text().replace("owner: Operations", "owner: 12")
    assert said(text) == ['5:8 "owner" has to be text. Put it in quotes.']


def test_yes_and_no_are_words_and_not_switches() -> None:
    text = plan_text(
        """
        - id: ask
          kind: decision
          title: Ask
          role: ops
          decision:
            question: Go on?
            options: [{key: yes, title: Yes}, {key: no, title: No}]
        """
    )
    document = read(text).document
    assert document is not None
    assert document.steps[0].decision is not None
    assert [option.key for option in document.steps[0].decision.options] == ["yes", "no"]


def test_five_hundred_steps_are_read_in_moments() -> None:
    steps = "".join(
        f"- id: s{n}\n  kind: manual\n  title: Step {n}\n  role: ops\n  needs: [{f's{n - 1}' if n else ''}]\n"
        for n in range(500)
    )
    began = time.process_time()
    reading = read(plan_text(steps))
    assert reading.sound
    assert time.process_time() - began < 5


@pytest.mark.parametrize("text", ["a: [" + "x," * 400_000 + "x]", "a: " + "[" * 5_000, "- a\n" * 200_000])
def test_what_would_keep_the_reader_busy_is_refused_unread(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_arguments: object) -> None:
        raise AssertionError("the reader was let at it")

    monkeypatch.setattr(source_module, "_composed", busy)
    (problem,) = read(text).problems
    assert "more than" in problem.sentence

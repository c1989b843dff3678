"""The tags that screens are written with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django import forms
from django.template import Context, Template, TemplateSyntaxError
from django.utils import timezone

from tests.builders import NOW
from web.icons import UnknownIconError
from web.templatetags.muster import UnknownKindError, initials


def written(source: str, /, **context: object) -> str:
    """Render a template's source with our tags at hand, white space folded."""
    return " ".join(Template("{% load muster parts %}" + source).render(Context(context)).split())


def test_an_icon_is_decoration_unless_it_has_a_label() -> None:
    assert 'aria-hidden="true"' in written("{% icon 'check' %}")
    labelled = written("{% icon 'check' label='Done' %}")
    assert 'role="img" aria-label="Done"' in labelled
    assert "aria-hidden" not in labelled


def test_an_icon_nobody_drew_fails_where_it_stands() -> None:
    with pytest.raises(UnknownIconError, match="chekc"):
        written("{% icon 'chekc' %}")


def test_a_state_is_icon_word_and_colour() -> None:
    state = written("{% state 'watch' 'ring' 'Calling' %}")
    assert 'class="state watch"' in state
    assert "#ring" in state
    assert "<span>Calling</span>" in state


def test_a_kind_the_language_does_not_have_fails() -> None:
    with pytest.raises(UnknownKindError, match="purple"):
        written("{% state 'purple' 'ring' 'Calling' %}")
    with pytest.raises(UnknownKindError, match="SEV5"):
        written("{% severity 'SEV5' %}")


def test_words_of_people_are_escaped_everywhere() -> None:
    evil = '<script>alert("x")</script>'
    page = written(
        "{% state 'ok' 'check' evil %}{% face evil %}{% notice 'ok' 'check' evil title=evil url=evil word=evil %}"
        "{% card evil %}{{ evil }}{% endcard %}{% leader evil evil 'ok' 'check' evil note=evil %}"
        "{% confirm id='x' word=evil title=evil text=evil action=evil %}{% empty 'check' evil %}"
        "{% progress evil text=evil %}{% rung 'now' evil text=evil %}",
        evil=evil,
    )
    assert "<script" not in page
    assert 'alert("x")' not in page


@pytest.mark.parametrize(
    ("name", "letters"), [("Ada", "AD"), ("Vic Stone", "VS"), ("Li", "LI"), ("X", "X"), ("", "?"), ("a b c", "AC")]
)
def test_initials_are_two_letters_of_a_name(name: str, letters: str) -> None:
    assert initials(name) == letters


@time_machine.travel(NOW, tick=False)
def test_a_time_is_exact_for_machines_and_local_for_people() -> None:
    with timezone.override("Europe/Berlin"):
        time = written("{% time at 'clock' %}", at=NOW - timedelta(minutes=4))
    assert time == ('<time datetime="2026-11-22T02:56:00Z" title="Sunday 22 November 2026, 03:56:00 CET">03:56</time>')


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(
    ("form", "minutes", "text"),
    [
        ("relative", -4, "4 min ago"),
        ("relative", -60 * 24 * 9, "13 Nov 2026"),
        ("clock", -60 * 4, "21 Nov 23:00"),
        ("seconds", -1, "02:59:00"),
        ("full", 0, "22 Nov 2026, 03:00"),
        ("up", -2.5, "2:30"),
        ("down", 2.5, "2:30"),
        ("down", -2.5, "2:30 late"),
    ],
)
def test_each_form_of_time(form: str, minutes: float, text: str) -> None:
    assert f">{text}</time>" in written("{% time at form %}", at=NOW + timedelta(minutes=minutes), form=form)


def test_a_deadline_that_passed_looks_different() -> None:
    late = written("{% time at 'down' %}", at=datetime(2020, 1, 1, tzinfo=UTC))
    assert 'class="clock over"' in late
    assert 'data-time="down"' in late


def test_no_time_is_a_dash_and_no_form_is_an_error() -> None:
    assert written("{% time nothing %}|{% time none %}", none=None) == "&ndash;|&ndash;"
    with pytest.raises(UnknownKindError, match="someday"):
        written("{% time at 'someday' %}", at=NOW)


def test_quorum_counts_dots_and_says_so() -> None:
    dots = written("{% quorum 1 2 %}")
    assert 'aria-label="1 of 2 confirmed"' in dots
    assert dots.count('class="in"') == 1
    assert dots.count('class="out"') == 1


def test_a_misspelt_parameter_of_a_part_fails() -> None:
    with pytest.raises(TemplateSyntaxError, match="titel"):
        written("{% empty 'check' titel='Nothing' %}")


def test_a_part_hears_nothing_from_the_page_around_it() -> None:
    assert "leak" not in written("{% empty 'check' 'Nothing open' %}", text="leak", url="leak", word="leak")


def test_a_confirmation_posts_with_its_token_and_without_a_script() -> None:
    page = Template("{% load parts %}{% confirm id='end' word='End' title='End it?' action='/end' hold=True %}").render(
        Context({"csrf_token": "token-of-this-reader"})
    )
    assert '<form method="post" action="/end">' in page
    assert "token-of-this-reader" in page
    assert 'popovertarget="end"' in page
    assert "onclick" not in page
    assert 'data-hold="Press again to confirm"' in page


class Sample(forms.Form):
    """One field of each build."""

    title = forms.CharField(label="What happens?", help_text="One sentence.")
    note = forms.CharField(required=False)
    private = forms.BooleanField(required=False, help_text="For staff matters.")
    level = forms.ChoiceField(choices=[("1", "SEV1")], widget=forms.RadioSelect)


def test_a_form_ties_label_help_and_error_to_its_input() -> None:
    page = " ".join(str(Sample({"title": ""})).split())
    assert '<label for="id_title"> What happens? </label>' in page
    assert 'id="id_title_helptext"' in page
    assert 'aria-describedby="id_title_helptext id_title_error"' in page
    assert 'id="id_title_error"' in page
    assert 'aria-invalid="true"' in page
    assert page.count("(optional)") == 1
    assert "<legend>Level</legend>" in page
    assert 'aria-describedby="id_private_helptext"' in page


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36",
            "Chrome, Linux",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
            "Edge, Windows",
        ),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Android 16; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0", "Firefox, Android"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("x" * 200, "x" * 60),
        ("", ""),
    ],
)
def test_a_browser_is_called_what_people_call_it(user_agent: str, name: str) -> None:
    assert written("{{ user_agent|browser }}", user_agent=user_agent) == name

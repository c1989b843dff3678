"""Fields that the settings share: an order of choices, and times in minutes."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms
from django.http import QueryDict

from web.fields import ChoicesInOrder, MinutesField

PEOPLE = [("Somebody", [("1", "Ada"), ("2", "Vic")]), ("3", "Otto")]


class Line(forms.Form):
    """A line of succession, and how long each has."""

    line = ChoicesInOrder(choices=PEOPLE, required=False)
    delay = MinutesField(required=False, least_s=30, most_s=3600)


def typed(query: str) -> Line:
    return Line(QueryDict(query))


@pytest.mark.parametrize(
    ("query", "expected"),
    [("", []), ("line=&line=", []), ("line=3&line=&line=1", ["3", "1"]), ("line=2", ["2"])],
)
def test_the_order_of_the_selects_is_the_order_of_the_choices(query: str, expected: list[str]) -> None:
    form = typed(query)
    assert form.is_valid()
    assert form.cleaned_data["line"] == expected


@pytest.mark.parametrize("query", ["line=4", "line=1&line=1", "line=Somebody"])
def test_unknown_and_repeated_choices_are_refused_and_nothing_typed_is_lost(query: str) -> None:
    form = typed(f"{query}&line=3")
    assert not form.is_valid()
    assert '<option value="3" selected>Otto</option>' in str(form["line"])


def test_chosen_places_are_followed_by_empty_ones_each_with_a_name() -> None:
    html = str(Line(initial={"line": ["3"]})["line"])
    assert html.count("<select") == 4
    assert 'aria-label="Place 4"' in html


@pytest.mark.parametrize(
    ("text", "seconds"), [("5", 300), ("0.5", 30), ("1,5", 90), (" 60 ", 3600), ("", None), ("60.0", 3600)]
)
def test_minutes_become_seconds(text: str, seconds: int | None) -> None:
    form = typed(f"delay={text}")
    assert form.is_valid()
    assert form.cleaned_data["delay"] == seconds


@pytest.mark.parametrize("text", ["soon", "0.1", "61", "nan", "inf", "-5", "1e400"])
def test_what_are_no_sensible_minutes_is_refused_and_kept(text: str) -> None:
    form = typed(f"delay={text}")
    assert not form.is_valid()
    assert f'value="{text}"' in str(form["delay"])


@pytest.mark.parametrize(("seconds", "written"), [(300, "5"), (90, "1.5"), (30, "0.5")])
def test_seconds_are_written_as_minutes(seconds: Any, written: str) -> None:
    assert f'value="{written}"' in str(Line(initial={"delay": seconds})["delay"])

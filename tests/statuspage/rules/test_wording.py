"""Prepared texts are filled with what customers know, and with nothing else."""

from __future__ import annotations

import pytest

from statuspage.rules.wording import Facts, fill, unknown_placeholders

EN = Facts(page="Harbor", components=("Mail", "Webmail", "DNS"), started_at="03:00 UTC", next_update_at="03:30 UTC")
DE = Facts(page="Harbor", components=("E-Mail",), last_word="und", nothing_known="unseren Diensten")


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ("Problems with {{ component }}", "Problems with Mail"),
        ("Problems with {{components}}.", "Problems with Mail, Webmail and DNS."),
        ("Since {{ started_at }}, next at {{  next_update_at  }}", "Since 03:00 UTC, next at 03:30 UTC"),
        ("{{ page }} {{ nonsense }} { page }", "Harbor {{ nonsense }} { page }"),
        ("{{ page.name }} {{ __class__ }}", "{{ page.name }} {{ __class__ }}"),
    ],
)
def test_known_placeholders_are_filled_and_others_stay_to_be_seen(template: str, filled: str) -> None:
    assert fill({"en": template}, {"en": EN}) == {"en": filled}


def test_each_language_has_its_own_facts_and_one_without_is_left_out() -> None:
    texts = {"en": "{{ components }}", "de": "{{ components }}", "fr": "{{ components }}"}
    assert fill(texts, {"en": EN, "de": DE}) == {"en": "Mail, Webmail and DNS", "de": "E-Mail"}


def test_what_is_filled_in_is_not_filled_again() -> None:
    assert fill({"en": "{{ component }}"}, {"en": Facts(page="Secret", components=("{{ page }}",))}) == {
        "en": "{{ page }}"
    }


def test_without_components_it_speaks_of_all() -> None:
    assert fill({"de": "Probleme mit {{ components }}"}, {"de": Facts(page="x", nothing_known="unseren Diensten")}) == {
        "de": "Probleme mit unseren Diensten"
    }


def test_unknown_placeholders_are_named() -> None:
    assert unknown_placeholders(["{{ page }} {{ title }}", "{{number}}"]) == {"title", "number"}

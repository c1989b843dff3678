"""Every word of ours that customers read about a reset exists in every language."""

from __future__ import annotations

import gettext
from pathlib import Path
from typing import Any

import pytest

import resets
from tests.statuspage.site import test_languages as pages
from tests.statuspage.site.test_languages import FURTHER, PLACE, words_of

APP = Path(resets.__file__).parent
READ_BY_CUSTOMERS = (
    *("self_set/**/*.py", "templates/resets/self_set/*.html", "templates/resets/mail/*"),
    "notices/mail.py",
)


def all_words() -> dict[str, str]:
    """Return every marked text with the file it stands in."""
    paths = sorted({path for pattern in READ_BY_CUSTOMERS for path in APP.glob(pattern)})
    return {word: str(path.relative_to(APP)) for path in paths for word in words_of(path)}


def compiled(language: str) -> dict[str, str]:
    """Return the compiled catalogue."""
    with (APP / "locale" / language / "LC_MESSAGES" / "django.mo").open("rb") as file:
        catalogue: dict[Any, str] = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    return dict(catalogue)


def test_there_are_words_to_look_for() -> None:
    words = all_words()
    assert len(words) > 50
    assert words["Set the password"] == "templates/resets/self_set/set.html"


@pytest.mark.parametrize("language", FURTHER)
def test_every_word_is_translated_and_keeps_what_is_filled_in(language: str) -> None:
    known = compiled(language)
    assert [f"{path}: {word}" for word, path in all_words().items() if not known.get(word)] == []
    for word, text in known.items():
        if word:
            assert sorted(set(PLACE.findall(text))) == sorted(set(PLACE.findall(word))), word


@pytest.mark.parametrize("language", FURTHER)
def test_the_compiled_words_are_the_written_ones(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "APP", APP)
    told = {word: [text] for word, text in compiled(language).items() if word}
    assert told == pages.written(language), f"compile it: msgfmt -o django.mo django.po in resets/locale/{language}"


@pytest.mark.parametrize("language", FURTHER)
def test_no_word_is_kept_that_nobody_says(language: str) -> None:
    assert sorted(set(compiled(language)) - set(all_words()) - {""}) == []

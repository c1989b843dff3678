"""Every word of ours that customers read exists in every language, and what is compiled is what is written."""

from __future__ import annotations

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation
from django.utils.translation.template import templatize

import statuspage
from statuspage.rules.languages import LANGUAGES
from statuspage.site.body import day
from tests.builders import NOW
from tests.statuspage.builders import make_page, make_public_incident
from tests.statuspage.site.rich import files_of, rich_page

APP = Path(statuspage.__file__).parent
FURTHER = sorted(set(LANGUAGES) - {"en"})
READ_BY_CUSTOMERS = (
    *("site/*.py", "templatetags/status_site.py", "templates/statuspage/site/**/*.html"),
    *("subscribers/**/*.py", "templates/statuspage/subscribers/**/*.html", "templates/statuspage/subscribers/**/*.txt"),
    *("public_forms.py", "public_pages.py", "automatic_texts.py", "private/*.py", "customers/views/is_it_me.py"),
    *("feedback/operations/*.py", "feedback/views/public.py"),
)
FOR_STAFF = ("/staff", "signed_in")
"""In the path or the text of a file that only people of staff see; their screens are English."""
LITERAL = r"u?('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
MARKED = re.compile(rf"\b(?:n?gettext|n?pgettext|_)\({LITERAL}")
PLACE = re.compile(r"%\(\w+\)[sd]|\{\w+\}")


def words_of(path: Path) -> Iterator[str]:
    """Yield the texts that a file marks for translation."""
    source = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        yield from (ast.literal_eval(found) for found in MARKED.findall(templatize(source)))
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            first = node.args[0]
            if node.func.id in ("_", "gettext", "gettext_lazy", "ngettext") and isinstance(first, ast.Constant):
                yield str(first.value)


def all_words() -> dict[str, str]:
    """Return every marked text with the file it stands in."""
    paths = {path for pattern in READ_BY_CUSTOMERS for path in APP.glob(pattern)}
    kept = [path for path in sorted(paths) if not any(sign in f"{path}{path.read_text()}" for sign in FOR_STAFF)]
    return {word: str(path.relative_to(APP)) for path in kept for word in words_of(path)}


def compiled(language: str) -> dict[str, list[str]]:
    """Return text and translations (several for plurals) of the compiled catalogue."""
    with (APP / "locale" / language / "LC_MESSAGES" / "django.mo").open("rb") as file:
        catalogue: dict[Any, str] = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    found: dict[str, list[str]] = {}
    for key, text in catalogue.items():
        found.setdefault(key[0] if isinstance(key, tuple) else key, []).append(text)
    return found


def written(language: str) -> dict[str, list[str]]:
    """Return the same of the catalogue as people write it."""
    found: dict[str, list[str]] = {}
    text = (APP / "locale" / language / "LC_MESSAGES" / "django.po").read_text(encoding="utf-8")
    for entry in re.split(r"\n\s*\n", text)[1:]:
        assert "fuzzy" not in entry, entry
        lines = dict(re.findall(r'^(msgid|msgid_plural|msgstr(?:\[\d\])?) (".*")$', entry, re.MULTILINE))
        translations = [ast.literal_eval(line) for name, line in lines.items() if name.startswith("msgstr")]
        found[ast.literal_eval(lines["msgid"])] = translations
    return found


def test_there_are_words_to_look_for() -> None:
    words = all_words()
    assert len(words) > 150
    assert words["Partial outage"] == "site/words.py"
    assert words["Next update by %(time)s"].startswith("templates/statuspage/site/")


@pytest.mark.parametrize("language", FURTHER)
def test_every_word_is_translated(language: str) -> None:
    known = compiled(language)
    missing = [f"{path}: {word}" for word, path in all_words().items() if not all(known.get(word, [""]))]
    assert missing == []


@pytest.mark.parametrize("language", FURTHER)
def test_the_compiled_words_are_the_written_ones(language: str) -> None:
    told = compiled(language)
    told.pop("")
    assert told == written(language), f"compile it: msgfmt -o django.mo django.po in statuspage/locale/{language}"


@pytest.mark.parametrize("language", FURTHER)
def test_translations_keep_what_is_filled_in(language: str) -> None:
    for word, translations in compiled(language).items():
        for text in translations:
            if word:
                assert sorted(set(PLACE.findall(text))) == sorted(set(PLACE.findall(word))), word


@pytest.mark.django_db
def test_each_page_speaks_one_language() -> None:
    files = files_of(rich_page())
    for language, word in {
        "en": "Partial system outage",
        "de": "Teilweiser Systemausfall",
        "fr": "Panne partielle du système",
        "es": "Interrupción parcial del sistema",
        "nl": "Gedeeltelijke systeemstoring",
    }.items():
        path = "index.html" if language == "en" else f"{language}/index.html"
        body = files[path].body.decode()
        assert f'<html lang="{language}"' in body
        assert word in body
    german = files["de/index.html"].body.decode()
    assert "Websites antworten nicht" in german, "the incident's name in its language"
    assert "Datenbanken" in german, "the component's name in its language"
    assert "A disk array failed" in german, "what was not translated stands in the page's own language"


@pytest.mark.django_db
def test_a_page_may_have_another_language_of_its_own() -> None:
    page = make_page(language="fr", languages=["en", "fr", "xx"])
    make_public_incident(page, "Des sites ne répondent pas.", texts={"en": "Some sites do not answer."})
    files = files_of(page)
    assert '<html lang="fr"' in files["index.html"].body.decode()
    assert "Des sites ne répondent pas." in files["index.html"].body.decode()
    assert "Some sites do not answer." in files["en/index.html"].body.decode()
    assert not any(path.startswith(("fr/", "xx/")) for path in files)


def test_days_are_written_as_each_language_does() -> None:
    told = {}
    for language in LANGUAGES:
        with translation.override(language):
            told[language] = day(NOW.date())
    assert told == {
        "en": "22 November 2026",
        "de": "22. November 2026",
        "fr": "22 novembre 2026",
        "es": "22 de noviembre de 2026",
        "nl": "22 november 2026",
    }

"""What people hear and read exists in every language they may choose, and is compiled."""

from __future__ import annotations

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from notifications.languages import LANGUAGES

ROOT: Final = Path(__file__).resolve().parents[2]
SAID: Final = {
    "notifications": (
        "notifications/phone/words.py",
        "notifications/answers.py",
        "notifications/deciding.py",
        "notifications/inbound.py",
        "notifications/phone/pressed.py",
        "notifications/by_text/answering.py",
        "notifications/by_text/bundled.py",
        "notifications/by_text/deciding.py",
        "notifications/by_text/words.py",
        "notifications/operations/tell_locked_pin.py",
        "notifications/channels/email/inbound.py",
        "notifications/channels/email/letters.py",
        "notifications/channels/email/message.html",
        "notifications/channels/email/message.txt",
        "notifications/channels/push/content.py",
        "notifications/channels/teams/card.py",
        "notifications/channels/twilio/views.py",
        "incidents/subject.py",
    ),
    "rooms": (
        "rooms/bridge/by_key.py",
        "rooms/bridge/spoken.py",
        "rooms/bridge/views_twilio.py",
        "rooms/calls/views_twilio.py",
        "rooms/texts/texted.py",
        "rooms/standard_verbs.py",
        "rooms/short_status.py",
        "rooms/calls/spoken.py",
    ),
}
"""Files whose every sentence is heard or read on the phone by somebody who is called."""
GETTEXT: Final = ("_", "gettext_lazy")
TEMPLATED: Final = re.compile(r'{% translate "([^"]*)" %}')
TRANSLATED: Final = sorted(set(LANGUAGES) - {"en"})
PLACE: Final = re.compile(r"%\(\w+\)[sd]")


def sentences(path: str) -> Iterator[str]:
    """Yield what a file passes to gettext, or a template's words."""
    if not path.endswith(".py"):
        yield from TEMPLATED.findall((ROOT / path).read_text(encoding="utf-8"))
        return
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in GETTEXT:
            (first, *_rest) = node.args
            assert isinstance(first, ast.Constant)
            yield str(first.value)


def compiled(app: str, language: str) -> dict[Any, str]:
    with (ROOT / app / "locale" / language / "LC_MESSAGES" / "django.mo").open("rb") as file:
        catalogue: dict[Any, str] = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    return {text: said for text, said in catalogue.items() if text}


def written(app: str, language: str) -> dict[str, str]:
    source = (ROOT / app / "locale" / language / "LC_MESSAGES" / "django.po").read_text(encoding="utf-8")
    pairs = re.findall(r'^msgid (".*")\nmsgstr (".*")$', source, flags=re.MULTILINE)
    return {ast.literal_eval(text): ast.literal_eval(said) for text, said in pairs if text != '""'}


@pytest.mark.parametrize("language", TRANSLATED)
@pytest.mark.parametrize("app", sorted(SAID))
def test_every_sentence_that_is_heard_is_translated(app: str, language: str) -> None:
    told = compiled(app, language) | compiled("notifications", language)
    missing = {text for path in SAID[app] for text in sentences(path)} - set(told)
    assert not missing


@pytest.mark.parametrize("language", TRANSLATED)
@pytest.mark.parametrize("app", sorted(SAID))
def test_the_catalogue_is_compiled_and_keeps_every_place(app: str, language: str) -> None:
    told = compiled(app, language)
    assert told == written(app, language), f"compile it: msgfmt -o django.mo django.po in {app}/locale/{language}"
    for text, said in told.items():
        assert sorted(PLACE.findall(text)) == sorted(PLACE.findall(said)), text

"""Slack's Block Kit limits, written down from its reference and not from our builders: what Slack would refuse."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

TEXT: Final = {"header": 150, "section": 3000, "field": 2000, "button": 75, "option": 75, "context": 3000}
BARE: Final = re.compile(r"&(?!(?:amp|lt|gt);)")
MARKUP: Final = re.compile(r"<(?:https?://[^<>|]+\|[^<>|]+|@[A-Z0-9]+|#[A-Z0-9]+|!date\^\d+\^[^<>|]+\|[^<>]+)>")


def check_message(arguments: Mapping[str, Any]) -> None:
    """Fail for arguments of chat.postMessage that Slack would refuse, or that would not read as they were meant."""
    assert 1 <= units(arguments["text"]) < 4000
    check_markup(arguments["text"])
    _check_blocks(arguments.get("blocks", []), most=50, inputs=False)


def check_view(view: Mapping[str, Any]) -> None:
    """Fail for a view that Slack would refuse."""
    modal = view["type"] == "modal"
    assert view["type"] in ("modal", "home")
    if modal:
        for name in ("title", "submit", "close"):
            if name in view:
                _plain(view[name], most=24)
        assert "title" in view
        assert len(view.get("private_metadata", "")) <= 3000
        assert 1 <= len(view["callback_id"]) <= 255
    _check_blocks(view["blocks"], most=100, inputs=modal)
    if any(block["type"] == "input" for block in view["blocks"]):
        assert "submit" in view, "a modal with fields needs a submit button"


def check_markup(text: str) -> None:
    """Fail where text that a person wrote could be read as a link, a mention or an entity."""
    left = MARKUP.sub("", text)
    assert "<" not in left, text
    assert ">" not in left.replace("\n> ", "\n").removeprefix("> "), text
    assert not BARE.search(left), text


def units(text: str) -> int:
    """Return the length as JavaScript counts it."""
    return len(text.encode("utf-16-le")) // 2


def _check_blocks(  # noqa: C901, PLR0912 - one case a block
    blocks: Sequence[Mapping[str, Any]], *, most: int, inputs: bool
) -> None:
    assert len(blocks) <= most
    names = [block["block_id"] for block in blocks if "block_id" in block]
    assert len(names) == len(set(names))
    for block in blocks:
        assert len(block.get("block_id", "")) <= 255
        match block["type"]:
            case "header":
                _plain(block["text"], most=TEXT["header"])
            case "section":
                _text(block["text"], most=TEXT["section"])
                assert len(block.get("fields", [])) <= 10
                for field in block.get("fields", []):
                    _text(field, most=TEXT["field"])
                if "accessory" in block:
                    _element(block["accessory"])
            case "context":
                assert 1 <= len(block["elements"]) <= 10
                for element in block["elements"]:
                    _text(element, most=TEXT["context"])
            case "actions":
                assert 1 <= len(block["elements"]) <= 25
                ids = [element["action_id"] for element in block["elements"]]
                assert len(ids) == len(set(ids))
                for element in block["elements"]:
                    _element(element)
            case "input":
                assert inputs, "only modals have fields"
                _plain(block["label"], most=2000)
                if "hint" in block:
                    _plain(block["hint"], most=2000)
                _element(block["element"])
            case "divider":
                assert set(block) <= {"type", "block_id"}
            case other:
                raise AssertionError(f"an unknown block {other!r}")


def _element(element: Mapping[str, Any]) -> None:
    assert 1 <= len(element["action_id"]) <= 255
    match element["type"]:
        case "button":
            _plain(element["text"], most=TEXT["button"])
            assert len(element.get("value", "")) <= 2000
            assert len(element.get("url", "")) <= 3000
            assert element.get("style", "primary") in ("primary", "danger")
            if "confirm" in element:
                for name, most in (("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)):
                    _plain(element["confirm"][name], most=most)
        case "static_select" | "checkboxes":
            options = element["options"]
            assert 1 <= len(options) <= (100 if element["type"] == "static_select" else 10)
            assert len({option["value"] for option in options}) == len(options)
            for option in options:
                _plain(option["text"], most=TEXT["option"])
                assert 1 <= len(option["value"]) <= 150
            if "initial_option" in element:
                assert element["initial_option"] in options
        case "users_select":
            pass
        case "plain_text_input":
            assert 1 <= element["max_length"] <= 3000
            assert units(element.get("initial_value", "")) <= element["max_length"]
        case other:
            raise AssertionError(f"an unknown element {other!r}")
    if "placeholder" in element:
        _plain(element["placeholder"], most=150)


def _plain(text: Mapping[str, Any], *, most: int) -> None:
    assert text["type"] == "plain_text"
    assert 1 <= units(text["text"]) <= most, text


def _text(text: Mapping[str, Any], *, most: int) -> None:
    assert text["type"] in ("mrkdwn", "plain_text")
    assert 1 <= units(text["text"]) <= most, text
    if text["type"] == "mrkdwn":
        check_markup(text["text"])

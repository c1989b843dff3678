"""Block Kit's limits, refused as Slack does. Source: docs.slack.dev/reference/block-kit (blocks, block elements)."""

from collections.abc import Mapping
from typing import Any

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
MESSAGE_TEXT = 40_000
OPTION_LISTS = frozenset(
    {"static_select", "multi_static_select", "radio_buttons", "checkboxes", "overflow", "external_select"}
)
ELEMENTS = OPTION_LISTS | {
    "button",
    "channels_select",
    "conversations_select",
    "datepicker",
    "datetimepicker",
    "email_text_input",
    "image",
    "multi_users_select",
    "number_input",
    "plain_text_input",
    "rich_text_input",
    "timepicker",
    "url_text_input",
    "users_select",
}
MOST_OPTIONS = {"overflow": 5, "radio_buttons": 10, "checkboxes": 10}
TEXTS = frozenset({"mrkdwn", "plain_text"})


class WrongBlocks(Exception):
    """Slack would refuse these; the message names the place."""


def check_message(blocks: object) -> None:
    """Raises WrongBlocks for blocks that no message may carry."""
    _check_all(blocks, most=MESSAGE_BLOCKS)


def check_view(view: object) -> None:
    """Raises WrongBlocks for a modal or home tab that Slack would refuse."""
    if not isinstance(view, Mapping):
        raise WrongBlocks("view: no object")
    kind = view.get("type")
    if kind not in {"modal", "home"}:
        raise WrongBlocks("view.type: modal or home")
    if kind == "modal":
        _text(view.get("title"), most=24, where="view.title", kinds={"plain_text"})
        for name in ("submit", "close"):
            if view.get(name) is not None:
                _text(view[name], most=24, where=f"view.{name}", kinds={"plain_text"})
    _length(view.get("private_metadata", ""), most=3000, where="view.private_metadata")
    _length(view.get("callback_id", ""), most=255, where="view.callback_id")
    _check_all(view.get("blocks"), most=VIEW_BLOCKS)
    asks = any(block.get("type") == "input" for block in view["blocks"])
    if kind == "modal" and asks and not view.get("submit"):
        raise WrongBlocks("view.submit: missing where something is to be filled in")


def _check_all(blocks: object, *, most: int) -> None:
    if not isinstance(blocks, list) or len(blocks) > most:
        raise WrongBlocks(f"blocks: a list of at most {most}")
    names = [block["block_id"] for block in blocks if isinstance(block, Mapping) and block.get("block_id")]
    if len(names) != len(set(names)):
        raise WrongBlocks("blocks: a block_id stands twice")
    for number, block in enumerate(blocks):
        if not isinstance(block, Mapping):
            raise WrongBlocks(f"blocks/{number}: no object")
        _length(block.get("block_id", ""), most=255, where=f"blocks/{number}/block_id")
        _check_block(block, where=f"blocks/{number}")


def _check_block(block: Mapping[str, Any], *, where: str) -> None:
    match block.get("type"):
        case "section":
            _check_section(block, where=where)
        case "header":
            _text(block.get("text"), most=150, where=f"{where}/text", kinds={"plain_text"})
        case "actions":
            _check_elements(block.get("elements"), most=25, where=where)
        case "context":
            _check_context(block.get("elements"), where=where)
        case "input":
            _check_input(block, where=where)
        case "image":
            _length(block.get("image_url", ""), most=3000, where=f"{where}/image_url")
            _length(block.get("alt_text"), most=2000, where=f"{where}/alt_text", least=1)
        case "rich_text" | "divider":
            pass
        case unknown:
            raise WrongBlocks(f"{where}/type: {unknown!r} is none")


def _check_input(block: Mapping[str, Any], *, where: str) -> None:
    _text(block.get("label"), most=2000, where=f"{where}/label", kinds={"plain_text"})
    if block.get("hint") is not None:
        _text(block["hint"], most=2000, where=f"{where}/hint", kinds={"plain_text"})
    _check_element(block.get("element"), where=f"{where}/element")


def _check_context(elements: object, *, where: str) -> None:
    if not isinstance(elements, list) or not 1 <= len(elements) <= 10:
        raise WrongBlocks(f"{where}/elements: 1 to 10")
    for number, element in enumerate(elements):
        if element.get("type") != "image":
            _text(element, most=3000, where=f"{where}/elements/{number}", kinds=TEXTS)


def _check_section(block: Mapping[str, Any], *, where: str) -> None:
    fields = block.get("fields")
    if block.get("text") is None and not fields:
        raise WrongBlocks(f"{where}: text or fields")
    if block.get("text") is not None:
        _text(block["text"], most=3000, where=f"{where}/text", kinds=TEXTS)
    if fields is not None:
        if not isinstance(fields, list) or not 1 <= len(fields) <= 10:
            raise WrongBlocks(f"{where}/fields: 1 to 10")
        for number, each in enumerate(fields):
            _text(each, most=2000, where=f"{where}/fields/{number}", kinds=TEXTS)
    if block.get("accessory") is not None:
        _check_element(block["accessory"], where=f"{where}/accessory")


def _check_elements(elements: object, *, most: int, where: str) -> None:
    if not isinstance(elements, list) or not 1 <= len(elements) <= most:
        raise WrongBlocks(f"{where}/elements: 1 to {most}")
    names = [element.get("action_id") for element in elements if isinstance(element, Mapping)]
    given = [name for name in names if name]
    if len(given) != len(set(given)):
        raise WrongBlocks(f"{where}/elements: an action_id stands twice")
    for number, element in enumerate(elements):
        _check_element(element, where=f"{where}/elements/{number}")


def _check_element(element: object, *, where: str) -> None:
    if not isinstance(element, Mapping) or element.get("type") not in ELEMENTS:
        raise WrongBlocks(f"{where}/type: no element of Block Kit")
    _length(element.get("action_id", ""), most=255, where=f"{where}/action_id")
    if element.get("placeholder") is not None:
        _text(element["placeholder"], most=150, where=f"{where}/placeholder", kinds={"plain_text"})
    if element["type"] == "button":
        _text(element.get("text"), most=75, where=f"{where}/text", kinds={"plain_text"})
        _length(element.get("value", ""), most=2000, where=f"{where}/value")
        _length(element.get("url", ""), most=3000, where=f"{where}/url")
        if element.get("style", "primary") not in {"primary", "danger"}:
            raise WrongBlocks(f"{where}/style: primary or danger")
    if element["type"] in OPTION_LISTS and "option_groups" not in element and element["type"] != "external_select":
        _check_options(element.get("options"), most=MOST_OPTIONS.get(element["type"], 100), where=where)
    for number, group in enumerate(element.get("option_groups") or []):
        _text(group.get("label"), most=75, where=f"{where}/option_groups/{number}/label", kinds={"plain_text"})
        _check_options(group.get("options"), most=100, where=f"{where}/option_groups/{number}")
    confirm = element.get("confirm")
    if confirm is not None:
        for name, most in (("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)):
            _text(confirm.get(name), most=most, where=f"{where}/confirm/{name}", kinds=TEXTS)


def _check_options(options: object, *, most: int, where: str) -> None:
    if not isinstance(options, list) or not 1 <= len(options) <= most:
        raise WrongBlocks(f"{where}/options: 1 to {most}")
    for number, option in enumerate(options):
        _text(option.get("text"), most=75, where=f"{where}/options/{number}/text", kinds=TEXTS)
        _length(option.get("value"), most=150, where=f"{where}/options/{number}/value", least=1)


def _text(given: object, *, most: int, where: str, kinds: frozenset[str] | set[str]) -> None:
    if not isinstance(given, Mapping) or given.get("type") not in kinds:
        raise WrongBlocks(f"{where}: a text object")
    _length(given.get("text"), most=most, where=where, least=1)


def _length(given: object, *, most: int, where: str, least: int = 0) -> None:
    if not isinstance(given, str) or not least <= len(given) <= most:
        raise WrongBlocks(f"{where}: {least} to {most} characters")

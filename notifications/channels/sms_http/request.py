"""A text as the request that the administrator wrote down; pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import quote
from xml.sax.saxutils import escape

PLACE: Final = re.compile(r"\{(to|digits|text|from|id)\}")
"""What the template may name: the number (+46…), its digits alone, the words, the sender, the delivery's id."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """One HTTP request, filled in."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes


def request_of(*, method: str, url: str, headers: Mapping[str, str], body: str, values: Mapping[str, str]) -> Request:
    """Return the request with `values` in the places of address and body, each written as its surroundings need.

    Headers are sent as they are: they carry keys, never what people wrote.
    """
    return Request(
        method=method,
        url=_filled(url, values, _in_address),
        headers=dict(headers),
        body=_filled(body, values, _writer(content_type_of(headers))).encode(),
    )


@lru_cache(maxsize=4)
def why_wrong(*, url: str, content_type: str, body: str) -> str:
    """Return what keeps these templates from ever sending a text, as a sentence; "" when nothing does."""
    named = set(PLACE.findall(url + body))
    if "text" not in named or not named & {"to", "digits"}:
        return "Neither SMS_HTTP_URL nor SMS_HTTP_BODY names {text} and one of {to} and {digits}."
    if not url.startswith(("https://", "http://")):
        return "SMS_HTTP_URL must begin with https:// or http://."
    sample = dict.fromkeys(("to", "digits", "text", "from", "id"), "0")
    if _kind(content_type).endswith("json"):
        try:
            json.loads(_filled(body, sample, _in_json))
        except ValueError:
            return "SMS_HTTP_BODY is no JSON, though SMS_HTTP_HEADERS says so."
    return ""


def content_type_of(headers: Mapping[str, str]) -> str:
    """Return what the headers say the body is, "" when they do not."""
    return next((value for name, value in headers.items() if name.lower() == "content-type"), "")


def _filled(template: str, values: Mapping[str, str], write: Callable[[str], str]) -> str:
    # In one pass: a place that stands in somebody's title is none.
    return PLACE.sub(lambda found: write(values[found[1]]), template)


def _writer(content_type: str) -> Callable[[str], str]:
    kind = _kind(content_type)
    if kind.endswith("json"):
        return _in_json
    if kind.endswith("xml"):
        return _in_xml
    if kind == "application/x-www-form-urlencoded":
        return _in_address
    return _as_it_is


def _kind(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _in_address(value: str) -> str:
    return quote(value, safe="")


def _in_json(value: str) -> str:
    return json.dumps(value)[1:-1]


def _in_xml(value: str) -> str:
    # What no document may hold (XML 1.0, section 2.2), even escaped: one in a title would lose the text.
    held = "".join(each if (each >= " " or each in "\t\n\r") and each not in "\ufffe\uffff" else " " for each in value)
    return escape(held, {'"': "&quot;", "'": "&apos;"})


def _as_it_is(value: str) -> str:
    return value

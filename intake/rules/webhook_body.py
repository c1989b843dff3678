"""The JSON in a webhook's body, however it is wrapped: as such, in a form's field, or as a form's fields."""

from __future__ import annotations

from email.parser import BytesParser
from typing import Any, Final
from urllib.parse import parse_qsl

from intake.rules.body import read_json

MOST_FIELDS: Final = 200


def read_webhook_body(body: bytes) -> Any:
    """Return the body as JSON; raises `ValueError` with a sentence.

    What a sender says about its type is not asked: many say "form" or "text" about JSON. A form with one field of JSON
    (`payload={…}`) is that JSON; another form is an object of texts.
    """
    try:
        return read_json(body)
    except ValueError:
        fields = _multipart(body) if body.lstrip().startswith(b"--") else _form(body)
        if not fields:
            raise
    wrapped = [found for found in map(_wrapped, fields.values()) if found is not None]
    return wrapped[0] if len(wrapped) == 1 else fields


def _form(body: bytes) -> dict[str, str]:
    """Return the fields of a form; none for what is no form."""
    text = body.strip()
    if not text or text[:1] in b'{["<' or b"=" not in text.split(b"&", 1)[0] or b"\n" in text:
        return {}
    try:
        return dict(parse_qsl(text.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        return {}


def _multipart(body: bytes) -> dict[str, str]:
    boundary = body.lstrip().split(b"\r\n", 1)[0][2:]
    if not 0 < len(boundary) <= 70:  # RFC 2046, 5.1.1
        return {}
    head = b'Content-Type: multipart/form-data; boundary="' + boundary + b'"\r\n\r\n'
    fields: dict[str, str] = {}
    for part in BytesParser().parsebytes(head + body).walk():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes) and len(fields) < MOST_FIELDS:
            fields[name] = content.decode("utf-8", "replace")
    return fields


def _wrapped(text: str) -> Any:
    """Return the object or list that a field's text is; None for another text."""
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return read_json(text.encode("utf-8", "replace"))
    except ValueError:
        return None

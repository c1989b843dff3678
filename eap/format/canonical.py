"""A document as one text that two people can compare, and its digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from eap.format.document import Document

ORDER: Final = "order"
ORDERED: Final = ("roles", "inputs", "lanes")
"""Parts whose keys have an order that people see; PostgreSQL's jsonb keeps none."""


def plain(document: Document) -> dict[str, Any]:
    """Return the document as JSON values, every default written out."""
    return document.model_dump(mode="json", by_alias=True)


def stored(document: Document) -> dict[str, Any]:
    """Return what a version keeps: the document as JSON values, and the order of what jsonb would shuffle."""
    values = plain(document)
    return {**values, ORDER: {part: list(values[part]) for part in ORDERED}}


def restore(values: Mapping[str, Any]) -> Document:
    """Return the document that `stored` wrote."""
    rest = dict(values)
    for part, keys in rest.pop(ORDER, {}).items():
        rest[part] = {key: rest[part][key] for key in keys}
    return Document.model_validate(rest)


def canonical(document: Document) -> str:
    """Return the one text of a document: JSON, keys sorted, no spaces. Comments and the order of keys don't count."""
    return json.dumps(plain(document), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(document: Document) -> str:
    """Return the SHA-256 of the canonical text, in hex: what a review, an approval and a run name."""
    return hashlib.sha256(canonical(document).encode()).hexdigest()

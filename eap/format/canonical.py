"""A document as one text that two people can compare, and its digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from eap.format.document import Document


def stored(document: Document) -> dict[str, Any]:
    """Return the document as JSON values, every default written out: what a version keeps."""
    return document.model_dump(mode="json", by_alias=True)


def restore(values: Mapping[str, Any]) -> Document:
    """Return the document that `stored` wrote."""
    return Document.model_validate(values)


def canonical(document: Document) -> str:
    """Return the one text of a document: JSON, keys sorted, no spaces. Comments and the order of keys don't count."""
    return json.dumps(stored(document), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(document: Document) -> str:
    """Return the SHA-256 of the canonical text, in hex: what a review, an approval and a run name."""
    return hashlib.sha256(canonical(document).encode()).hexdigest()

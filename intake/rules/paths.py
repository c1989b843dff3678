"""What stands where in a JSON body: paths ("check.labels.host", "items.0.id") and texts with paths in braces."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

MOST_STEPS: Final = 12
"""A key may itself hold dots, so each step doubles the ways to read a path."""
_PIECE: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_Piece = tuple[bool, str]
"""Whether it is a path, and the path or the text."""


def at(value: Any, path: str) -> Any:
    """Return what stands at a path, None where nothing does. Numbers count a list's items from 0.

    A key that holds dots is found too; where two ways lead somewhere, the one by the longer key is taken.
    """
    return _walk(value, path.split(".")[:MOST_STEPS])


def text_of(value: Any) -> str:
    """Return a value as people would write it; "" for null, compact JSON for objects and lists."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def filled(pattern: str, *bodies: Any) -> str:
    """Return what a pattern says about the first of the bodies in which each of its paths stands.

    A pattern is a path, a text with paths in braces ("{host}: {check.output}"), or a text in double quotes, which
    stands for itself. Braces are doubled to stand for themselves. "" when no path of it leads anywhere.
    """
    pieces = pieces_of(pattern)
    if not any(is_path for is_path, _ in pieces):
        return "".join(text for _, text in pieces)
    found = [_first(text, bodies) if is_path else text for is_path, text in pieces]
    return (
        "".join(found).strip() if any(text for text, (is_path, _) in zip(found, pieces, strict=True) if is_path) else ""
    )


@lru_cache(maxsize=1024)
def pieces_of(pattern: str) -> tuple[_Piece, ...]:
    """Return the paths and texts of a pattern. Raises `ValueError` with a sentence for one that can't be read."""
    pattern = pattern.strip()
    if len(pattern) > 1 and pattern[0] == pattern[-1] == '"':
        return ((False, pattern[1:-1]),)
    if "{" not in pattern and "}" not in pattern:
        return ((True, _checked(pattern)),)
    pieces: list[_Piece] = []
    end = 0
    for match in _PIECE.finditer(pattern):
        pieces.append((False, pattern[end : match.start()]))
        end = match.end()
        if match[0] in ("{{", "}}"):
            pieces.append((False, match[0][0]))
        elif match[1] is None:
            raise ValueError("A brace is not closed, or stands alone; a brace as such is written twice.")
        else:
            pieces.append((True, _checked(match[1].strip())))
    pieces.append((False, pattern[end:]))
    return tuple(piece for piece in pieces if piece[1])


def _checked(path: str) -> str:
    steps = path.split(".")
    if not all(step.strip() for step in steps):
        raise ValueError("A path is names with dots between them, such as check.labels.host or items.0.id.")
    if len(steps) > MOST_STEPS:
        raise ValueError(f"A path has at most {MOST_STEPS} steps.")
    return path


def _first(path: str, bodies: Sequence[Any]) -> str:
    return next((text for body in bodies if (text := text_of(at(body, path)))), "")


def _walk(value: Any, steps: list[str]) -> Any:
    if not steps:
        return value
    if isinstance(value, list):
        place = steps[0]
        is_place = place.isascii() and place.isdigit() and len(place) < 6 and int(place) < len(value)
        return _walk(value[int(place)], steps[1:]) if is_place else None
    if not isinstance(value, dict):
        return None
    for end in range(len(steps), 0, -1):
        found = _walk(value.get(".".join(steps[:end])), steps[end:])
        if found is not None:
            return found
    return None

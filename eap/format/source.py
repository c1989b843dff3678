"""From YAML text to plain values, and where each of them stands.

YAML's node graph is turned into values here and not by the library, because a plan needs what the library's loaders
don't give together: line and column of every value, an error for a key given twice, and a bound on what aliases expand
to (nine lines of YAML can say a thousand million values).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from eap.format.problems import Path, Problem

if TYPE_CHECKING:
    from ruamel.yaml.nodes import Node

MOST_BYTES: Final = 1_000_000
MOST_VALUES: Final = 100_000
MOST_MARKS: Final = 30_000
"""Commas and brackets, and lines, before the reader is let at a text: it takes some 60 microseconds for each, and a
plan of 1,000 steps has a third of that."""
DEEPEST: Final = 40
_TAG: Final = "tag:yaml.org,2002:"


@dataclass(frozen=True)
class Place:
    """Where a key and its value begin, lines and columns from 1. `plain`: the value is text on one line, unquoted."""

    key: tuple[int, int]
    value: tuple[int, int]
    plain: bool = False
    inset: int = 0


@dataclass
class Source:
    """What a text says: `values` (None when it can't be read), the place of each path, and what is wrong."""

    values: Any = None
    places: dict[Path, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def parse(text: str) -> Source:
    """Read YAML. Never raises; syntax that can't be read is one problem, since nobody knows what would follow it."""
    source = Source()
    if len(text.encode()) > MOST_BYTES:
        _add(
            source, 1, 1, f"This is larger than {MOST_BYTES // 1_000_000} MB. Split it into plans that call each other."
        )
        return source
    _bulk(text, source)
    _tabs(text, source)
    if source.problems:
        return source
    node = _composed(text, source)
    if node is not None:
        _Building(source).build(node)
    return source


def _add(source: Source, line: int, column: int, sentence: str, path: Path = ()) -> None:
    source.problems.append(Problem(line=line, column=column, sentence=sentence, path=path))


def _bulk(text: str, source: Source) -> None:
    """Refuse what would keep the reader busy for long, by counting alone."""
    if text.count("\n") > MOST_MARKS or sum(map(text.count, ",[{")) > MOST_MARKS:
        _add(source, 1, 1, "This is far more than a plan has. Split it into plans that call each other.")
        return
    depth = 0
    for match in re.finditer(r"[\[\]{}]", text):
        depth += 1 if match[0] in "[{" else -1 if depth else 0
        if depth > DEEPEST:
            line = text.count("\n", 0, match.start()) + 1
            _add(source, line, 1, f"This is more than {DEEPEST} levels deep.")
            return


def _tabs(text: str, source: Source) -> None:
    for number, line in enumerate(text.split("\n"), start=1):
        match = re.match(r" *\t", line)
        if match and line.strip():
            _add(source, number, match.end(), "A tab stands here. YAML is indented with spaces: two for each level.")


def _composed(text: str, source: Source) -> Node | None:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    yaml = YAML(typ="safe", pure=True)
    try:
        node: Node | None = yaml.compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        _add(source, line, column, _syntax(error))
        return None
    except (YAMLError, ValueError, RecursionError) as error:
        _add(source, 1, 1, f"This can't be read as YAML: {str(error).splitlines()[0]}.")
        return None
    if node is None:
        _add(source, 1, 1, "There is nothing here yet. Start from a template, or import a file.")
    return node


_SYNTAX: Final[tuple[tuple[str, str], ...]] = (
    ("mapping values are not allowed", "A colon stands where none can. Put text with a colon in quotes."),
    ("could not find expected ':'", "A colon is missing after this key, or the line is indented wrongly."),
    ("expected <block end>", "This line is indented differently from those it belongs to."),
    ("did not find expected", "This line is indented differently from those it belongs to."),
    ("cannot start any token", "This character can't begin a text. Put the text in quotes."),
    ("found unexpected end of stream", "Something opened here is never closed: a quote or a bracket."),
    ("found undefined alias", "This alias (*) has no anchor (&) before it."),
    ("expected alphabetic or numeric", "This character can't begin a text. Put the text in quotes."),
    ("found duplicate anchor", "This anchor (&) is given twice. Name one of them differently."),
    ("expected a single document", "Only one plan stands in a file. Take out the line with three hyphens."),
)


def _syntax(error: Any) -> str:
    said = " ".join(str(part) for part in (error.context, error.problem) if part)
    for sign, sentence in _SYNTAX:
        if sign in said:
            return sentence
    return f"This can't be read as YAML: {said}."


class _TooMuch(Exception):
    """What the aliases expand to, or the depth, is beyond any plan."""


class _Building:
    """One walk over the nodes: values out, places and problems noted."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.values = 0

    def build(self, node: Node) -> None:
        """Fill `source.values`."""
        try:
            self.source.values = self._value(node, (), None)
        except _TooMuch as much:
            self.source.values = None
            _add(self.source, 1, 1, str(much))

    def _value(self, node: Node, path: Path, key: Node | None) -> Any:
        from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

        self.values += 1
        if self.values > MOST_VALUES:
            raise _TooMuch(f"This says more than {MOST_VALUES:,} values; aliases (*) multiply what they repeat.")
        if len(path) > DEEPEST:
            raise _TooMuch(f"This is more than {DEEPEST} levels deep.")
        self._note(node, path, key)
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self._value(item, (*path, index), None) for index, item in enumerate(node.value)]
        assert isinstance(node, ScalarNode)  # noqa: S101  (there is no fourth kind)
        return self._scalar(node, path)

    def _note(self, node: Node, path: Path, key: Node | None) -> None:
        mark, first = node.start_mark, (key or node).start_mark
        style = getattr(node, "style", None)
        single = node.start_mark.line == node.end_mark.line
        self.source.places[path] = Place(
            key=(first.line + 1, first.column + 1),
            value=(mark.line + 1, mark.column + 1),
            plain=single and style in (None, "", "'", '"'),
            inset=1 if style in ("'", '"') else 0,
        )

    def _mapping(self, node: Any, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            mark = key_node.start_mark
            key = key_node.value
            if not isinstance(key, str):
                _add(self.source, mark.line + 1, mark.column + 1, "A key has to be a word.", path)
                continue
            if key == "<<":
                sentence = (
                    "Merging with << is not part of the format. Repeat the lines, or use an alias for a whole value."
                )
                _add(self.source, mark.line + 1, mark.column + 1, sentence, path)
                continue
            if key in found:
                first = self.source.places[(*path, key)].key[0]
                sentence = f'"{key}" is given twice; the first is on line {first}. Remove one of them.'
                _add(self.source, mark.line + 1, mark.column + 1, sentence, (*path, key))
                continue
            found[key] = self._value(value_node, (*path, key), key_node)
        return found

    def _scalar(self, node: Any, path: Path) -> Any:
        kind = str(node.tag).removeprefix(_TAG)
        if node.style in ("'", '"', "|", ">") and kind in _KNOWN:
            return node.value
        if kind not in _KNOWN:
            mark = node.start_mark
            _add(self.source, mark.line + 1, mark.column + 1, f"The tag {node.tag} means nothing in a plan.", path)
            return node.value
        try:
            return _KNOWN[kind](node.value)
        except ValueError:
            return str(node.value)


def _boolean(text: str) -> bool | str:
    return {"true": True, "false": False}.get(text.lower(), text)


def _whole(text: str) -> int | str:
    return int(text) if re.fullmatch(r"[-+]?\d{1,18}", text) else text


_KNOWN: Final[dict[str, Callable[[str], Any]]] = {
    "str": str,
    "timestamp": str,
    "bool": _boolean,
    "int": _whole,
    "float": float,
    "null": lambda _text: None,
}

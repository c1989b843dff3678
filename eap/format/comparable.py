"""Whether what a condition compares can be compared: what the library itself lets pass and would never be true."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from eap.format.problems import nearest

if TYPE_CHECKING:
    from rule_engine import Rule

    from eap.format.expressions import Fact

_CHILDREN: Final = ("left", "right", "condition", "case_true", "case_false", "container", "member", "item")
_KINDS: Final = {"STRING": "text", "FLOAT": "a number", "BOOLEAN": "true or false", "DATETIME": "a moment"}


def impossible(rule: Rule, facts: Mapping[str, tuple[str, Fact]]) -> Iterator[str]:
    """Give a sentence for each text that a name is compared with and can never be. `facts` by symbol."""
    for node in _nodes(rule.statement.expression):
        if type(node).__name__ == "ComparisonExpression":
            yield from _possible(node.left, node.right, facts)
            yield from _possible(node.right, node.left, facts)
        if type(node).__name__ == "ContainsExpression":
            for member in _members(node.container):
                yield from _possible(node.member, member, facts)


def mismatches(rule: Rule, yields: str) -> Iterator[str]:
    """Give a sentence for each comparison of different kinds, and one when a typed rule does not come to `yields`."""
    top = rule.statement.expression
    for node in _nodes(top):
        if type(node).__name__ == "ComparisonExpression":
            kinds = _kind(node.left), _kind(node.right)
            if all(kinds) and kinds[0] != kinds[1]:
                left, right = (_KINDS.get(kind, "a list") for kind in kinds)
                yield f"{left.capitalize()} is compared with {right}; they are never equal."
    wanted = {"boolean": "BOOLEAN", "text": "STRING"}[yields]
    if _kind(top) not in (wanted, ""):
        yield f"This gives {_KINDS.get(_kind(top), 'a list')}; here it has to give {_KINDS[wanted]}."


def _nodes(node: Any) -> Iterator[Any]:
    yield node
    for name in _CHILDREN:
        child = getattr(node, name, None)
        if hasattr(child, "result_type"):
            yield from _nodes(child)
    for child in _members(node):
        yield from _nodes(child)


def _members(node: Any) -> tuple[Any, ...]:
    return tuple(node.value) if type(node).__name__ == "ArrayExpression" else ()


def _kind(node: Any) -> str:
    """Return the name of a node's type, "" when it is not known or nothing."""
    name = str(node.result_type.name)
    return "" if name in ("UNDEFINED", "NULL") or name.startswith("NULLABLE") else name


def _possible(one: Any, other: Any, facts: Mapping[str, tuple[str, Fact]]) -> Iterator[str]:
    """Say so when `one` is a name with known values and `other` a text that is none of them."""
    if type(one).__name__ != "SymbolExpression" or type(other).__name__ != "StringExpression":
        return
    name, fact = facts[one.name]
    if fact.values and other.value not in fact.values:
        yield f'"{name}" is never "{other.value}".{nearest(str(other.value), fact.values)}'

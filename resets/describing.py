"""The settings of a system as people write them: YAML, with what the kind says of itself beside it."""

from __future__ import annotations

import inspect
import io
from collections.abc import Mapping
from typing import Any, Final, get_args

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from resets.backends.base import Ability, Backend
from resets.backends.registry import kind_of
from web.errors import BadInput

LONGEST: Final = 20_000
ABILITIES: Final[Mapping[Ability, str]] = {
    "disable": "disable",
    "lock": "lock",
    "rotate": "rotate",
    "revoke": "end sessions and keys",
    "enable": "re-enable",
    "set_password": "let owners set a new one",
    "verify": "look at the effect",
    "read_hashes": "seal old hashes",
}


def able(kind: type[Backend[Any]]) -> list[str]:
    """Return what a kind can do, in words."""
    return [word for name, word in ABILITIES.items() if name in kind.abilities]


def about(kind: str) -> list[tuple[str, str]]:
    """Return what a kind says of its settings: (the field it stands under, words), the outermost first."""
    found: dict[type[BaseModel], tuple[str, str]] = {}
    _gather(kind_of(kind).settings, "", found)
    return [said for said in found.values() if said[1]]


def _gather(model: type[BaseModel], path: str, found: dict[type[BaseModel], tuple[str, str]]) -> None:
    if model in found:
        return
    words = " ".join(inspect.cleandoc(model.__doc__ or "").splitlines()).replace("  ", "\n\n")
    if path:
        words += "\n\n" + ", ".join(_fields(model))
    found[model] = (path, words)
    for name, field in model.model_fields.items():
        for inner in _models_in(field.annotation):
            _gather(inner, f"{path}.{name}".lstrip("."), found)


def _fields(model: type[BaseModel]) -> list[str]:
    """Return the fields of a nested part, with what holds when they are left out."""
    return [
        f"`{name}`" if field.is_required() else f"`{name}: {_flow(field.get_default(call_default_factory=True))}`"
        for name, field in model.model_fields.items()
    ]


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models_in(part)]


def blank(kind: str) -> str:
    """Return settings to begin with: what must be given empty, the rest as comments with what holds without it."""
    needed, optional = [], []
    for name, field in kind_of(kind).settings.model_fields.items():
        if field.is_required():
            needed.append(f"{name}:")
        else:
            default = field.get_default(call_default_factory=True)
            optional.append(f"# {name}: {_flow(None if default is PydanticUndefined else default)}")
    return "\n".join([*needed, *optional]) + "\n"


def _flow(value: object) -> str:
    """Return a value on one line."""
    from ruamel.yaml import YAML

    yaml, out = YAML(), io.StringIO()
    yaml.default_flow_style = True
    yaml.width = 10_000
    plain = value.model_dump(mode="json") if hasattr(value, "model_dump") else value
    yaml.dump([list(plain) if isinstance(plain, tuple) else plain], out)
    return out.getvalue().strip()[1:-1]


def written(settings: Mapping[str, Any]) -> str:
    """Return settings as YAML."""
    from ruamel.yaml import YAML

    yaml, out = YAML(), io.StringIO()
    yaml.width = 120
    yaml.dump(dict(settings), out)
    return out.getvalue()


def read(text: str) -> dict[str, Any]:
    """Return the mapping that a text holds; raise `BadInput` with the line of what can't be read."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        found = YAML(typ="safe", pure=True).load(text[:LONGEST])
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise _refusal(f"Line {line}: {error.problem or 'this is not YAML'}.") from None
    except (YAMLError, ValueError, RecursionError) as error:
        raise _refusal(f"This is not YAML: {type(error).__name__}.") from None
    if not isinstance(found, dict) or not all(isinstance(name, str) for name in found):
        raise _refusal("Write fields and their values, such as “host: db1”.")
    return found


def _refusal(sentence: str) -> BadInput:
    return BadInput(sentence, errors={"settings": sentence})

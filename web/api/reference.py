"""The API's reference as a page of ours, made on the server from the OpenAPI description: no script, no CDN."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase

METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Field:
    """One thing to send or to receive: a parameter, or a key of a body."""

    name: str
    kind: str
    required: bool
    text: str = ""
    where: str = ""


@dataclass(frozen=True)
class Call:
    """One method of one address."""

    anchor: str
    method: str
    path: str
    title: str
    text: str
    parameters: list[Field]
    body: list[Field]
    answers: list[tuple[str, str, list[Field]]]


@dataclass
class Chapter:
    """The calls of one tag, in the order of the description."""

    title: str
    calls: list[Call] = field(default_factory=list)


def chapters(description: dict[str, Any]) -> list[Chapter]:
    """Return an OpenAPI 3.1 description as chapters by tag."""
    reader = _Reader(description.get("components", {}).get("schemas", {}))
    found: dict[str, Chapter] = {}
    for path, methods in description["paths"].items():
        for method in METHODS:
            if method in methods:
                call = reader.call(method, path, methods[method])
                tag = (methods[method].get("tags") or ["other"])[0]
                found.setdefault(tag, Chapter(title=tag.capitalize())).calls.append(call)
    return list(found.values())


class _Reader:
    """Follows `$ref` within one description."""

    def __init__(self, schemas: dict[str, Any]) -> None:
        self._schemas = schemas

    def call(self, method: str, path: str, said: dict[str, Any]) -> Call:
        content = said.get("requestBody", {}).get("content", {}).get("application/json", {})
        return Call(
            anchor=said["operationId"],
            method=method.upper(),
            path=path,
            title=said.get("summary", ""),
            text=said.get("description", ""),
            parameters=[self._parameter(each) for each in said.get("parameters", [])],
            body=self._fields(content.get("schema", {})),
            answers=[self._answer(status, each) for status, each in said.get("responses", {}).items()],
        )

    def _parameter(self, said: dict[str, Any]) -> Field:
        schema = said.get("schema", {})
        text = said.get("description") or schema.get("description", "")
        return Field(said["name"], self._kind(schema), bool(said.get("required")), text, said["in"])

    def _answer(self, status: str, said: dict[str, Any]) -> tuple[str, str, list[Field]]:
        schema = said.get("content", {}).get("application/json", {}).get("schema", {})
        return str(status), self._kind(schema) if schema else "nothing", self._fields(schema)

    def _fields(self, schema: dict[str, Any]) -> list[Field]:
        if "items" in schema:
            return self._fields(schema["items"])
        target = self._follow(schema)
        required = target.get("required", [])
        return [
            Field(name, self._kind(each), name in required, each.get("description", ""))
            for name, each in target.get("properties", {}).items()
        ]

    def _follow(self, schema: dict[str, Any]) -> dict[str, Any]:
        for each in (schema, *schema.get("anyOf", [])):  # a body that may be left out is "this or null"
            if "$ref" in each:
                return dict(self._schemas[each["$ref"].rpartition("/")[2]])
        return schema

    def _kind(self, schema: dict[str, Any]) -> str:
        if "$ref" in schema:
            return str(schema["$ref"].rpartition("/")[2])
        for several in ("anyOf", "oneOf", "allOf"):
            if several in schema:
                return " or ".join(dict.fromkeys(self._kind(each) for each in schema[several]))
        if "enum" in schema:
            return " | ".join(str(each) for each in schema["enum"])
        if schema.get("type") == "array":
            return f"list of {self._kind(schema.get('items', {}))}"
        return str(schema.get("format") or schema.get("type") or "any")


class Reference(DocsBase):
    """Ninja's docs view: renders `api/reference.html`."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        """Render the whole reference as one page with a table of contents."""
        context = {
            "api": api,
            "chapters": chapters(api.get_openapi_schema(path_params=kwargs)),
            "openapi_url": self.get_openapi_url(api, kwargs),
        }
        return render(request, "api/reference.html", context)

"""JSON bodies of the own API."""

from typing import Any

from aiohttp import web


class WrongBody(Exception):
    """The body isn't what the address takes."""


async def json_object(request: web.Request) -> dict[str, Any]:
    """The body as an object; an empty body is an empty object. Raises WrongBody.

    A body must be called application/json: a form of a foreign web page, which a browser would send here unasked,
    can't be.
    """
    raw = await request.read()
    if not raw:
        return {}
    if request.content_type != "application/json":
        raise WrongBody("The body must be JSON with Content-Type application/json.")
    try:
        body = await request.json()
    except ValueError as error:
        raise WrongBody(f"The body is no JSON: {error}") from error
    if not isinstance(body, dict):
        raise WrongBody("The body must be a JSON object.")
    return body


def text_of(body: dict[str, Any], name: str, default: str | None = None) -> str:
    """A field as text; numbers are taken as written. Raises WrongBody if it is missing and has no default."""
    value = body.get(name, default)
    if value is None or isinstance(value, (dict, list, bool)):
        raise WrongBody(f"{name} is missing or no text.")
    return str(value)


def keys_of(body: dict[str, Any]) -> str:
    """The field `digits`: keys out of 0-9 * # (and w, which lets one question pass). Raises WrongBody."""
    keys = text_of(body, "digits", "")
    if set(keys) - set("0123456789*#w"):
        raise WrongBody("digits are keys out of 0-9 * # w.")
    return keys

"""Call an HTTP address: a provider's API, a panel, a hook of ours."""

from __future__ import annotations

import fnmatch
import json
import time
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Final, Literal
from urllib.parse import urlsplit

import httpx
from django.conf import settings
from pydantic import AfterValidator, Field, StringConstraints

from eap.actions.base import Action, Effects, Inputs, Preview, Result, Stopped, Surroundings, Trouble, Unknown
from eap.actions.output import Output
from eap.actions.texts import with_secrets, without_secrets
from notifications.channels.base import ChannelFailure, PermanentFailure
from notifications.outbound import Target, resolve

LARGEST_ANSWER: Final = 1_000_000
TRY_LATER: Final = frozenset({408, 425, 429})
REPEATABLE: Final = frozenset({"GET", "HEAD", "PUT", "DELETE"})
"""Methods that RFC 9110 section 9.2.2 calls idempotent."""


class HttpInputs(Inputs):
    """What to ask of whom. Headers and body may hold secrets, the address never: addresses are logged everywhere.

    `json` is sent as JSON, `body` as it is. `expect` are the status codes that count as success, `facts` the values to
    take from a JSON answer: name to dotted path ("job.id", "items.0.state").
    """

    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] = "POST"
    url: Annotated[str, StringConstraints(max_length=2_000), AfterValidator(without_secrets)]
    headers: Mapping[str, str] = {}
    content: Annotated[Any, Field(alias="json")] = None
    body: Annotated[str, StringConstraints(max_length=1_000_000)] = ""
    expect: tuple[Annotated[int, Field(ge=200, le=599)], ...] = (200, 201, 202, 204)
    facts: Mapping[str, str] = {}
    repeatable: bool = False


class Http(Action[HttpInputs]):
    """One request to a host that ACTION_HTTP_HOSTS names; redirects are not followed.

    Each carries `Idempotency-Key`, the same for a repeated try, so that a receiver can know it again.
    """

    name: ClassVar[str] = "http"
    title: ClassVar[str] = "Call an HTTP address"
    inputs: ClassVar[type[HttpInputs]] = HttpInputs
    effects: ClassVar[Effects] = "once"

    def effects_of(self, inputs: HttpInputs) -> Effects:
        """By the method, unless the call says of itself that it may be repeated."""
        if inputs.method in ("GET", "HEAD"):
            return "pure"
        return "idempotent" if inputs.repeatable or inputs.method in REPEATABLE else "once"

    def plan(self, inputs: HttpInputs, around: Surroundings) -> Preview:  # noqa: ARG002 - nothing is asked
        """Say what would be asked, after checking that it may be."""
        _allowed(inputs.url)
        return Preview(sentence=f"Would {inputs.method} {inputs.url}.", counts={"requests": 1})

    def apply(self, inputs: HttpInputs, around: Surroundings) -> Result:
        """Ask, and read the answer."""
        target = _allowed(inputs.url)
        status, content = _asked(inputs, around, target)
        _write(content, around)
        if status in inputs.expect:
            facts = _facts(inputs, content)
            sentence = f"{target.host} answered {status}."
            return Result(sentence=sentence, facts={"status": status, **facts})
        passing = status in TRY_LATER or (status >= 500 and self.effects_of(inputs) != "once")
        if status >= 500 and not passing:
            raise Unknown(f"{target.host} answered {status}; whether it did what was asked is not known.")
        raise Trouble(f"{target.host} answered {status}.", passing=passing)

    def verify(self, inputs: HttpInputs, around: Surroundings) -> Result:
        """A request that only looks verifies itself."""
        if inputs.method not in ("GET", "HEAD"):
            return super().verify(inputs, around)
        return self.apply(inputs, around)


def _allowed(url: str) -> Target:
    """Return where a URL leads; raises `Trouble` for a host that is not listed, or a private address not allowed."""
    try:
        host = (urlsplit(url).hostname or "").lower()
    except ValueError as error:
        raise Trouble("The address is no http or https URL.") from error
    if not any(fnmatch.fnmatchcase(host, name.lower()) for name in settings.ACTION_HTTP_HOSTS):
        raise Trouble(f"{host or 'This address'} is not among ACTION_HTTP_HOSTS; an administrator adds it there.")
    try:
        return resolve(url)
    except PermanentFailure as error:
        raise Trouble(error.detail) from error
    except ChannelFailure as error:
        raise Trouble(error.detail, passing=True) from error


def _asked(inputs: HttpInputs, around: Surroundings, target: Target) -> tuple[int, bytes]:
    headers = {name: with_secrets(value, around) for name, value in inputs.headers.items()}
    headers |= {"Host": target.host_header, "User-Agent": "Muster", "Idempotency-Key": around.key}
    body = with_secrets(inputs.body, around).encode()
    if inputs.content is not None:
        headers.setdefault("Content-Type", "application/json")
        body = with_secrets(json.dumps(inputs.content, separators=(",", ":")), around).encode()
    limit = httpx.Timeout(max(1.0, around.timeout_s), connect=5.0)
    ends_at = time.monotonic() + max(1.0, around.timeout_s)
    content = bytearray()
    try:
        with (
            httpx.Client(timeout=limit, follow_redirects=False, trust_env=False) as client,
            client.stream(
                inputs.method, target.url, content=body, headers=headers, extensions={"sni_hostname": target.host}
            ) as answer,
        ):
            for chunk in answer.iter_bytes():
                content += chunk
                if around.stopped():
                    raise Stopped(
                        "It was told to stop while the answer came; what was asked may be done.", confirmed=False
                    )
                if len(content) > LARGEST_ANSWER or time.monotonic() > ends_at:
                    break
            return answer.status_code, bytes(content[:LARGEST_ANSWER])
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise Trouble(f"{target.host} can't be reached.", passing=True) from error
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError, UnicodeError) as error:
        raise Trouble(f"This request can't be written: {type(error).__name__}.") from error
    except httpx.HTTPError as error:
        raise Unknown(f"{target.host} gave no answer ({type(error).__name__}).") from error


def _write(content: bytes, around: Surroundings) -> None:
    output = Output(around.say)
    for line in content.decode("utf-8", "replace").splitlines()[:200]:
        output.take(line)


def _facts(inputs: HttpInputs, content: bytes) -> dict[str, str | int | bool]:
    if not inputs.facts:
        return {}
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Trouble("The answer is no JSON, and facts were to be taken from it.") from error
    found = {}
    for name, path in inputs.facts.items():
        value = _at(answer, path)
        if not isinstance(value, str | int | bool):
            raise Trouble(f"The answer has no text, whole number or truth value at {path}.")
        found[name] = value[:500] if isinstance(value, str) else value
    return found


def _at(value: Any, path: str) -> Any:
    for name in path.split("."):
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        else:
            return None
    return value

"""Errors of the API as problem+json (RFC 9457): `type`, `title`, `status`, `detail`, `errors`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from ninja.errors import HttpError, ValidationError

from web.errors import BadInput, Refusal

CONTENT_TYPE: Final = "application/problem+json"
API_PREFIX: Final = "/api/"

_SENTENCES: Final[dict[int, str]] = {
    400: "The request can't be read.",
    401: "Send `Authorization: Bearer <token>` with a token that is not revoked.",
    403: "This token's person may not do this.",
    404: "There is nothing at this address.",
    405: "This address does not take this method.",
    413: "The request is too large.",
    429: "Too many requests. Try again later.",
    500: "Something broke on our side. It is in the log, under the X-Request-ID of this answer.",
    503: "The database does not answer. Try again in a few seconds.",
}


class ProblemOut(Schema):
    """What every error answer holds. `errors` maps a field to its sentence."""

    type: str
    title: str
    status: int
    detail: str
    errors: dict[str, str]


def problem(
    status: int,
    *,
    title: str = "",
    detail: str = "",
    errors: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Return an error answer; title and detail default to the words of the status."""
    body = {
        "type": "about:blank",
        "title": title or HTTPStatus(status).phrase,
        "status": status,
        "detail": detail or _SENTENCES.get(status, HTTPStatus(status).description),
        "errors": dict(errors or {}),
    }
    return HttpResponse(json.dumps(body), status=status, content_type=CONTENT_TYPE, headers=dict(headers or {}))


def _refused(_request: HttpRequest, refusal: Refusal) -> HttpResponse:
    errors = refusal.errors if isinstance(refusal, BadInput) else None
    return problem(refusal.status, title=refusal.title, detail=refusal.sentence, errors=errors)


def _invalid(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    return problem(
        422,
        title=BadInput.title,
        detail="Some of what was sent can't be used; `errors` says what and why.",
        errors={_field(each["loc"]): str(each["msg"]) for each in error.errors},
    )


def _field(place: tuple[str | int, ...]) -> str:
    """Name a field as the caller wrote it: without the "body" and the parameter's own name before it."""
    where, *path = (str(part) for part in place)
    if where == "body" and len(path) > 1:
        path = path[1:]
    return ".".join(path) or where


def _not_found(_request: HttpRequest, _error: Http404) -> HttpResponse:
    return problem(404)


def _by_status(_request: HttpRequest, error: HttpError) -> HttpResponse:
    headers = {"WWW-Authenticate": 'Bearer realm="Muster"'} if error.status_code == 401 else None
    detail = "" if error.status_code in (401, 403) else error.message
    return problem(error.status_code, detail=detail, headers=headers)


def answer_with_problems(api: NinjaAPI) -> None:
    """Let `api` answer refusals, wrong input, missing things and missing permission as problem+json."""
    answers: dict[type[Exception], Callable[[HttpRequest, Any], HttpResponse]] = {
        Refusal: _refused,
        ValidationError: _invalid,
        Http404: _not_found,
        HttpError: _by_status,
    }
    for error, answer in answers.items():
        api.add_exception_handler(error, answer)


class ProblemAnswers:
    """Middleware: an error under /api/ that left in another form leaves as problem+json.

    An unknown address, a wrong method, a crash of ours, the database away. Headers that say what to do next are kept.
    """

    KEPT: Final = ("Allow", "Retry-After", "WWW-Authenticate")

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code < 400 or not request.path_info.startswith(API_PREFIX):
            return response
        if response.get("Content-Type", "").startswith((CONTENT_TYPE, "application/json")):
            return response
        kept: dict[str, Any] = {name: response[name] for name in self.KEPT if name in response}
        return problem(response.status_code, headers=kept)

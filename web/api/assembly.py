"""How an API of ours is put together: authentication, problem+json, transactions, the reference."""

from __future__ import annotations

from typing import Any, Final

from ninja import NinjaAPI
from ninja.operation import Operation

from web.api.auth import Bearer
from web.api.problems import ProblemOut, answer_with_problems
from web.api.reference import Reference
from web.api.transactions import in_one_transaction

DESCRIPTION: Final = (
    "Send `Authorization: Bearer <token>`. Lists answer `items` and `next`; pass `next` as `cursor` for what follows. "
    "Every POST takes an `Idempotency-Key`: repeated within 24 hours it answers the same and does nothing again. "
    "Errors are problem+json with `title`, `detail` and `errors`. Times are ISO 8601 with offset. "
    "Ids are opaque strings."
)


class MusterAPI(NinjaAPI):
    """A NinjaAPI whose operation ids are the function's own name, stable while modules move."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """Return app and function: `incidents_declare_incident`."""
        app = operation.view_func.__module__.partition(".")[0]
        return f"{app}_{operation.view_func.__name__}"

    def get_openapi_schema(self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None) -> Any:
        """Return the description, with the error answer and the Idempotency-Key that every call has."""
        schema = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        schema["components"].setdefault("schemas", {})["Problem"] = ProblemOut.model_json_schema()
        answer = {
            "description": "Refused; nothing changed.",
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        key = {
            "in": "header",
            "name": "Idempotency-Key",
            "required": False,
            "schema": {"type": "string", "maxLength": 255},
            "description": "Makes the call safe to repeat.",
        }
        for methods in schema["paths"].values():
            for method, call in methods.items():
                call["responses"].setdefault("default", answer)
                if method == "post":
                    call["parameters"] = [*call.get("parameters", []), key]
        return schema


def new_api(*, title: str, version: str) -> MusterAPI:
    """Return an empty API; mount routers with `add_router("", router)`."""
    api = MusterAPI(
        title=title, version=version, description=DESCRIPTION, auth=Bearer(), docs=Reference(), urls_namespace="api"
    )
    answer_with_problems(api)
    api.add_decorator(in_one_transaction, mode="view")
    return api

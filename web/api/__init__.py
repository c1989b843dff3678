"""Plumbing of the product's own API: who calls, problem+json, pages by cursor, POSTs that may be repeated.

An app's `api.py` holds one `Router()` of this package and functions that call operations and queries:

    router = Router(tags=["incidents"])

    @router.post("/incidents", response={201: IncidentOut})
    def declare_incident(request: HttpRequest, given: DeclareIn) -> Status[IncidentOut]:
        caller = caller_of(request)
        ...

    @router.get("/incidents", response=Page[IncidentOut])
    def list_incidents(request: HttpRequest, window: Query[Window]) -> dict[str, object]:
        return paged(queryset, window=window, order=("-number",), serialize=incident_out)

`config/api.py` mounts the routers. Every call but GET runs in one transaction, undone when it is refused.
"""

from ninja import Query, Router, Schema
from ninja.responses import Status

from web.api.auth import caller_of
from web.api.pages import Page, Window, paged
from web.api.problems import ProblemOut, problem
from web.callers import Caller, register_lookup

__all__ = [
    "Caller",
    "Page",
    "ProblemOut",
    "Query",
    "Router",
    "Schema",
    "Status",
    "Window",
    "caller_of",
    "paged",
    "problem",
    "register_lookup",
]

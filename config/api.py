"""The product's own API, `/api/v1/`: the apps' routers, put together."""

from __future__ import annotations

from web.api.assembly import new_api

api = new_api(title="Muster", version="1")

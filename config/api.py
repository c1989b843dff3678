"""The product's own API, `/api/v1/`: the apps' routers, put together."""

from __future__ import annotations

from eap import plans_api, runs_api, steps_api
from incidents import api as incidents_api
from incidents import moves_api
from intake import api as intake_api
from intake import heartbeats_api
from notifications import api as pages_api
from notifications import deliveries_api, delivery_health_api, tale_api
from people import api as people_api
from people import ledger_api
from resets.api import moves as reset_moves_api
from resets.api import resets as resets_api
from resets.api import systems as systems_api
from statuspage.api import components as components_api
from statuspage.api import customers as customers_api
from statuspage.api import incidents as public_incidents_api
from statuspage.api import maintenances as maintenances_api
from statuspage.subscribers import api as subscribers_api
from web.api.assembly import new_api

api = new_api(title="Muster", version="1")

for part in (incidents_api, moves_api, intake_api, heartbeats_api):
    api.add_router("", part.router)

for page_part in (pages_api, tale_api, deliveries_api, delivery_health_api):
    api.add_router("", page_part.router)

for record_part in (people_api, ledger_api):
    api.add_router("", record_part.router)

for status_part in (components_api, public_incidents_api, maintenances_api, customers_api, subscribers_api):
    api.add_router("", status_part.router)

for run_part in (plans_api, runs_api, steps_api):
    api.add_router("", run_part.router)

for reset_part in (resets_api, reset_moves_api, systems_api):
    api.add_router("", reset_part.router)

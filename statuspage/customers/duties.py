"""What the engine does for customers: uploaded files too large for the request that brought them; their own pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from engine import duties
from engine.duties import Duty, Tick
from statuspage.customers.operations.upload import DUTY, due_imports, run_import
from statuspage.models import CustomerImport

UNANSWERED_FOR: Final = timedelta(days=7)
"""A file that nobody confirms holds customers' data for no purpose; after this it goes."""


def read_uploads(tick: Tick) -> int:
    """Read or write what waits, one file after the other; return how many."""
    done = 0
    for import_id in due_imports(tick.now):
        if tick.out_of_time():
            break
        run_import(import_id=import_id, now=tick.now)
        done += 1
    return done + _forget(tick)


def _forget(tick: Tick) -> int:
    left = CustomerImport.objects.filter(state=CustomerImport.State.READY, created_at__lt=tick.now - UNANSWERED_FOR)
    return left.update(state=CustomerImport.State.DROPPED, content=b"", ended_at=tick.now)


IMPORTS: Final = Duty(name=DUTY, run=read_uploads, every_s=5.0, budget_s=120.0, late_after_s=600.0)


def register() -> None:
    """Let the engine read uploads and the publisher write customers' pages; put the staff's screen among the others."""
    from django.utils.translation import gettext_lazy as _

    from people.permissions import DRAFT_UPDATE
    from statuspage import places
    from statuspage.customers import site
    from statuspage.places import Place
    from statuspage.publishing import sources

    duties.register(IMPORTS)
    places.register(Place(url_name="status_customers", label=_("Customers"), order=60, capability=DRAFT_UPDATE))
    sources.register("customers", site.files, unfinished=site.unfinished)

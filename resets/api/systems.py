"""Account systems in the API: describe what holds the accounts, change it, put it away."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from people.api_door import Admitted, admit
from people.permissions import ADMINISTER, READ
from resets.api.system_shapes import SystemChangeIn, SystemIn, SystemOut, SystemsAsked, system_out
from resets.models import System
from resets.operations.save_system import archive_system, save_system
from web.api import Page, Query, Router, Status, paged
from web.errors import BadInput, NotFound

router = Router(tags=["resets"])


@router.get("/account-systems", response=Page[SystemOut])
def list_systems(request: HttpRequest, asked: Query[SystemsAsked]) -> dict[str, Any]:
    """What holds the accounts of customers, by key."""
    admit(request, READ)
    found = System.objects.all()
    if asked.kind:
        found = found.filter(kind=asked.kind)
    if not asked.archived:
        found = found.filter(archived_at=None)
    return paged(found, window=asked, order=("key",), serialize=system_out)


@router.post("/account-systems", response={201: SystemOut})
def make_a_system(request: HttpRequest, given: SystemIn) -> Status[SystemOut]:
    """Describe a system. Test it afterwards on its page: that tries every right and changes nothing."""
    admitted = admit(request, ADMINISTER)
    made = save_system(**given.model_dump(), by=admitted.by, now=admitted.now)
    return Status(201, system_out(made))


@router.get("/account-systems/{system}", response=SystemOut)
def get_system(request: HttpRequest, system: str) -> SystemOut:
    """One system, by its id or key."""
    admit(request, READ)
    return system_out(system_named(system))


@router.patch("/account-systems/{system}", response=SystemOut)
def change_a_system(request: HttpRequest, system: str, given: SystemChangeIn) -> SystemOut:
    """Change what is given. `rate: null` lets it go as fast as it goes."""
    admitted = admit(request, ADMINISTER)
    found = system_named(system)
    changed = given.model_dump(exclude_unset=True)
    if empty := [name for name, value in changed.items() if value is None and name != "rate"]:
        raise BadInput("Leave out what stays as it is.", errors=dict.fromkeys(empty, "This can't be null."))
    kept = {name: getattr(found, name) for name in ("name", "settings", "rate", "at_once", "drill", "trusts_mail")}
    saved = save_system(
        key=found.key, kind=found.kind, system_id=found.pk, by=admitted.by, now=admitted.now, **(kept | changed)
    )
    return system_out(saved)


@router.post("/account-systems/{system}/archive", response=SystemOut)
def archive_a_system(request: HttpRequest, system: str) -> SystemOut:
    """Put it away: no further reset covers it."""
    return _moved(admit(request, ADMINISTER), system, away=True)


@router.post("/account-systems/{system}/restore", response=SystemOut)
def restore_a_system(request: HttpRequest, system: str) -> SystemOut:
    """Bring it back."""
    return _moved(admit(request, ADMINISTER), system, away=False)


def system_named(name: str) -> System:
    """Return a system by its id or key; raise `NotFound` for any other."""
    by_id = name.isascii() and name.isdigit() and len(name) < 18
    found = System.objects.filter(pk=int(name)).first() if by_id else None
    found = found or System.objects.filter(key=name.replace("\0", "")).first()
    if found is None:
        raise NotFound("There is no such system.")
    return found


def _moved(admitted: Admitted, name: str, *, away: bool) -> SystemOut:
    found = system_named(name)
    return system_out(archive_system(system_id=found.pk, away=away, by=admitted.by, now=admitted.now))

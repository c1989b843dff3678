"""Make a system that holds accounts, change it, put it away."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from pydantic import ValidationError

from ledger.actor import Actor
from ledger.operations.append import append
from ledger.rules import JSON
from resets.backends.registry import PLACES, kind_of
from resets.models import Reset, System
from web import live
from web.errors import BadInput, IllegalMove, NotFound

SUBJECT: Final = "settings:account-systems"
ABLE: Final = (Reset.State.FROZEN, Reset.State.RUNNING, Reset.State.PAUSED)
OPEN: Final = (Reset.State.DRAFT, *ABLE)


def save_system(
    *,
    key: str,
    name: str,
    kind: str,
    settings: Mapping[str, Any],
    by: Actor,
    now: datetime,
    rate: int | None = None,
    at_once: int = 2,
    drill: bool = False,
    trusts_mail: bool = True,
    system_id: int | None = None,
) -> System:
    """Make a system, or change the one of this id, and return it. Locks its resets that are frozen, then its row.

    Its key and kind stay for good, because resets refer to them. Raises `BadInput` for a key that is taken, for
    settings that do not fit the kind, for other settings while a reset is running there (half of its accounts would be
    done one way and half another), and for another mark for drills while one is not over, naming the fields.
    """
    running = _running_on(system_id) if system_id is not None else None
    system = _locked(system_id) if system_id is not None else System(key=key, kind=kind)
    if system_id is None:
        _check_new(key, kind)
    elif drill != system.drill and system.resets.filter(state__in=OPEN).exists():
        sentence = f"A reset that is not over works on {system.name}: whether it is for drills stays until its end."
        raise _refusal("drill", sentence)
    checked = read_settings(system.kind, settings)
    if running is not None and checked != system.settings:
        sentence = f"“{running.title}” is running on {system.name}. Pause it, change the settings, then resume it."
        raise _refusal("settings", sentence)
    system.name, system.settings, system.rate, system.at_once = name, checked, rate, at_once
    system.drill, system.trusts_mail = drill, trusts_mail
    system.save()
    payload: dict[str, JSON] = {"key": system.key, "name": name, "kind": system.kind, "fields": sorted(checked)}
    payload |= {"rate": rate, "at_once": at_once, "drill": drill, "trusts_mail": trusts_mail}
    append(subject=SUBJECT, verb="system.saved", by=by, now=now, payload=payload)
    live.changed("settings")
    return system


def archive_system(*, system_id: int, away: bool, by: Actor, now: datetime) -> System:
    """Put a system away, so that no further reset covers it, or bring it back. Locks its row.

    Raises `IllegalMove` while a reset that is not over works on it.
    """
    system = _locked(system_id)
    if away == (system.archived_at is not None):
        return system
    if away and system.resets.filter(state__in=OPEN).exists():
        raise IllegalMove(f"A reset that is not over works on {system.name}. Wait for its end.")
    system.archived_at = now if away else None
    system.save(update_fields=["archived_at"])
    verb = "system.archived" if away else "system.restored"
    append(subject=SUBJECT, verb=verb, by=by, now=now, payload={"key": system.key, "name": system.name})
    live.changed("settings")
    return system


def read_settings(kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings as their kind understands them, defaults left out; raise `BadInput` with a sentence a field."""
    try:
        found = kind_of(kind).settings.model_validate(given)
    except KeyError:
        raise _refusal("kind", f"There is no kind of system called {kind}.") from None
    except ValidationError as error:
        sentences = [
            f"{'.'.join(map(str, each['loc'])) or 'settings'}: {each['msg'].removeprefix('Value error, ')}."
            for each in error.errors(include_input=False, include_url=False)[:10]
        ]
        raise _refusal("settings", " ".join(sentence.replace("..", ".") for sentence in sentences)) from None
    kept: dict[str, Any] = found.model_dump(mode="json", exclude_unset=True)
    if not _is_storable(kept):
        raise _refusal("settings", "Leave NUL characters, NaN and infinity out; nothing can store them.")
    return kept


def _is_storable(settings: Mapping[str, Any]) -> bool:
    try:
        return "\\u0000" not in json.dumps(settings, allow_nan=False)
    except ValueError:
        return False


def _check_new(key: str, kind: str) -> None:
    if kind not in PLACES:
        raise _refusal("kind", f"There is no kind of system called {kind}.")
    if System.objects.filter(key=key).exists():
        raise _refusal("key", "There is a system with this key.")


def _refusal(field: str, sentence: str) -> BadInput:
    return BadInput(sentence, errors={field: sentence})


def _running_on(system_id: int) -> Reset | None:
    """Lock the resets of a system that could begin or go on meanwhile; return one that is running.

    Not the drafts: they can't begin, and one that is being frozen would let nobody save for a minute.
    """
    able = Reset.objects.filter(systems=system_id, state__in=ABLE).order_by("pk")
    rows = able.select_for_update(no_key=True, of=("self",))
    return next((reset for reset in rows if reset.state == Reset.State.RUNNING), None)


def _locked(system_id: int) -> System:
    system = System.objects.select_for_update(no_key=True).filter(pk=system_id).first()
    if system is None:
        raise NotFound("There is no such system.")
    return system

"""Take over what the emergency script published while the database was away, before anything else is published.

Each entry of the journal becomes an update of a public incident, at the time it was said, by whoever said it; the file
then moves to `.journal/imported/`. Its id is unique in the database, so that importing it again changes nothing. An
entry that can't be understood moves to `.journal/refused/` and alarms: it may not keep later words from customers.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import structlog
from django.db import transaction

from ledger.actor import Actor
from statuspage.models import (
    INCIDENT_STAGES,
    MAINTENANCE_STAGES,
    Component,
    ComponentStatus,
    PublicIncident,
    StatusPage,
    StatusUpdate,
)
from statuspage.operations.checking import EARLIEST, checked_name
from statuspage.operations.draft_update import add_draft
from statuspage.operations.locking import lock_public_incident, lock_update
from statuspage.operations.take_effect import take_effect
from statuspage.publishing.tree import Tree
from web.errors import BadInput, Refusal

FORMAT: Final = 1
IMPORTED: Final = "imported"
REFUSED: Final = "refused"
VIA: Final = "script"
ID: Final = re.compile(r"[a-z0-9]{1,12}")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Words:
    """An entry of the journal. `components` maps ids to states, `texts` and `names` languages to what was read."""

    id: str
    at: datetime
    page: str
    incident: str
    name: str
    stage: str
    texts: dict[str, str]
    names: dict[str, str]
    components: dict[str, str]
    deliver: bool
    by: str

    @classmethod
    def parse(cls, text: str) -> Words:
        """Return the entry that the script wrote; raises BadInput."""
        try:
            given: dict[str, Any] = json.loads(text)
            if "\\u0000" in json.dumps(given, ensure_ascii=False).encode().decode():  # half a pair raises here
                raise BadInput("The entry holds a NUL character.")
            if given["format"] != FORMAT:
                raise BadInput(f"The journal's format {given['format']} is not known here.")
            words = cls(
                id=str(given["id"])[:64],
                at=datetime.fromisoformat(given["at"]),
                page=str(given["page"]),
                incident=str(given["incident"]),
                name=str(given["name"])[:200],
                stage=str(given["stage"]),
                texts={str(code): str(said) for code, said in given["texts"].items()},
                names={str(code): str(name)[:200] for code, name in given.get("names", {}).items()},
                components={str(pk): str(status) for pk, status in given["components"].items()},
                deliver=bool(given["deliver"]),
                by=str(given["by"])[:80],
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise BadInput(f"This is no entry of the journal: {error!r}.") from error
        if not ID.fullmatch(words.incident) or words.at.year < EARLIEST.year:
            raise BadInput("The entry has an id or a time that can't be.")
        if words.at.tzinfo is None or not words.texts or words.stage not in (*INCIDENT_STAGES, *MAINTENANCE_STAGES):
            raise BadInput("The entry lacks a time with its offset, a text or a known stage.")
        return words


def import_journal(tree: Tree, *, now: datetime) -> int:
    """Bring every waiting entry into the database, oldest first; return how many were new.

    Call it outside a transaction: each entry is one of its own. A database error ends it, and the rest waits.
    """
    imported = 0
    for path in tree.waiting_words():
        try:
            words = Words.parse(path.read_text(encoding="utf-8"))
            imported += take_over(words, now=now)
        except FileNotFoundError:
            continue  # another engine of this host has imported it meanwhile
        except (Refusal, UnicodeDecodeError) as error:
            log.error("journal_entry_refused", entry=path.name, reason=str(error))  # noqa: TRY400 - no fault of the code
            _move(path, REFUSED)
        else:
            _move(path, IMPORTED)
    return imported


def refused(tree: Tree) -> int:
    """Return how many entries wait for a person, because they could not be understood."""
    return len(list((tree.root / ".journal" / REFUSED).glob("*.json")))


@transaction.atomic
def take_over(words: Words, *, now: datetime) -> bool:
    """Make an entry what the database says too; tell whether it was not there yet. Raises BadInput.

    Nobody approves it: customers have read it. Its subscribers hear of it now, unless the script was told otherwise.
    """
    if StatusUpdate.objects.filter(journal_id=words.id).exists():
        return False
    page = StatusPage.objects.filter(pk=words.page).first()
    if page is None:
        raise BadInput(f"There is no status page {words.page!r}.")
    at = min(words.at, now)
    by = Actor(kind="system", id="", name=words.by or "Emergency script", via=VIA)
    public = _public_incident(words, page, at=at, now=now)
    if StatusUpdate.objects.filter(journal_id=words.id).exists():
        return False  # another engine was quicker, and we waited for its lock
    draft = add_draft(
        public,
        words.stage,
        texts=_texts(words, page),
        components=_components(words, page),
        deliver=words.deliver,
        by=by,
        now=now,
    )
    update = lock_update(draft.pk)
    update.journal_id, update.automatic = words.id, True
    take_effect(update, by=by, now=now, at=at)
    log.info("journal_entry_imported", entry=words.id, public_incident=public.pk, stage=words.stage)
    return True


def _public_incident(words: Words, page: StatusPage, *, at: datetime, now: datetime) -> PublicIncident:
    """Return the public incident that the words are about, locked; a new one has the id that its address names."""
    planned = words.stage in MAINTENANCE_STAGES
    if not planned:
        PublicIncident.objects.bulk_create(
            [
                PublicIncident(
                    id=words.incident,
                    page=page,
                    name=checked_name(words.name),
                    names=words.names,
                    status=words.stage,
                    started_at=at,
                    created_at=now,
                    updated_at=now,
                )
            ],
            ignore_conflicts=True,  # it is known, or another engine imports it at this moment
        )
    elif not PublicIncident.objects.filter(pk=words.incident).exists():
        raise BadInput(f"There is no maintenance {words.incident!r}; the script can't plan one.")
    public = lock_public_incident(words.incident)
    if public.page_id != page.pk or planned != (public.kind == PublicIncident.Kind.MAINTENANCE):
        raise BadInput(f"{words.incident!r} is something else than the words {words.stage!r} speak of.")
    return public


def _texts(words: Words, page: StatusPage) -> dict[str, str]:
    """Return the texts of the page's languages; its own is never missing."""
    known = {code: said for code, said in words.texts.items() if code in {page.language, *page.languages}}
    return {page.language: next(iter(words.texts.values())), **known}


def _components(words: Words, page: StatusPage) -> dict[str, str]:
    """Return what is said of components that exist; one removed since has no state to set."""
    known = set(Component.objects.filter(page=page, archived_at=None).values_list("pk", flat=True))
    said = {pk: status for pk, status in words.components.items() if status in ComponentStatus.values}
    return {pk: status for pk, status in said.items() if pk in known}


def _move(path: Path, folder: str) -> None:
    place = path.parent / folder
    place.mkdir(mode=0o700, exist_ok=True)
    path.replace(place / path.name)

"""Write what customers will be told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Max

from ledger.actor import Actor
from people.models import Person
from resets.models import Notice, Reset
from resets.notices.operations.changing import check_state, lock_notice, person_of, record
from resets.notices.pacing import Rates
from resets.notices.texts import clean_texts, digest_of, own_texts
from resets.operations.locking import locked
from web.errors import BadInput, IllegalMove

UNTOLD: frozenset[str] = frozenset({Reset.State.DRAFT, Reset.State.ABORTED})


def draft_notice(
    *,
    reset: Reset,
    by: Actor,
    now: datetime,
    texts: Mapping[str, Mapping[str, str]] | None = None,
    language: str = "en",
    rates: Rates | None = None,
) -> Notice:
    """Make the next round of telling a reset's customers, as a draft, and return it.

    Without `texts` they are our own in five languages. The first round goes to everybody who has an address, later ones
    to those who have not set a password of their own. Raises `IllegalMove` for a reset whose accounts are not frozen,
    that was aborted, or that has a round under way, `BadInput` for texts that can't be used. Locks the reset.
    """
    reset = locked(reset)
    if reset.state in UNTOLD:
        raise IllegalMove(f"“{reset.title}” is {reset.get_state_display().lower()}; there is nobody to tell about it.")
    under_way = reset.notices.exclude(state__in=[Notice.State.DONE, Notice.State.CANCELLED]).first()
    if under_way is not None:
        raise IllegalMove(
            f"Round {under_way.round} is {under_way.get_state_display().lower()}; end it or cancel it first."
        )
    last: int | None = reset.notices.aggregate(last=Max("round"))["last"]
    number = 0 if last is None else last + 1
    # A round that was cancelled before anybody was written to counts for nothing.
    told = reset.notices.filter(letters__isnull=False).exists()
    kept = clean_texts(texts if texts is not None else own_texts(reminder=told), language=language)
    person = person_of(by)
    notice = Notice.objects.create(
        reset=reset,
        round=number,
        texts=kept,
        language=language,
        drafted_by=person,
        drafted_by_name=by.name[:100],
        drafted_at=now,
        writers=_writers(reset, person),
        **_columns(rates or Rates()),
    )
    payload = {"languages": sorted(kept), "digest": digest_of(kept, language=language)}
    record(notice, "reset.notice_drafted", by=by, now=now, payload={**payload})
    return notice


def edit_notice(
    *,
    notice: Notice,
    by: Actor,
    now: datetime,
    texts: Mapping[str, Mapping[str, str]],
    language: str = "en",
    rates: Rates | None = None,
) -> Notice:
    """Change a draft, or an approved notice that nobody was sent yet: its approval is void then.

    Whoever changed it can't approve it. Locks the reset and the notice.
    """
    notice = lock_notice(notice)
    check_state(notice, Notice.State.DRAFT, Notice.State.APPROVED, doing="changed")
    kept = clean_texts(texts, language=language)
    if rates is not None:
        for name, value in _columns(rates).items():
            setattr(notice, name, value)
    if kept != notice.texts or language != notice.language:
        person = person_of(by)
        notice.texts, notice.language = kept, language
        notice.state, notice.approved_by, notice.approved_at, notice.approved_digest = "draft", None, None, ""
        notice.writers = sorted({*notice.writers, *([str(person.pk)] if person else [])})
    notice.save()
    payload = {"languages": sorted(kept), "digest": digest_of(kept, language=language)}
    record(notice, "reset.notice_edited", by=by, now=now, payload={**payload})
    return notice


def _writers(reset: Reset, person: Person | None) -> list[str]:
    """Return whose words a new draft counts as: a plan's, those of who asked for the reset and of who runs the plan."""
    run = reset.run
    asked = (person.pk,) if person else (reset.created_by_id, run.started_by_id if run else None)
    return sorted({str(each) for each in asked if each is not None})


def _columns(rates: Rates) -> dict[str, float]:
    if min(rates.start, rates.most, rates.domain, rates.double_every_s) <= 0 or rates.start > rates.most:
        sentence = "Rates are above 0, and the first is not larger than the last."
        raise BadInput(sentence, errors={"rate_start": sentence})
    return {
        "rate_start": rates.start,
        "rate_most": rates.most,
        "double_every_s": rates.double_every_s,
        "domain_rate": rates.domain,
    }

"""Reads of the ledger."""

from __future__ import annotations

from ledger.models import Entry, PersonalText

ERASED = "(erased)"


def entries(subject: str, *, after_seq: int = 0, limit: int = 1000) -> list[Entry]:
    """Return up to `limit` entries of `subject` from the oldest after `after_seq`, `personal_text` filled in.

    Entries that left in a sealed segment are not among them: the first one then has `seq` above 1.
    """
    found = list(Entry.objects.filter(subject=subject, seq__gt=after_seq).order_by("seq")[:limit])
    _fill_in_texts(subject, found)
    return found


def newest(subject: str, *, limit: int = 100) -> list[Entry]:
    """Return the last `limit` entries of `subject`, newest first, `personal_text` filled in."""
    found = list(Entry.objects.filter(subject=subject).order_by("-seq")[:limit])
    _fill_in_texts(subject, found)
    return found


def _fill_in_texts(subject: str, found: list[Entry]) -> None:
    with_text = [entry.seq for entry in found if entry.personal_digest]
    if not with_text:
        return
    texts = dict(PersonalText.objects.filter(subject=subject, seq__in=with_text).values_list("seq", "text"))
    for entry in found:
        if entry.personal_digest:
            entry.personal_text = texts.get(entry.seq, ERASED)

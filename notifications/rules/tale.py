"""What happened to somebody who was called, as short phrases with their times; pure.

"No answer at 03:12, called again at 03:14, confirmed by key at 03:14:32". Each try of each message becomes one phrase:
what came of it where that is known, else that it was made. Providers' own words come from their status lists.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from typing import Final

from notifications.rules import tale_words as words

ASKED: Final = frozenset({"accepted", "found", "not_found", "temporary", "permanent", "unknown"})
"""Results that end one exchange with a provider; what a provider says later belongs to the try before it."""
TOOK: Final = frozenset({"accepted", "found"})
ARRIVED: Final = frozenset({"delivered", "read", "in-progress", "answered", "human", "shown"})
OVER: Final = frozenset({"completed"})
NOBODY: Final = frozenset({"no-answer", "unanswered", "timeout"})
BUSY: Final = frozenset({"busy"})
LOST: Final = frozenset({"undelivered", "failed", "expired", "rejected", "bounced", "complained"})
MACHINES: Final = ("machine", "fax")
"""How the code of a picked-up call begins when nobody did."""
WITHDRAWN: Final = frozenset({"canceled", "cancelled"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Exchange:
    """One attempt: what a provider answered, or said later."""

    at: datetime
    provider: str
    result: str
    code: str = ""
    detail: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """One message to the person: its channel, where it stands now, and its exchanges from the first on."""

    channel: str
    state: str
    due_at: datetime
    kind: str = "page"
    reason: str = ""
    ended_at: datetime | None = None
    exchanges: tuple[Exchange, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """The person's own word: "acknowledged" or "declined"; `via` a channel, `by` who spoke for them."""

    at: datetime
    word: str
    via: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Happened:
    """One phrase and its moment; `exact` where the second matters, `since` where it has been so from then on."""

    words: str
    at: datetime
    exact: bool = False
    since: bool = False


@dataclass(kw_only=True)
class _Try:
    sent: Sent
    begun: Exchange
    later: list[Exchange] = field(default_factory=list)
    instead_of: str = ""
    again: bool = False
    answered: bool = False


def tale(sent: Sequence[Sent], answers: Sequence[Answered], *, now: datetime) -> list[Happened]:
    """Return what happened, oldest first, then what comes next; equal phrases in a row become one.

    What was cancelled before any try (somebody had answered) is not spoken of.
    """
    tries = sorted((each for one in sent for each in _tries(one)), key=lambda each: each.begun.at)
    tried_by: set[str] = set()
    for each in tries:
        each.again = each.sent.channel in tried_by
        if each.begun.result in TOOK or each.begun.result == "unknown":
            tried_by.add(each.sent.channel)
    for answer in answers:
        answerable = [each for each in tries if each.sent.channel == answer.via and each.begun.at <= answer.at]
        if answerable and not answer.by:
            answerable[-1].answered = True
    past = [_of_try(each) for each in tries] + [_of_answer(answer) for answer in answers]
    past += [found for one in sent if not one.exchanges and (found := _never_tried(one)) is not None]
    next_ones = [_to_come(one, now=now, again=one.channel in tried_by) for one in sent if one.state == "pending"]
    return _counted(sorted(past, key=lambda each: each.at)) + sorted(next_ones, key=lambda each: each.at)


def _tries(sent: Sent) -> list[_Try]:
    found: list[_Try] = []
    for exchange in sent.exchanges:
        if exchange.result in ASKED:
            before = found[-1].begun.provider if found else ""
            if found and exchange.result in ("found", "not_found") and found[-1].begun.result == "unknown":
                found.pop()  # asked afterwards about the same try: that is now known
            moved = before if before and before != exchange.provider else ""
            found.append(_Try(sent=sent, begun=exchange, instead_of=moved))
        elif found:
            found[-1].later.append(exchange)
    return found


def _of_try(each: _Try) -> Happened:
    channel, begun = each.sent.channel, each.begun
    verb = words.verb(channel, again=each.again, kind=each.sent.kind)
    if each.instead_of:
        verb = words.instead(verb, provider=begun.provider, instead_of=each.instead_of)
    if begun.result not in TOOK:
        failure = words.failed(begun.result, channel, provider=begun.provider, code=begun.code, detail=begun.detail)
        return Happened(failure, begun.at)
    end, outcome = _outcome(each)
    if not outcome:
        return Happened(verb, begun.at)
    plain = not each.again and not each.instead_of
    return Happened(outcome if plain else words.and_then(verb, outcome), end.at)


def _outcome(each: _Try) -> tuple[Exchange, str]:
    """Return the word that decided the try and what it means; "" where it only left or was answered."""
    for later in each.later:
        if decided := _decided(each, later):
            return later, decided
    arrived = next((later for later in each.later if later.result in ARRIVED), None)
    if arrived is None or each.answered:
        return each.begun, ""
    return arrived, words.arrived(each.sent.channel)


def _decided(each: _Try, later: Exchange) -> str:
    """Return what a provider's later word says about how the try ended; "" for progress and arrival."""
    channel = each.sent.channel
    if later.code.startswith(MACHINES) or later.result == "machine":
        return words.machine()
    said = {
        **dict.fromkeys(NOBODY, words.no_answer()),
        **dict.fromkeys(BUSY, words.busy()),
        **dict.fromkeys(LOST, words.lost(channel, code=later.code)),
        **dict.fromkeys(WITHDRAWN, words.withdrawn(channel)),
        **dict.fromkeys(OVER, "" if each.answered else words.hung_up()),
        "no_receipt": words.held_up(channel, provider=later.provider),
    }
    return said.get(later.result, "")


def _of_answer(answer: Answered) -> Happened:
    return Happened(words.answered(answer.word, via=answer.via, by=answer.by), answer.at, exact=True)


def _never_tried(sent: Sent) -> Happened | None:
    if sent.state not in ("failed", "expired"):
        return None
    return Happened(words.not_sent(sent.channel, reason=sent.reason), sent.ended_at or sent.due_at)


def _to_come(sent: Sent, *, now: datetime, again: bool) -> Happened:
    if sent.due_at > now:
        return Happened(words.follows(sent.channel, again=again), sent.due_at)
    return Happened(words.waits(sent.channel), sent.due_at, since=True)


def _counted(found: list[Happened]) -> list[Happened]:
    """Return them with neighbours of the same words made one, at the last one's time."""
    told = []
    for said, alike in groupby(found, key=lambda each: each.words):
        same = list(alike)
        last = same[-1]
        told.append(last if len(same) == 1 else replace(last, words=words.times(said, len(same))))
    return told

"""What happened to each person whom pages called, in words, from deliveries, attempts and answers at hand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from notifications.models import Delivery, Responder
from notifications.rules.tale import Answered, Exchange, Happened, Sent, tale

MOST_DELIVERIES: Final = 100
"""The newest messages of one page that are told of."""
ANSWERS = (Responder.State.ACKNOWLEDGED, Responder.State.DECLINED)
CALLS = (Delivery.Kind.PAGE, Delivery.Kind.REMINDER)


def tales(
    deliveries: Iterable[Delivery], responders: Iterable[Responder], *, now: datetime
) -> dict[UUID, list[Happened]]:
    """Return the tale of each person by id. Reads nothing where attempts are prefetched."""
    sent: dict[UUID, list[Sent]] = {}
    answers: dict[UUID, list[Answered]] = {}
    for delivery in deliveries:
        if delivery.kind in CALLS:
            sent.setdefault(delivery.person_id, []).append(_sent(delivery))
    for responder in responders:
        if responder.state in ANSWERS and responder.answered_at is not None:
            answers.setdefault(responder.person_id, []).append(
                Answered(
                    at=responder.answered_at,
                    word=responder.state,
                    via=responder.via,
                    by=responder.on_behalf_by,
                )
            )
    people = dict.fromkeys([*sent, *answers])
    return {person: tale(sent.get(person, []), answers.get(person, []), now=now) for person in people}


def _sent(delivery: Delivery) -> Sent:
    exchanges = sorted(delivery.attempts.all(), key=lambda attempt: (attempt.at, attempt.pk))
    return Sent(
        channel=delivery.channel,
        state=delivery.state,
        due_at=delivery.not_before,
        kind=delivery.kind,
        reason=delivery.reason,
        ended_at=delivery.ended_at,
        exchanges=tuple(
            Exchange(at=each.at, provider=each.provider, result=each.result, code=each.code, detail=each.detail)
            for each in exchanges
        ),
    )

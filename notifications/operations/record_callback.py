"""Take a provider's later word about a delivery."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction

from notifications.channels.base import News
from notifications.models import Delivery, Page
from notifications.operations import delivery_consequences as consequences
from notifications.operations.next_carrier import NextCarrier, next_carrier
from notifications.operations.outbox import hand_over_after_commit
from notifications.operations.redial import redial_after_s
from notifications.rules.provider_states import OPEN, becomes
from notifications.rules.retry import pause_s
from web import live

CARRIER_TRIES: Final = 3
"""How often a message is given to a network that took it and then failed by itself."""

# One statement for the thousands that say "on its way" or "arrived": the receipt makes a double change nothing, the
# rank a late word, the fence a word about an earlier try. The attempt is kept whatever happens.
_TAKE: Final = """
WITH receipt AS (
    INSERT INTO notifications_inboundreceipt (provider, key, at)
    SELECT %(provider)s, %(key)s, %(now)s WHERE EXISTS (SELECT 1 FROM notifications_delivery WHERE id = %(id)s)
    ON CONFLICT (provider, key) DO NOTHING RETURNING 1
), moved AS (
    UPDATE notifications_delivery SET
        provider_rank = %(rank)s, provider_ref = %(ref)s,
        check_at = CASE WHEN state = ANY(%(open)s) THEN %(check_at)s::timestamptz ELSE NULL END,
        sent_at = CASE WHEN %(arrived)s THEN coalesce(sent_at, %(now)s) ELSE sent_at END,
        delivered_at = CASE WHEN %(arrived)s AND state = ANY(%(open)s) THEN %(now)s ELSE delivered_at END,
        lease_until = CASE WHEN %(arrived)s AND state = ANY(%(open)s) THEN NULL ELSE lease_until END,
        state = CASE WHEN %(arrived)s AND state = ANY(%(open)s) THEN 'delivered' ELSE state END
    WHERE id = %(id)s AND fence = %(fence)s AND provider_rank < %(rank)s AND %(simple)s
        AND EXISTS (SELECT 1 FROM receipt)
    RETURNING page_id, person_id, state
), reached AS (
    UPDATE notifications_responder r SET state = 'delivered', delivered_at = %(now)s FROM moved m
    WHERE %(arrived)s AND m.state = 'delivered' AND r.page_id = m.page_id AND r.person_id = m.person_id
        AND r.state = 'called'
    RETURNING 1
), kept AS (
    INSERT INTO notifications_attempt (delivery_id, at, provider, result, code, detail)
    SELECT %(id)s, %(now)s, %(provider)s, %(word)s, %(code)s, %(detail)s FROM receipt
)
SELECT (SELECT count(*) FROM receipt), (SELECT coalesce('page:' || page_id, 'person:' || person_id) FROM moved),
    (SELECT count(*) FROM reached)
"""


def record_callback(*, provider: str, delivery_id: int, fence: int, news: News, key: str, now: datetime) -> bool:
    """Move a delivery by `news` about its try number `fence`; return False for a double (by `key`) or an unknown one.

    Ranks only grow: late and doubled words, and words about an earlier try, change nothing, but are kept as attempts.
    A failure takes the person's next way at once, and switches a wrong address off. Locks page, delivery, responder;
    news of progress lock the delivery only, in one statement.
    """
    values: dict[str, Any] = {
        "provider": provider,
        "key": key[:200],
        "id": delivery_id,
        "fence": fence,
        "now": now,
        "rank": news.rank,
        "ref": news.ref[:64],
        "open": sorted(OPEN),
        "check_at": None if news.check_after_s is None else now + timedelta(seconds=news.check_after_s),
        "arrived": news.kind == "delivered",
        "simple": news.kind in ("progress", "delivered"),
        "word": news.word[:20],
        "code": news.code[:20],
        "detail": news.detail[:300],
    }
    match news.kind:
        case "progress":
            taken, _reached = _take(values)
            return taken
        case "delivered":
            return _arrived(values, now=now)
        case _:
            return _take_and_move(values, news=news, now=now)


def _take(values: dict[str, Any]) -> tuple[bool, bool]:
    """Run the statement; tell whether this was no double, and whether somebody was reached by it for the first time."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, values)
        taken, about, reached = cursor.fetchone()
    if about:
        live.changed(about)
    return bool(taken), bool(reached)


def _arrived(values: dict[str, Any], *, now: datetime) -> bool:
    with transaction.atomic():
        # The lock of the page comes before those of its deliveries and responders.
        page = _locked_page_of(values["id"])
        taken, reached = _take(values)
        if reached and page is not None:
            consequences.tell_reached(page=page, now=now)
    return taken


def _locked_page_of(delivery_id: int) -> Page | None:
    return Page.objects.select_for_update(no_key=True, of=("self",)).filter(deliveries=delivery_id).first()


def _take_and_move(values: dict[str, Any], *, news: News, now: datetime) -> bool:
    failed = False
    with transaction.atomic():
        page = _locked_page_of(values["id"])
        taken, _reached = _take(values)
        if not taken:
            return False
        delivery = Delivery.objects.select_for_update(no_key=True).get(pk=values["id"])
        if delivery.fence == values["fence"] and news.rank > delivery.provider_rank:
            before = delivery.state
            following = _next(delivery, news=news, page=page)
            redial_s = redial_after_s(delivery, page=page) if news.nobody and following is None else None
            _move(delivery, news=news, following=following, redial_s=redial_s, check_at=values["check_at"], now=now)
            failed = delivery.state != before and news.kind == "failed"
            moved = failed and following is not None and following.at_once
            if (failed and not moved) or news.kind == "over":
                # Over: hung up, or a voicemail listened. Without a pressed key nobody has it; somebody who answered is
                # not called again.
                consequences.take_next_way(page=page, person_id=delivery.person_id, kind=delivery.kind, now=now)
            if delivery.state == Delivery.State.DELIVERED and page is not None:
                consequences.mark_reached(page=page, person_id=delivery.person_id, now=now)
    live.changed(f"page:{page.pk}" if page is not None else f"person:{delivery.person_id}")
    if failed:
        _blame(delivery, news=news, now=now)
    return True


def _next(delivery: Delivery, *, news: News, page: Page | None) -> NextCarrier | None:
    """Return where a message goes again that the carrier, and not the person, let fail; None: nowhere."""
    if news.kind != "failed" or not (news.try_again or news.scope == "configuration"):
        return None
    if not consequences.is_still_called(page=page, person_id=delivery.person_id):
        return None
    following = next_carrier(
        delivery_id=delivery.pk,
        channel=delivery.channel,
        provider=delivery.provider,
        urgency=delivery.urgency,
        kind=delivery.kind,
    )
    comes_again = news.try_again and delivery.tries < CARRIER_TRIES
    return following if following.at_once or comes_again else None


def _move(
    delivery: Delivery,
    *,
    news: News,
    following: NextCarrier | None,
    redial_s: int | None,
    check_at: datetime | None,
    now: datetime,
) -> None:
    state = becomes(state=delivery.state, rank=delivery.provider_rank, news=news)
    fields: dict[str, Any] = {"provider_rank": news.rank, "provider_ref": news.ref[:64], "check_at": check_at}
    if state != delivery.state:
        fields |= {"state": state, "lease_until": None, "sent_at": delivery.sent_at or now}
        if state == Delivery.State.DELIVERED:
            fields["delivered_at"] = delivery.delivered_at or now
        elif following is not None:
            # The carrier had a bad moment: another one, or the person's next way, goes at once; this one comes again.
            usual_s = pause_s(tries=delivery.tries, retry_after_s=None, chance=random.random())  # noqa: S311 - jitter
            again_at = now if following.at_once else now + timedelta(seconds=usual_s)
            fields |= {"state": Delivery.State.PENDING, "not_before": again_at, "provider": following.provider}
            fields |= {"reason": news.detail[:300]}
            if following.at_once:
                hand_over_after_commit([delivery])
        elif redial_s is not None:
            # The person's next way goes at once all the same; this one rings again beside it.
            fields |= {"state": Delivery.State.PENDING, "not_before": now + timedelta(seconds=redial_s)}
            fields |= {"reason": news.detail[:300], "check_at": None}
        else:
            fields |= {"ended_at": now, "reason": news.detail[:300] or delivery.reason, "withdraw_at": None}
    if news.kind == "over":
        fields |= {"ended_at": delivery.ended_at or now, "withdraw_at": None}
    for name, value in fields.items():
        setattr(delivery, name, value)
    delivery.save(update_fields=list(fields))


def _blame(delivery: Delivery, *, news: News, now: datetime) -> None:
    """Switch a wrong address off, or alarm about the configuration: transactions of their own (see the callee)."""
    if news.scope == "address":
        consequences.disable_contact_method(
            delivery.contact_method_id, reason=news.detail, code=news.code, now=now, opted_out=news.opted_out
        )
    elif news.scope == "configuration":
        consequences.alarm_about_configuration(
            channel=delivery.channel, kind=delivery.kind, code=news.code, detail=news.detail, now=now
        )

"""Letters on their way: taken at the round's pace with a lease, and what became of them written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction

from resets.models import DomainPace, Notice, NoticeLetter
from resets.notices.pacing import Rates, Share, rate_at, tokens_at

LEASE: Final = timedelta(seconds=60)
MOST: Final = 100
"""Letters of one claim. A sender that is killed may repeat up to so many, marked."""
MOST_CLAIMS: Final = 20
"""A letter whose sender died so often is what kills senders."""
LOOK_AT: Final = 4
"""Times as many letters are looked at as may go: some domains have had their share."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Claimed:
    """A letter that this process may send until its lease ends. `fence` and `tries` count this claim."""

    id: int
    fence: int
    tries: int
    repeated: bool
    address: str
    language: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What becomes of a claimed letter; `undone`: the try does not count."""

    id: int
    fence: int
    state: str
    code: str = ""
    due_at: datetime | None = None
    repeated: bool = False
    undone: bool = False


_DUE: Final = """
SELECT id, split_part(address, '@', 2) FROM resets_noticeletter
WHERE notice_id = %s AND state = 'pending' AND due_at <= %s
ORDER BY due_at, id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED
"""
_TAKE: Final = """
UPDATE resets_noticeletter SET state = 'sending', lease_until = %s, fence = fence + 1, tries = tries + 1
WHERE id = ANY(%s) RETURNING id, fence, tries, repeated, address, language
"""
_PUT_OFF: Final = """
UPDATE resets_noticeletter l SET due_at = v.due_at
FROM unnest(%s::bigint[], %s::timestamptz[]) AS v (id, due_at) WHERE l.id = v.id
"""
_RECORD: Final = """
UPDATE resets_noticeletter l SET state = v.state, code = v.code, lease_until = NULL,
    due_at = coalesce(v.due_at, l.due_at), repeated = l.repeated OR v.repeated,
    tries = l.tries - CASE WHEN v.undone THEN 1 ELSE 0 END,
    sent_at = CASE v.state WHEN 'sent' THEN %(now)s ELSE l.sent_at END
FROM unnest(%(ids)s::bigint[], %(fences)s::int[], %(states)s::text[], %(codes)s::text[], %(dues)s::timestamptz[],
    %(repeated)s::bool[], %(undone)s::bool[]) AS v (id, fence, state, code, due_at, repeated, undone)
WHERE l.id = v.id AND l.fence = v.fence AND l.state = 'sending'
"""


def rates_of(notice: Notice) -> Rates:
    """Return the pace of a round."""
    return Rates(
        start=notice.rate_start,
        most=notice.rate_most,
        double_every_s=notice.double_every_s,
        domain=notice.domain_rate,
    )


def warm_s(notice: Notice, *, now: datetime) -> float:
    """Return for how many seconds a round has been sending."""
    return 0.0 if notice.warm_since is None else max(0.0, (now - notice.warm_since).total_seconds())


def claim(notice_id: int, *, now: datetime) -> list[Claimed]:
    """Take as many due letters of a round as its pace allows now, at most `MOST`. One short transaction.

    Letters to a mail domain that has had its share are put off. Locks the notice's row, which holds the pace; while
    somebody else holds it nothing is taken.
    """
    with transaction.atomic():
        rows = Notice.objects.select_for_update(no_key=True, skip_locked=True)
        notice = rows.filter(pk=notice_id, state=Notice.State.SENDING).first()
        if notice is None:
            return []
        rates = rates_of(notice)
        rate = rate_at(rates, warm_s=warm_s(notice, now=now))
        elapsed = 1.0 if notice.filled_at is None else (now - notice.filled_at).total_seconds()
        tokens = tokens_at(notice.tokens, elapsed_s=elapsed, rate=rate)
        room = min(MOST, int(tokens))
        if room < 1:
            return []
        with connection.cursor() as cursor:
            cursor.execute(_DUE, [notice.pk, now, room * LOOK_AT])
            going = _paced(notice, cursor.fetchall(), room=room, rate=rates.domain, now=now)
            cursor.execute(_TAKE, [now + LEASE, going])
            taken = cursor.fetchall()
        notice.tokens, notice.filled_at = tokens - len(taken), now
        notice.save(update_fields=["tokens", "filled_at"])
    return [
        Claimed(id=row[0], fence=row[1], tries=row[2], repeated=row[3], address=row[4], language=row[5])
        for row in taken
    ]


def _paced(notice: Notice, due: Sequence[tuple[int, str]], *, room: int, rate: float, now: datetime) -> list[int]:
    """Return the letters that go now; give a later time to those whose domain has had its share."""
    domains = {domain for _, domain in due}
    shares = {
        pace.domain: Share(paced_until=pace.paced_until, booked_until=pace.booked_until)
        for pace in DomainPace.objects.filter(notice=notice, domain__in=domains)
    }
    going: list[int] = []
    later: list[tuple[int, datetime]] = []
    touched = set()
    for letter, domain in due:
        if len(going) == room:
            break
        share = shares.setdefault(domain, Share(paced_until=now, booked_until=now))
        touched.add(domain)
        put_off = share.take(now=now, rate=rate)
        if put_off is None:
            going.append(letter)
        else:
            later.append((letter, put_off))
    DomainPace.objects.bulk_create(
        [
            DomainPace(
                notice=notice,
                domain=domain,
                paced_until=shares[domain].paced_until,
                booked_until=shares[domain].booked_until,
            )
            for domain in sorted(touched)
        ],
        update_conflicts=True,
        unique_fields=["notice", "domain"],
        update_fields=["paced_until", "booked_until"],
    )
    if later:
        with connection.cursor() as cursor:
            cursor.execute(_PUT_OFF, [[letter for letter, _ in later], [at for _, at in later]])
    return going


def record_letters(verdicts: Sequence[Verdict], *, now: datetime) -> int:
    """Write down what became of claimed letters; return how many.

    A letter that somebody else took over after its lease ended (another fence) is left to them.
    """
    if not verdicts:
        return 0
    values: dict[str, Any] = {
        "ids": [each.id for each in verdicts],
        "fences": [each.fence for each in verdicts],
        "states": [each.state for each in verdicts],
        "codes": [each.code[:40] for each in verdicts],
        "dues": [each.due_at for each in verdicts],
        "repeated": [each.repeated for each in verdicts],
        "undone": [each.undone for each in verdicts],
        "now": now,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_RECORD, values)
        return int(cursor.rowcount)


def free_leases(*, now: datetime, at_most: int = 1_000) -> int:
    """Return letters whose sender died to the waiting ones, marked as repeated; withdraw those of a cancelled round."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH old AS (SELECT l.id, n.state = 'cancelled' AS over FROM resets_noticeletter l"
            " JOIN resets_notice n ON n.id = l.notice_id WHERE l.state = 'sending' AND l.lease_until <= %s"
            " ORDER BY l.lease_until LIMIT %s FOR NO KEY UPDATE OF l SKIP LOCKED)"
            " UPDATE resets_noticeletter l SET state = CASE WHEN old.over OR l.tries >= %s THEN 'unknown'"
            " ELSE 'pending' END, repeated = true, lease_until = NULL, due_at = %s FROM old WHERE l.id = old.id",
            [now, at_most, MOST_CLAIMS, now],
        )
        return int(cursor.rowcount)


def is_due(notice_id: int, *, now: datetime) -> bool:
    """Tell whether a letter of a round waits to leave now."""
    return NoticeLetter.objects.filter(notice=notice_id, state=NoticeLetter.State.PENDING, due_at__lte=now).exists()

"""Ask to be told, ask to be told no more: the same rows and the same answer, whether the address is known or not."""

from __future__ import annotations

import json
import secrets
import uuid
from datetime import datetime
from functools import partial
from typing import Any, Final

from django.db import connection, transaction
from django.db.transaction import TransactionManagementError

from engine import broker
from statuspage.models import Letter, StatusPage, Subscriber
from statuspage.subscribers.wishes import Wishes
from web.secrets import encrypt

LETTERS_TASK: Final = "statuspage.send_letters"
QUEUE: Final = "bulk"
SECRET_BYTES: Final = 24

_ASK: Final = """
INSERT INTO statuspage_subscriber AS s (id, page_id, channel, address, state, language, minimum_impact, all_components,
    secret, contact, failures, asked_at, created_at)
VALUES (%(id)s, %(page)s, %(channel)s, %(address)s, 'pending', %(language)s, %(minimum)s, true,
    %(secret)s, %(contact)s, 0, %(now)s, %(now)s)
ON CONFLICT (page_id, channel, address) DO UPDATE SET asked_at = excluded.asked_at
RETURNING id
"""
_LETTER: Final = """
INSERT INTO statuspage_letter (subscriber_id, kind, choices, state, due_at, fence, tries, code, created_at)
VALUES (%(subscriber)s, %(kind)s, %(choices)s::jsonb, 'pending', %(now)s, 0, 0, '', %(now)s) RETURNING id
"""


def sign_up(*, page: StatusPage, channel: str, address: str, wishes: Wishes, now: datetime, contact: str = "") -> int:
    """Note that somebody wants to hear, and write them one letter about it; return the letter's id.

    Nothing that is kept about a known subscriber changes: what was asked for stands in the letter and holds once its
    receiver confirms it. `address` is clean, `contact` the mail address of a webhook's owner. Two statements, the same
    ones for known and unknown addresses.
    """
    _need_transaction()
    values: dict[str, Any] = {
        "id": uuid.uuid4(),
        "page": page.pk,
        "channel": channel,
        "address": address,
        "language": wishes.language,
        "minimum": wishes.minimum_impact,
        "secret": encrypt(secrets.token_urlsafe(SECRET_BYTES)) if channel == Subscriber.Channel.WEBHOOK else "",
        "contact": contact,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ASK, values)
        (subscriber_id,) = cursor.fetchone()
    return post_letter(
        subscriber_id=subscriber_id,
        kind=Letter.Kind.SIGN_UP,
        choices={**wishes.kept(), "contact": contact},
        now=now,
    )


def ask_to_end(*, page: StatusPage, channel: str, address: str, now: datetime) -> int:
    """Write the owner of an address a letter with the link that ends their subscription; return its id.

    For an address that nobody knows a letter without a receiver is kept for a day: the same work.
    """
    _need_transaction()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM statuspage_subscriber WHERE page_id = %s AND channel = %s AND address = %s",
            [page.pk, channel, address],
        )
        row = cursor.fetchone()
    return post_letter(subscriber_id=row[0] if row else None, kind=Letter.Kind.ENDING, choices={}, now=now)


def post_letter(*, subscriber_id: uuid.UUID | None, kind: str, choices: dict[str, object], now: datetime) -> int:
    """Keep a letter to be sent, in the caller's transaction, and hand it over after the commit; return its id."""
    _need_transaction()
    with connection.cursor() as cursor:
        cursor.execute(_LETTER, {"subscriber": subscriber_id, "kind": kind, "choices": json.dumps(choices), "now": now})
        letter_id = int(cursor.fetchone()[0])
    transaction.on_commit(partial(broker.hand_over, LETTERS_TASK, [str(letter_id)], QUEUE))
    return letter_id


def _need_transaction() -> None:
    if not connection.in_atomic_block:
        raise TransactionManagementError("A wish and its letter are one transaction.")

"""Send a batch of a mailing's notices by its channel, outside any transaction, and write down what became of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from statuspage.models import Mailing, Subscriber
from statuspage.subscribers import by_email, by_sms, by_webhook
from statuspage.subscribers.notices import Claimed, Verdict, claim, record
from statuspage.subscribers.quarantine import tell_contacts
from statuspage.subscribers.smtp import lines
from statuspage.subscribers.told import Told, told_of

BATCH: Final = {Subscriber.Channel.EMAIL: 100, Subscriber.Channel.SMS: 16, Subscriber.Channel.WEBHOOK: 32}
"""What one claim takes. A sender that is killed may repeat up to so many, marked; more would hardly be faster."""
BATCH_S: Final = 20.0
"""After this a batch gives back what it has not begun; a third of the lease."""

Send = Callable[[Sequence[Claimed], Told, datetime, float], list[Verdict]]
_SENDERS: Final[dict[str, Send]] = {
    Subscriber.Channel.EMAIL: by_email.send,
    Subscriber.Channel.SMS: by_sms.send,
    Subscriber.Channel.WEBHOOK: by_webhook.send,
}


def send_batch(*, mailing_id: int, channel: str, now: datetime) -> int:
    """Send the next batch of a mailing by one channel; return how many notices were taken, 0 when none is due.

    Takes none while the mail server is known to be away. `now` is the database's time at the call.
    """
    if channel == Subscriber.Channel.EMAIL and lines.is_shut():
        return 0
    mailing = Mailing.objects.filter(pk=mailing_id).values_list("update_id", flat=True).first()
    if mailing is None:
        return 0
    began = time.monotonic()
    claimed = claim(mailing_id=mailing_id, channel=channel, limit=BATCH[Subscriber.Channel(channel)], now=now)
    if not claimed:
        return 0
    told = told_of(mailing, now=now)
    verdicts = _SENDERS[channel](claimed, told, now, began + BATCH_S)
    moment = now + timedelta(seconds=time.monotonic() - began)
    with transaction.atomic():
        tell_contacts(record(verdicts, channel=channel, now=moment), now=moment)
    return len(claimed)

"""Call again where nobody was there, as the person's own rules say."""

from __future__ import annotations

from notifications.models import ContactRule, Delivery, Page
from notifications.operations import delivery_consequences as consequences
from notifications.operations.outbox import CALLS


def redial_after_s(delivery: Delivery, *, page: Page | None) -> int | None:
    """Return after how many seconds a call that nobody answered is placed again; None: it is not.

    The rules of this contact method and urgency say how often; every try of the delivery counts. Somebody who has
    answered is not called again. Expects the page's lock.
    """
    if delivery.kind not in CALLS or delivery.contact_method_id is None:
        return None
    if not consequences.is_still_called(page=page, person_id=delivery.person_id):
        return None
    rules = ContactRule.objects.filter(
        contact_method=delivery.contact_method_id, urgency=delivery.urgency, redials__gte=delivery.tries
    )
    return rules.order_by("redial_after_s").values_list("redial_after_s", flat=True).first()

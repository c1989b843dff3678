"""`/status-pages/webhooks`: how a webhook's owner knows that a request is ours; each payload names this address."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

WORDS: Final = """Webhooks of this status page

Each update is a POST of JSON in the shape of Atlassian Statuspage: one with "incident", then one with "component" and
"component_update" for each component whose state changed. Answer with 2xx within 10 seconds. Anything else, redirects
included, is tried again after 30 s, 2 min, 5 min and 15 min; 410 ends the subscription. After five updates in a row
that could not be delivered nothing more is sent, and the mail address you gave is told.

Headers:
  Muster-Timestamp   seconds since 1970, UTC
  Muster-Signature   v1=<hex of HMAC-SHA-256(secret, "<timestamp>." + body)>
  Muster-Delivery    the same for each try of one message
  X-Muster-Repeated  1 when an earlier try may have reached you

Compute the signature over the bytes you received, compare in constant time, refuse timestamps more than five minutes
off. The secret stands on the page behind the link in your confirmation mail.
"""


@require_safe
def webhook_words(_request: HttpRequest) -> HttpResponse:
    """Tell it."""
    return HttpResponse(WORDS, content_type="text/plain; charset=utf-8")

"""Whether a request is Slack's: nothing else counts, neither where it comes from nor what it says."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from engine import clock
from notifications.operations.count_refused_callback import count_refused_callback

View = Callable[..., HttpResponse]
LONGEST_BODY: Final = 512 * 1024
FRESH_S: Final = 300
"""Older requests are somebody's recording (docs.slack.dev/authentication/verifying-requests-from-slack)."""
_MOMENT: Final = re.compile(r"[0-9]{1,11}")


def from_slack(view: View) -> View:
    """Let only signed, fresh POSTs through to `view`; others get 403, change nothing and are counted.

    No CSRF check: there is no cookie and no session, the signature is the permission.
    """

    @csrf_exempt
    @require_POST
    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        now = clock.now()
        if not is_genuine(request, now=now):
            count_refused_callback(provider="slack", now=now)
            return HttpResponse("The signature is not Slack's.", status=403, content_type="text/plain")
        return view(request, *args, **kwargs)

    return guarded


def is_genuine(request: HttpRequest, *, now: datetime) -> bool:
    """Tell whether the raw body carries Slack's signature, made at most 300 s ago (or ahead, by another clock)."""
    body, moment = request.body, request.headers.get("X-Slack-Request-Timestamp", "")
    if not settings.SLACK_SIGNING_SECRET or len(body) > LONGEST_BODY or not _MOMENT.fullmatch(moment):
        return False
    if abs(now.timestamp() - int(moment)) > FRESH_S:
        return False
    given = request.headers.get("X-Slack-Signature", "")
    return hmac.compare_digest(signature(body, moment=moment, secret=settings.SLACK_SIGNING_SECRET), given.encode())


def signature(body: bytes, *, moment: str, secret: str) -> bytes:
    """Return Slack's signature (v0) of a body sent at `moment`, seconds since 1970."""
    digest = hmac.new(secret.encode(), b"v0:" + moment.encode() + b":" + body, hashlib.sha256).hexdigest()
    return b"v0=" + digest.encode()

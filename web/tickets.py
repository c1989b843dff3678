"""Tickets for the live stream: a signed, short permission that the stream process checks without a database.

A ticket is good for the subjects that were asked for with it and no others: whoever gets one may know of all of them.
"""

from __future__ import annotations

from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.signing import TimestampSigner
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from web.listening import listening_doors
from web.wire import MOST_SUBJECTS, TICKET_SALT, for_these


@require_safe
@never_cache
@login_required
def live_ticket(request: HttpRequest) -> HttpResponse:
    """Answer `{"url": ...}`: the stream's address with a ticket of one hour.

    Repeated `?subject=` parameters are carried over, so that `EventSource(url)` hears exactly these, without those of
    which the reader may not know.
    """
    asked = [subject for subject in request.GET.getlist("subject")[:MOST_SUBJECTS] if subject]
    subjects = listening_doors.audible(request.user, asked)
    ticket = TimestampSigner(salt=TICKET_SALT).sign(f"{request.user.pk} {for_these(subjects)}")
    query = [("ticket", ticket), *(("subject", subject) for subject in subjects)]
    return JsonResponse({"url": f"{settings.STREAM_URL}?{urlencode(query)}"})

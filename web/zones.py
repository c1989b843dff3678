"""Times on pages are told in the reader's own zone; storage and API stay in UTC."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone


class ReadersZone:
    """Activate the signed-in person's `time_zone` (an IANA name) for the request; UTC for everyone else.

    Only requests that carry a session look the person up, so that API clients and probes pay nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with timezone.override(self._zone(request)):
            return self.get_response(request)

    def _zone(self, request: HttpRequest) -> zoneinfo.ZoneInfo | None:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return None
        name = getattr(request.user, "time_zone", "")
        try:
            return zoneinfo.ZoneInfo(name) if name else None
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            # A zone that a newer tzdata dropped must not keep anyone out at night.
            return None

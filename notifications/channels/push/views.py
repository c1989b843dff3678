"""What a browser with notifications on asks for, and what its service worker says for the person."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from engine import clock
from notifications import page_links
from notifications.channels.base import News
from notifications.channels.push.keys import push_keys
from notifications.channels.push.renew import renew_device
from notifications.channels.push.subscription import NoSubscription, from_browser
from notifications.channels.push.turn_on import turn_on_device
from notifications.inbound import answer, asked_by_delivery
from notifications.operations.record_callback import record_callback
from people.actors import actor_for
from people.doors import signed_in
from people.models import Person
from web.browsers import known_as
from web.errors import BadInput, Refusal

PROVIDER: Final = "webpush"
SHOWN_RANK: Final = 10
LONGEST_BODY: Final = 8 * 1024


@require_safe
def worker(_request: HttpRequest) -> HttpResponse:
    """Return the service worker; from the root, because it acts for addresses below its own alone."""
    return _script("worker.js")


@require_safe
def script(_request: HttpRequest) -> HttpResponse:
    """Return what turns notifications on in a page."""
    return _script("device.js")


@require_POST
@signed_in()
def turn_on(request: HttpRequest, person: Person) -> HttpResponse:
    """Make the browser that asks one of the ways to reach whoever is signed in; refuse with a sentence."""
    label = known_as(request.headers.get("User-Agent", ""))
    try:
        if len(request.body) > LONGEST_BODY:
            raise BadInput(_("The browser sent no subscription."))
        text = request.body.decode("utf-8", "replace")
        turn_on_device(person=person, given=text, label=label, by=actor_for(person, via="web"), now=clock.now())
    except Refusal as refusal:
        return JsonResponse({"sentence": refusal.sentence}, status=refusal.status)
    return JsonResponse({"sentence": _("On: this device is one of the ways to reach you.")})


# The signed address is the permission, as with the link of a message; the service worker has no CSRF token.
@csrf_exempt
@never_cache
@require_POST
def answered(_request: HttpRequest, token: str) -> HttpResponse:
    """Acknowledge for the person the notification went to, and return the sentence to show in its place."""
    now = clock.now()
    try:
        asked = asked_by_delivery(page_links.read("push-answer", token, now=now), now=now)
    except Refusal as refusal:
        return JsonResponse({"sentence": refusal.sentence}, status=refusal.status)
    sentence = answer(asked, verb="acknowledge", via="push", provider=PROVIDER, key=f"answer:{token}", now=now)
    return JsonResponse({"sentence": sentence})


@csrf_exempt
@never_cache
@require_POST
def received(_request: HttpRequest, token: str, fence: int) -> HttpResponse:
    """Take the device's word that it shows the notification; doubled, late and expired words change nothing."""
    now = clock.now()
    try:
        delivery_id = page_links.read("push-received", token, now=now)
    except Refusal as refusal:
        return HttpResponse(status=refusal.status)
    news = News(ref="", word="shown", rank=SHOWN_RANK, kind="delivered")
    record_callback(
        provider=PROVIDER, delivery_id=delivery_id, fence=fence, news=news, key=f"shown:{token}:{fence}", now=now
    )
    return HttpResponse(status=204)


@csrf_exempt
@never_cache
@require_POST
def renewed(request: HttpRequest) -> HttpResponse:
    """Take a browser's word that it is reached elsewhere from now on; the keys it had before are its permission."""
    key = push_keys().public
    try:
        given = json.loads(request.body) if len(request.body) <= LONGEST_BODY else None
        if not isinstance(given, dict):
            raise NoSubscription("The browser sent no subscription.")
        before, fresh = from_browser(given.get("before"), key=key), from_browser(given.get("now"), key=key)
    except (ValueError, RecursionError):
        return HttpResponse(status=422)
    return HttpResponse(status=204 if renew_device(before=before, fresh=fresh, now=clock.now()) else 404)


def _script(name: str) -> HttpResponse:
    # Asked for again each time: a device keeps an old worker for as long as its answer is fresh.
    words = Path(__file__).with_name(name).read_text(encoding="utf-8")
    return HttpResponse(words, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"})

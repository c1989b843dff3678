"""`/delivery-health/`: how every channel and provider stands, and what an administrator does about it."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from engine import clock
from notifications.delivery_health.chart import strip
from notifications.delivery_health.report import WINDOW_WORDS, WINDOWS, ProviderHealth, Report, in_words, report
from notifications.operations.trust_carrier import close_breaker, probe_carrier
from notifications.settings_views.self_test import self_test_of
from people.actors import actor_for
from people.doors import signed_in
from people.models import Person
from people.permissions import ADMINISTER, AUDIT, may

USUAL: Final = "day"


@require_safe
@signed_in(AUDIT)
def delivery_health(request: HttpRequest, person: Person) -> HttpResponse:
    """Show every channel with its providers over the last hour, day or week."""
    asked = request.GET.get("over", USUAL)
    over = asked if asked in WINDOWS else USUAL
    found = report(over=WINDOWS[over], now=clock.now())
    context = {
        "channels": [(each, [_shown(way, found) for way in each.providers]) for each in found.channels],
        "not_set": found.not_set,
        "windows": [
            {"label": word, "url": f"?over={name}", "current": name == over} for name, word in WINDOW_WORDS.items()
        ],
        "since": found.since,
        "now": found.now,
        "may_administer": may(person, ADMINISTER),
        **self_test_of(person),
    }
    return render(request, "notifications/settings/delivery_health.html", context)


@require_POST
@signed_in(ADMINISTER)
def carrier_probe(request: HttpRequest, person: Person, kind: str, provider: str) -> HttpResponse:
    """Let the next message try a provider that is passed over."""
    with transaction.atomic():
        probe_carrier(kind=kind, provider=provider, by=actor_for(person, via="web"), now=clock.now())
    messages.success(request, _("The next message of this kind tries it."))
    return HttpResponseRedirect(reverse("delivery_health"))


@require_POST
@signed_in(ADMINISTER)
def carrier_close(request: HttpRequest, person: Person, kind: str, provider: str) -> HttpResponse:
    """Use a provider again that is passed over."""
    with transaction.atomic():
        close_breaker(kind=kind, provider=provider, by=actor_for(person, via="web"), now=clock.now())
    messages.success(request, _("It is in use again. It is passed over anew if it still fails."))
    return HttpResponseRedirect(reverse("delivery_health"))


def _shown(way: ProviderHealth, found: Report) -> dict[str, Any]:
    kind, icon, word = in_words(way)
    return {
        "way": way,
        "state": (kind, icon, word),
        "id": f"{way.kind}-{way.provider}",
        "strip": strip(way.slots, since=found.since, now=found.now),
    }

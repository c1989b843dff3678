"""`/favicon.ico`, which browsers ask for where a page names no icon."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseRedirect
from django.templatetags.static import static
from django.views.decorators.http import require_safe


@require_safe
def favicon(_request: HttpRequest) -> HttpResponseRedirect:
    """Lead to the drawn icon."""
    return HttpResponseRedirect(static("web/favicon.svg"))

"""`/app.webmanifest`: what a phone or desktop needs to install Muster as an app of its own."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe


@require_safe
def app_manifest(_request: HttpRequest) -> HttpResponse:
    """Return the manifest (W3C Application Manifest). Its colours are those of the light look; pages say their own."""
    content = {
        "id": "/",
        "name": "Muster",
        "short_name": "Muster",
        "description": _("Calls people together when something is on fire, and keeps at it until somebody answers."),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f8f8f5",
        "theme_color": "#f8f8f5",
        "icons": [
            _icon("app-192.png", 192),
            _icon("app-512.png", 512),
            _icon("app-maskable-512.png", 512, purpose="maskable"),
        ],
    }
    return JsonResponse(content, content_type="application/manifest+json", headers={"Cache-Control": "max-age=3600"})


def _icon(name: str, size: int, purpose: str = "any") -> dict[str, str]:
    return {"src": static(f"web/{name}"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}

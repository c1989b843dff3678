"""Every address Muster answers."""

from django.urls import URLPattern, URLResolver, include, path

from config import health
from config.api import api
from web.app_manifest import app_manifest
from web.favicon import favicon
from web.look import look, look_icons
from web.theme import choose_theme
from web.tickets import live_ticket

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.measures, name="metrics"),
    path("live/ticket", live_ticket, name="live_ticket"),
    path("look/", look, name="look"),
    path("look/icons/", look_icons, name="look_icons"),
    path("theme", choose_theme, name="theme"),
    path("favicon.ico", favicon, name="favicon"),
    path("app.webmanifest", app_manifest, name="app_manifest"),
    path("api/v1/", api.urls),
    path("", include("statuspage.urls")),
    path("", include("eap.urls")),
    path("", include("rooms.urls")),
    path("", include("resets.urls")),
    path("", include("resets.self_set.urls")),
    path("", include("intake.urls")),
    path("", include("incidents.urls")),
    path("", include("notifications.urls")),
    path("", include("people.urls")),
    path("accounts/", include("allauth.urls")),
]

handler400 = "web.answers.bad_request"
handler403 = "web.answers.forbidden"
handler404 = "web.answers.not_found"
handler500 = "web.answers.server_error"

"""`POST` and `DELETE …/api/v2/subscribers.json`: signing up as programs do it with Statuspage.

It is the one address of a page's API that is no file. The answer never says whether an address is known.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from engine import clock
from statuspage.addresses import public_address
from statuspage.models import StatusPage, Subscriber
from statuspage.private.keys import need_key
from statuspage.public_forms import TooOften
from statuspage.public_pages import open_page
from statuspage.subscribers.addresses import clean_address
from statuspage.subscribers.asking import ask, ask_for_the_end, clean_contact, need_subscribers
from statuspage.subscribers.wishes import Wishes, read_wishes
from web.errors import BadInput, NotFound, Refusal
from web.places import place_of

LARGEST: Final = 64 * 1024
ALLOWED: Final = "POST, DELETE, OPTIONS"
CORS: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": ALLOWED,
    "Access-Control-Allow-Headers": "Content-Type",
    "Cache-Control": "no-store",
}
Fields = Mapping[str, Any]


# No cookie acts here; whoever posts from another site can do what anybody can do.
@csrf_exempt
def subscribers_json(request: HttpRequest, folder: str = "", page_id: str = "") -> HttpResponse:
    """Take a subscriber: form fields `subscriber[email]` or JSON `{"subscriber": {"email": …}}`, also `phone_number`
    with `phone_country`, or `endpoint` with `email`; `component_ids`. DELETE asks for the link that ends it.
    """
    if request.method == "OPTIONS":
        return HttpResponse(status=204, headers=CORS)
    if request.method not in ("POST", "DELETE"):
        return JsonResponse({"error": _("Use POST or DELETE.")}, status=405, headers={**CORS, "Allow": ALLOWED})
    try:
        page = open_page(page_id) if page_id else _page_in(folder)
        need_key(request, page)
        need_subscribers(page)
        channel = _take(request, page)
    except Refusal as refusal:
        errors = getattr(refusal, "errors", {})
        body = {"error": refusal.sentence, **({"errors": errors} if errors else {})}
        response = JsonResponse(body, status=refusal.status, headers=CORS)
        if isinstance(refusal, TooOften):
            response["Retry-After"] = str(refusal.retry_after_s)
        return response
    mode = "webhook" if channel == Subscriber.Channel.WEBHOOK else "email_sms"
    shown = {
        "page": {
            "id": page.pk,
            "name": page.name,
            "url": public_address(page),
            "time_zone": page.time_zone,
            "updated_at": page.updated_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        },
        "can_select_components": True,
        "mode": mode,
    }
    return JsonResponse(shown, status=201 if request.method == "POST" else 200, headers=CORS)


def _page_in(folder: str) -> StatusPage:
    """Return the page whose published folder this is: "" for the root, "pages/acme/" otherwise."""
    pages = StatusPage.objects.filter(archived_at=None)
    name = folder.removeprefix("pages/").strip("/")
    if folder and not folder.startswith("pages/"):
        raise NotFound(_("There is no such page."))
    public = pages.filter(audience=StatusPage.Audience.PUBLIC, slug=name).first()
    if public is not None or not name:
        return _need(public)
    secrets = [page for page in pages.filter(audience=StatusPage.Audience.SECRET) if page.secret == name]
    return _need(secrets[0] if secrets else None)


def _need(page: StatusPage | None) -> StatusPage:
    if page is None:
        raise NotFound(_("There is no such page."))
    return page


def _take(request: HttpRequest, page: StatusPage) -> str:
    fields, more = _read(request)
    channel, typed = _address_in(fields)
    address = clean_address(channel, typed, country=str(fields.get("phone_country") or "us")[:2])
    now, place = clock.now(), place_of(request)
    if request.method == "DELETE":
        ask_for_the_end(page=page, channel=channel, address=address, place=place, now=now)
        return channel
    contact = clean_contact(channel, str(fields.get("email") or ""))
    chosen = more.get("component_ids") or fields.get("component_ids")
    wishes = (
        read_wishes(page, components=[_plain(each) for each in chosen])
        if isinstance(chosen, list)
        else Wishes(language=page.language)
    )
    ask(page=page, channel=channel, address=address, contact=contact, wishes=wishes, place=place, now=now)
    return channel


def _address_in(fields: Fields) -> tuple[str, str]:
    if fields.get("endpoint"):
        return Subscriber.Channel.WEBHOOK, str(fields["endpoint"])
    if fields.get("phone_number"):
        return Subscriber.Channel.SMS, str(fields["phone_number"])
    if fields.get("email"):
        return Subscriber.Channel.EMAIL, str(fields["email"])
    sentence = _("Give subscriber[email], subscriber[phone_number] or subscriber[endpoint].")
    raise BadInput(sentence, errors={"subscriber": sentence})


def _read(request: HttpRequest) -> tuple[Fields, Fields]:
    """Return the fields of the subscriber, and those beside it."""
    if len(request.body) > LARGEST:
        raise Refusal(_("This is more than anybody needs to sign up."), status=413)
    if request.content_type == "application/json":
        try:
            content = json.loads(request.body)
        except (ValueError, RecursionError):
            raise BadInput(_("This is not JSON.")) from None
        subscriber = content.get("subscriber") if isinstance(content, dict) else None
        if not isinstance(subscriber, dict):
            sentence = _("Give an object called subscriber.")
            raise BadInput(sentence, errors={"subscriber": sentence})
        return _storable(subscriber), content
    form = request.POST if request.method == "POST" else _form_of(request)
    names = ("email", "phone_number", "phone_country", "endpoint")
    fields: dict[str, Any] = {name: form.get(f"subscriber[{name}]") for name in names}
    chosen = form.getlist("component_ids[]") or form.getlist("subscriber[component_ids][]")
    return _storable(fields), {"component_ids": chosen}


def _form_of(request: HttpRequest) -> QueryDict:
    return QueryDict(request.body, encoding="utf-8")


def _plain(chosen: object) -> str:
    """Return a chosen id as far as a database can be asked for it; anything else is no id."""
    return str(chosen).replace("\0", "").encode(errors="replace").decode()


def _storable(fields: Mapping[str, Any]) -> Fields:
    for value in fields.values():
        if isinstance(value, str) and ("\0" in value or len(value) > 1000):
            raise BadInput(_("This can't be an address."))
    return fields

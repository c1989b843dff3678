"""Forms that anybody may send: who sent it how fast from where, and how often already. No cookie, no third party.

A static page can't carry a fresh token, so its forms carry none: the first answer to such a form may be a page of ours
with `hidden_fields`, and only that one, sent by a person's hand, does something. Which forms need it, their view says.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.db import connection
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from statuspage.models import StatusPage, Target
from web.errors import NotAllowed, Refusal
from web.places import place_of

TOKEN_FIELD: Final = "token"  # noqa: S105  (a field's name)
TRAP_FIELD: Final = "website"
"""A field that people don't see and leave empty; programs that fill in everything fill it in."""
EARLIEST_S: Final = 2
"""Nobody reads and sends a form in less."""
LATEST_S: Final = 24 * 3600

Token = Literal["fresh", "missing", "early", "late"]


class TooOften(Refusal):
    """The form was used too often by this sender, about this address, or by everybody."""

    status = 429
    title = "Too often"

    def __init__(self, sentence: str, *, retry_after_s: int) -> None:
        super().__init__(sentence)
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Uses of a form that are let through in each window of `window_s` seconds, by each counter."""

    per_key: int
    per_place: int
    overall: int
    window_s: int = 3600


@dataclass(frozen=True, kw_only=True)
class Visit:
    """What is known of who sent a form. To a `robot` the view answers as to anybody else, and does nothing.

    `token`: "fresh" when the form came from a page of ours that was shown at least 2 s and at most a day ago; "early",
    "late" or "missing" otherwise. `sender` is a keyed digest of the place it came from, different for each purpose.
    """

    robot: bool
    token: Token
    sender: str


def check_form(
    request: HttpRequest, *, purpose: str, page: StatusPage, limits: Limits, now: datetime, key: str = ""
) -> Visit:
    """Count one use of a form and say what is known of its sender. Call it first, outside any transaction.

    `purpose` names the form ("subscribe", up to 20 characters), `key` what it is about (an address, a customer's
    number), "" for nothing in particular. Raises `TooOften` (429) over a limit and `NotAllowed` (403) for a form on
    somebody else's site. Known and unknown keys are counted and refused alike.
    """
    if _is_foreign(request, page):
        raise NotAllowed(_("This form belongs to another site. Open our status page and send it from there."))
    place = place_of(request)
    count_use(purpose=purpose, page_id=page.pk, limits=limits, place=place, key=key, now=now)
    return Visit(
        robot=bool(request.POST.get(TRAP_FIELD)),
        token=_read_token(request.POST.get(TOKEN_FIELD, ""), purpose=purpose, page_id=page.pk, now=now),
        sender=digest_of(f"{purpose}:{page.pk}", place),
    )


def count_use(*, purpose: str, page_id: str, limits: Limits, place: str, now: datetime, key: str = "") -> None:
    """Count one use by its counters in one statement; raise `TooOften` when one is over its limit.

    It commits by itself, so that a refused use counts too: by the counter that refuses it, and by none after that.
    Else one place that is refused already could use up what others have of an address, or what everybody has.
    """
    counters = [("place", place, limits.per_place), ("all", "", limits.overall)]
    if key:
        counters.insert(1, ("key", key, limits.per_key))
    end_s = (int(now.timestamp()) // limits.window_s + 1) * limits.window_s
    ends_at = datetime.fromtimestamp(end_s, UTC)
    # Always in the order place, key, all: two requests that count the same rows never wait for each other in turn.
    steps, given, before = [], list[str | int | datetime](), "(SELECT 0 AS uses, 1 AS most) AS before"
    for name, which, most in counters:
        steps.append(
            f"counted_{name} AS (INSERT INTO statuspage_formuse AS f (purpose, counter, digest, window_ends_at, uses)"  # noqa: S608
            f" SELECT %s, %s, %s, %s, 1 FROM {before} WHERE before.uses <= before.most"
            " ON CONFLICT (purpose, counter, digest, window_ends_at) DO UPDATE SET uses = f.uses + 1"
            " RETURNING counter, uses, %s::int AS most)"
        )
        given += [purpose, name, digest_of(f"{purpose}:{page_id}:{name}", which), ends_at, most]
        before = f"counted_{name} AS before"
    tables = " UNION ALL ".join(f"TABLE counted_{name}" for name, _which, _most in counters)
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {', '.join(steps)} {tables}", given)
        counted = cursor.fetchall()
    if any(uses > most for _name, uses, most in counted):
        wait_s = max(1, end_s - int(now.timestamp()))
        minutes = max(1, round(wait_s / 60))
        raise TooOften(
            _("This was sent too often. Try again in %(minutes)d min.") % {"minutes": minutes}, retry_after_s=wait_s
        )


def hidden_fields(*, purpose: str, page: StatusPage, now: datetime) -> SafeString:
    """Return the fields of a form on a page that Muster itself shows: a fresh token, and the trap for robots."""
    return format_html(
        '<input type="hidden" name="{}" value="{}">'
        '<p class="trap" aria-hidden="true"><label>{} <input type="text" name="{}" tabindex="-1" autocomplete="off">'
        "</label></p>",
        TOKEN_FIELD,
        form_token(purpose=purpose, page_id=page.pk, now=now),
        _("Leave this empty"),
        TRAP_FIELD,
    )


def form_token(*, purpose: str, page_id: str, now: datetime) -> str:
    """Return a signed word that a form was shown now, for this purpose and page."""
    return _signer(purpose, page_id).sign(str(int(now.timestamp())))


def digest_of(purpose: str, text: str) -> str:
    """Return a keyed SHA-256 (hex) of an address, number or place: it can be counted, and not be read back."""
    return salted_hmac(f"statuspage.public_forms.{purpose}", text, algorithm="sha256").hexdigest()


def prune_uses(*, now: datetime, at_most: int = 5_000) -> int:
    """Remove counters whose window is over; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM statuspage_formuse WHERE id IN (SELECT id FROM statuspage_formuse WHERE window_ends_at < %s"
            " ORDER BY window_ends_at LIMIT %s FOR UPDATE SKIP LOCKED)",
            [now, at_most],
        )
        return int(cursor.rowcount)


def _signer(purpose: str, page_id: str) -> signing.Signer:
    return signing.Signer(salt=f"statuspage.public_forms:{purpose}:{page_id}")


def _read_token(token: str, *, purpose: str, page_id: str, now: datetime) -> Token:
    if not token:
        return "missing"
    try:
        shown_at = int(_signer(purpose, page_id).unsign(token))
    except (signing.BadSignature, ValueError):
        return "missing"
    age_s = now.timestamp() - shown_at
    if age_s < EARLIEST_S:
        return "early"
    return "fresh" if age_s <= LATEST_S else "late"


def _is_foreign(request: HttpRequest, page: StatusPage) -> bool:
    """Tell whether a browser says that the form stands on somebody else's site.

    No `Origin` (text browsers) and "null" (a referrer policy) prove nothing; no cookie acts here, so a forged form
    could use nothing but its victim's share of the limits.
    """
    origin = request.headers.get("Origin", "")
    if origin in ("", "null"):
        return False
    known = [settings.PUBLIC_URL, settings.STATUS_URL, page.url]
    if origin in {_origin_of(url) for url in known if url}:
        return False
    targets = Target.objects.filter(enabled=True).exclude(public_url="").values_list("public_url", flat=True)
    return origin not in {_origin_of(url) for url in targets}


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()

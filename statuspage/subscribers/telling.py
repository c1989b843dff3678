"""What an update says in one language: plain values, taken once for all receivers of that language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import translation
from django.utils.translation import gettext as _

from statuspage.addresses import public_address
from statuspage.models import PublicIncident, StatusUpdate
from statuspage.site.body import day
from statuspage.site.words import STAGE, STATUS


@dataclass(frozen=True, kw_only=True)
class Hit:
    """A component and what the update says of it."""

    name: str
    word: str
    tone: str


@dataclass(frozen=True, kw_only=True)
class Telling:
    """One update in one language. `at`, `next_at` and `when` are written out in the page's time zone."""

    language: str
    update_id: str
    incident_id: str
    page_id: str
    page_name: str
    page_url: str
    support_url: str
    url: str
    name: str
    stage: str
    tone: str
    text: str
    at: str
    next_at: str
    when: str
    hits: tuple[Hit, ...]

    @property
    def subject(self) -> str:
        """Return the line that a mail is found by."""
        return f"[{self.page_name}] {self.stage}: {self.name}"

    @property
    def paragraphs(self) -> list[str]:
        """Return the text by its blank lines."""
        return [part.strip() for part in self.text.split("\n\n") if part.strip()]


def update_of(update_id: str) -> StatusUpdate:
    """Return an update with all that `tell` needs."""
    return (
        StatusUpdate.objects.select_related("public_incident__page")
        .prefetch_related("components__component__group")
        .get(pk=update_id)
    )


def tell(update: StatusUpdate, language: str) -> Telling:
    """Return what `update` says in `language`, in the page's own language where it was not written in that one.

    Works for drafts too, for their preview.
    """
    incident = update.public_incident
    page = incident.page
    zone = ZoneInfo(page.time_zone)
    url = public_address(page)
    with translation.override(language):
        stage = STAGE[update.stage]
        hits = tuple(
            Hit(
                name=each.component.names.get(language) or each.component.name,
                word=str(STATUS[each.new_status].word),
                tone=STATUS[each.new_status].tone,
            )
            for each in update.components.all()
        )
        return Telling(
            language=language,
            update_id=update.pk,
            incident_id=incident.pk,
            page_id=page.pk,
            page_name=page.name,
            page_url=url,
            support_url=page.support_url,
            url=f"{url}incidents/{incident.pk}.html",
            name=incident.names.get(language) or incident.name,
            stage=str(stage.word),
            tone=stage.tone,
            text=_plain(update.texts.get(language) or update.texts.get(page.language) or _any(update.texts)),
            at=_moment(update.display_at or update.updated_at, zone),
            next_at=_moment(update.next_update_at, zone),
            when=_planned(incident, zone),
            hits=hits,
        )


def _any(texts: dict[str, str]) -> str:
    return next(iter(texts.values()), "")


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _planned(incident: PublicIncident, zone: ZoneInfo) -> str:
    if incident.scheduled_for is None or incident.scheduled_until is None:
        return ""
    return _("%(start)s to %(end)s") % {
        "start": _moment(incident.scheduled_for, zone),
        "end": _moment(incident.scheduled_until, zone),
    }


def _moment(at: datetime | None, zone: ZoneInfo) -> str:
    if at is None:
        return ""
    local = at.astimezone(zone)
    return f"{day(local)}, {local:%H:%M} {local.tzname()}"

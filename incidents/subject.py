"""How messages speak of an incident."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from incidents.models import Incident
from notifications.registry import SubjectKind, SubjectWords

DUTY: Final = "musters"
"""The duty that takes in the news of incidents' pages."""


def words_of(incident_id: str) -> SubjectWords | None:
    """Return how to speak of an incident; the title of a private one stays inside Muster. None when it is gone."""
    try:
        incident = Incident.objects.filter(pk=UUID(incident_id)).first()
    except ValueError:
        return None
    if incident is None:
        return None
    title = _("a private incident") if incident.private else incident.title
    digits = " ".join(str(incident.number))
    return SubjectWords(
        title=incident.headline,
        short=incident.headline,
        spoken=_("severity %(severity)s, incident %(digits)s. %(title)s")
        % {"severity": incident.severity, "digits": digits, "title": title},
        path=f"/incidents/{incident.number}/",
    )


KIND: Final = SubjectKind(kind="incident", words_of=words_of, duty=DUTY)

"""What may appear in Slack at all. A private incident does only where private channels are switched on."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from eap.models import Run
from incidents.models import Incident
from incidents.queries import access_incident, visible_incidents
from notifications.models import Page
from people.models import Person
from rooms.models import SlackChannel, SlackWorkspace
from rooms.slack.workspace import workspace
from web.errors import NotFound


def appears(incident: Incident, *, room: SlackWorkspace | None) -> bool:
    """Tell whether anything of an incident may be said in Slack."""
    return not incident.private or (room is not None and room.private_channels)


def incidents_in_slack(person: Person) -> QuerySet[Incident, Incident]:
    """Return the incidents that this person may see, without those that must not appear in Slack."""
    found, room = visible_incidents(person), workspace()
    return found if room is not None and room.private_channels else found.filter(private=False)


def access_in_slack(person: Person, incident_id: UUID | str) -> Incident:
    """Return an incident by id or number if this person may see it and it may appear here; raise `NotFound`."""
    incident = access_incident(person, incident_id)
    if not appears(incident, room=workspace()):
        raise NotFound(_("There is no such incident."))
    return incident


def pages_in_slack(waiting: Sequence[Page], person: Person) -> list[Page]:
    """Return those of somebody's pages whose words may appear here: about no incident that must not, and about nothing
    of which we don't know what is behind it."""
    runs = Run.objects.filter(pk__in=[_id(page.subject) for page in waiting if page.subject.startswith("run:")])
    free = set(runs.filter(incident=None).values_list("pk", flat=True))
    behind = dict(runs.exclude(incident=None).values_list("pk", "incident"))
    about = {_id(page.subject) for page in waiting if page.subject.startswith("incident:")} | set(behind.values())
    shown = set(incidents_in_slack(person).filter(pk__in=about).values_list("pk", flat=True))

    def may(page: Page) -> bool:
        if page.subject.startswith("incident:"):
            return _id(page.subject) in shown
        if page.subject.startswith("run:"):
            return _id(page.subject) in free or behind.get(_id(page.subject)) in shown
        return not page.subject

    return [page for page in waiting if may(page)]


def _id(subject: str) -> UUID:
    return UUID(subject.partition(":")[2])


def incident_of_channel(channel_id: str) -> Incident | None:
    """Return the incident whose channel this is, None for any other channel."""
    if not channel_id:
        return None
    row = SlackChannel.objects.select_related("incident").filter(channel_id=channel_id).first()
    return row.incident if row is not None else None

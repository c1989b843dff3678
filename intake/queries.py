"""Reads of alerts, events and the quarantine."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from incidents.queries import hidden_incidents
from intake.models import Alert, Event, Quarantined
from people.models import Person


def visible_alerts(person: Person) -> QuerySet[Alert, Alert]:
    """Return the alerts that this person may see, newest first: all but those of incidents hidden from them."""
    found = Alert.objects.select_related("service", "integration")
    hidden = hidden_incidents(person)
    return found if hidden is None else found.filter(Q(incident=None) | ~Q(incident__in=hidden))


def visible_events(person: Person) -> QuerySet[Event, Event]:
    """Return the events that this person may see, newest first; promises are those of `visible_alerts`."""
    found = Event.objects.select_related("integration")
    hidden = hidden_incidents(person)
    if hidden is None:
        return found
    return found.filter(Q(alert=None) | Q(alert__incident=None) | ~Q(alert__incident__in=hidden))


def quarantined() -> QuerySet[Quarantined, Quarantined]:
    """Return what could not be understood, newest first."""
    return Quarantined.objects.select_related("integration")

"""Three past incidents of Harbor Hosting, made by the same operations at moments gone by.

Each is told as a list of moments: (minutes after the declaration, what happens). Nothing is sent: every page is
answered before the transaction ends, and what was due by then is written down as delivered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Final

from django.db.models import F

from demonstration.public_story import told
from demonstration.status_page import Components
from engine.duties import run_once
from incidents.models import Incident, Service
from incidents.operations.add_note import add_note
from incidents.operations.assign_role import assign_role
from incidents.operations.change_severity import change_severity
from incidents.operations.change_status import change_status
from incidents.operations.close import close
from incidents.operations.declare import declare
from incidents.operations.resolve import resolve
from ledger.actor import Actor
from notifications.models import Delivery, Page
from notifications.operations.acknowledge import acknowledge
from people.actors import actor_for
from people.models import Person

People = Mapping[str, Person]
Move = Callable[[Incident, People, datetime], object]
Moment = tuple[float, Move]


def answers(name: str, via: str = "voice") -> Move:
    """Return the move by which somebody acknowledges all of the incident's pages that call them."""

    def move(incident: Incident, people: People, now: datetime) -> None:
        person = people[name]
        pages = Page.objects.filter(subject=incident.subject, responders_called__person=person)
        for page in pages.order_by("started_at").distinct():
            acknowledge(page_id=page.pk, person=person, by=actor_for(person, via=via), now=now, via=via)

    return move


def notes(name: str, text: str) -> Move:
    """Return the move of writing a note."""
    return lambda incident, people, now: add_note(
        incident_id=incident.pk, text=text, by=actor_for(people[name], via="web"), now=now
    )


def says(name: str, status: str, note: str) -> Move:
    """Return the move of changing the status."""
    return lambda incident, people, now: change_status(
        incident_id=incident.pk, status=status, note=note, by=actor_for(people[name], via="web"), now=now
    )


def gives(name: str, role: str, to: str) -> Move:
    """Return the move of giving somebody a role."""
    return lambda incident, people, now: assign_role(
        incident_id=incident.pk, role=role, person=people[to], by=actor_for(people[name], via="web"), now=now
    )


def rates(name: str, severity: int, reason: str) -> Move:
    """Return the move of changing the severity."""
    return lambda incident, people, now: change_severity(
        incident_id=incident.pk, severity=severity, reason=reason, by=actor_for(people[name], via="web"), now=now
    )


def ends(name: str, note: str) -> Move:
    """Return the move of resolving."""
    return lambda incident, people, now: resolve(
        incident_id=incident.pk, note=note, by=actor_for(people[name], via="web"), now=now
    )


def closes(name: str) -> Move:
    """Return the move of closing."""
    return lambda incident, people, now: close(incident_id=incident.pk, by=actor_for(people[name], via="web"), now=now)


INTRUSION: Final[tuple[Moment, ...]] = (
    (0.3, answers("Otto")),
    (0.4, answers("Olga")),
    (0.6, answers("Vera", "sms")),
    (0.8, answers("Mia")),
    (1.1, answers("Ada")),
    (1.9, answers("Max", "sms")),
    (2.5, answers("Vic")),
    (
        4,
        notes(
            "Otto", "Read access from 203.0.113.77 since 02:47 with the billing exporter's account. Account disabled."
        ),
    ),
    (6, says("Otto", "investigating", "The way in is closed. What was read is not known yet.")),
    (9, gives("Otto", "commander", "Vera")),
    (10, gives("Vera", "communications", "Cam")),
    (21, notes("Sid", "Query log secured: rows of ftp_users of shards 3 and 7 were read, hashes included.")),
    (24, says("Vera", "identified", "FTP and shell password hashes of 61,204 accounts were copied.")),
    (38, notes("Leo", "GDPR: awareness at 03:16, notice to the authority prepared.")),
    (95, notes("Otto", "All FTP and shell logins of both shards locked; open sessions ended.")),
    (180, says("Vera", "monitoring", "Customers set new passwords; no further access seen.")),
    (1440, ends("Vera", "No access for 24 hours; 58,811 of 61,204 accounts have a new password.")),
    (2880, closes("Vera")),
)
UPDATE: Final[tuple[Moment, ...]] = (
    (0.5, answers("Olga", "sms")),
    (0.7, answers("Otto", "sms")),
    (2.2, answers("Mia")),
    (3.1, answers("Vic", "sms")),
    (5, says("Olga", "investigating", "The 14:00 PHP update left 412 of 1,900 web servers without php-fpm.")),
    (12, rates("Olga", 1, "Every third website is down.")),
    (12.8, answers("Ada")),
    (13.0, answers("Vera")),
    (13.4, answers("Max")),
    (13.5, answers("Vic")),
    (13.7, answers("Mia")),
    (13.9, answers("Olga")),
    (14.0, answers("Otto")),
    (19, says("Olga", "identified", "A package was built against the wrong libssl. Rolling back in waves of 50.")),
    (54, notes("Otto", "Roll-back done on 412 of 412; 3 needed a second try.")),
    (58, says("Olga", "monitoring", "Error rate is back to normal.")),
    (120, ends("Olga", "Normal for an hour. The update stays blocked until the canary runs PHP.")),
    (1500, closes("Olga")),
)
BACKUP: Final[tuple[Moment, ...]] = (
    (0.4, answers("Otto")),
    (0.6, answers("Olga")),
    (3, says("Otto", "investigating", "Last night's archive of db-cluster-5 does not decrypt.")),
    (16, says("Otto", "identified", "The upload was cut at 38 GB; the checksum was taken before the upload.")),
    (41, notes("Otto", "Fresh backup taken and test-restored; retention of the day before extended.")),
    (45, ends("Otto", "The checksum is now taken from the far end.")),
    (600, closes("Otto")),
)


def tell_history(people: People, components: Components, *, now: datetime) -> None:
    """Create the three incidents, oldest first, and what customers were told meanwhile.

    Expects an open transaction that also creates the people.
    """
    services = {service.key: service for service in Service.objects.all()}
    machine = Actor(kind="rule", id="rule:demonstration", name="Monitoring", via="rule")
    _tell(
        INTRUSION,
        components,
        people,
        at=now - timedelta(days=19, hours=5, minutes=12),
        by=machine,
        title="Customer database read from outside",
        severity=1,
        type_="intrusion",
        service=services["databases"],
    )
    _tell(
        UPDATE,
        components,
        people,
        at=now - timedelta(days=9, hours=3),
        by=actor_for(people["Sue"], via="web"),
        title="Failed PHP update: websites answer 502",
        severity=2,
        type_="failed_update",
        service=services["shared-hosting"],
    )
    _tell(
        BACKUP,
        components,
        people,
        at=now - timedelta(days=3, hours=7, minutes=40),
        by=machine,
        title="Backup of db-cluster-5 can't be read",
        severity=3,
        type_="backup_failure",
        service=services["databases"],
    )


def _tell(
    story: tuple[Moment, ...],
    components: Components,
    people: People,
    *,
    at: datetime,
    by: Actor,
    title: str,
    severity: int,
    type_: str,
    service: Service,
) -> None:
    incident = declare(title=title, severity=severity, type=type_, service=service, by=by, now=at)
    _let_engine_work(at)
    for minutes, move in sorted((*story, *told(type_, components)), key=itemgetter(0)):
        moment = at + timedelta(minutes=minutes)
        move(incident, people, moment)
        _let_engine_work(moment)
    _write_down_as_delivered(incident)


def _let_engine_work(now: datetime) -> None:
    for duty in ("pages", "musters"):
        run_once(duty, now=now)


def _write_down_as_delivered(incident: Incident) -> None:
    """Close what the story's deliveries left open: those due before the answer count as delivered, none is sent."""
    mine = Delivery.objects.filter(page__subject=incident.subject)
    answered = mine.filter(state=Delivery.State.CANCELLED, not_before=F("created_at"))
    answered.update(
        state=Delivery.State.DELIVERED,
        reason="",
        provider="demonstration",
        sent_at=F("created_at"),
        delivered_at=F("created_at"),
        ended_at=F("created_at"),
        withdraw_at=None,
    )
    left = Delivery.objects.filter(state__in=[Delivery.State.PENDING, Delivery.State.SENDING])
    left.update(state=Delivery.State.CANCELLED, reason="part of the demonstration's past", ended_at=F("created_at"))

"""Declare an incident from the command line."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from engine import clock
from incidents.models import IncidentType, Service
from incidents.operations.declare import declare
from incidents.rules.numbers import severity_number
from ledger.actor import Actor
from people.actors import actor_for
from people.models import Person
from people.permissions import DECLARE, may
from web.errors import Refusal


class Command(BaseCommand):
    """`declare "title" [--severity SEV1] …`: prints the number and the address."""

    help = "Declare an incident; whoever it needs is called at once."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a title; everything else has a good default."""
        parser.add_argument("title", help="in one line, what is wrong")
        parser.add_argument("--severity", default="SEV3", help="SEV1 (worst) to SEV4; SEV3 unless given")
        parser.add_argument("--type", default=IncidentType.OTHER, choices=IncidentType.values)
        parser.add_argument("--summary", default="")
        parser.add_argument("--service", default="", help="the service's key, such as shared-hosting")
        parser.add_argument("--private", action="store_true", help="only those called and leaders see it")
        parser.add_argument("--as", dest="email", default="", help="e-mail address of the person who declares")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Declare it in one transaction."""
        severity = severity_number(options["severity"])
        if severity is None:
            raise CommandError("Choose SEV1 (worst), SEV2, SEV3 or SEV4.")
        by = self._declarer(options["email"])
        service = self._service(options["service"])
        try:
            with transaction.atomic():
                incident = declare(
                    title=options["title"],
                    severity=severity,
                    type=options["type"],
                    summary=options["summary"],
                    service=service,
                    private=options["private"],
                    by=by,
                    now=clock.now(),
                )
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from refusal
        self.stdout.write(f"{incident.number}  {settings.PUBLIC_URL}/incidents/{incident.number}/")
        if incident.trouble:
            self.stderr.write(incident.trouble)

    def _declarer(self, email: str) -> Actor:
        if not email:
            # Who may run commands on the server is trusted there; the ledger says which way it came.
            return Actor.system(name="Command line", via="cli")
        person = Person.objects.active().filter(email=email.strip().lower()).first()
        if person is None or not may(person, DECLARE):
            raise CommandError(f"Nobody with the address {email} may declare incidents here.")
        return actor_for(person, via="cli")

    def _service(self, key: str) -> Service | None:
        if not key:
            return None
        service = Service.objects.filter(key=key).first()
        if service is None:
            known = ", ".join(Service.objects.values_list("key", flat=True)) or "none yet"
            raise CommandError(f"There is no service {key!r}. There are: {known}.")
        return service

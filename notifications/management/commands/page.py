"""Page somebody from the command line."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from engine import clock
from ledger.actor import Actor
from notifications.models import EscalationPolicy, Urgency
from notifications.operations.start_page import start_page
from notifications.queries import freeze, freeze_person
from notifications.rules.frozen_policy import FrozenPolicy
from people.actors import actor_for
from people.models import Person
from people.permissions import PAGE, may


class Command(BaseCommand):
    """`page "title" --person EMAIL` or `--policy NAME`: prints the page's address."""

    help = "Page a person or an escalation policy; the engine calls at once."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a title and whom to reach."""
        parser.add_argument("title", help="in one line, what it is about")
        whom = parser.add_mutually_exclusive_group(required=True)
        whom.add_argument("--person", default="", help="e-mail address of who is paged")
        whom.add_argument("--policy", default="", help="name of the escalation policy")
        parser.add_argument("--urgency", choices=Urgency.values, default=Urgency.HIGH)
        parser.add_argument("--as", dest="email", default="", help="e-mail address of who pages")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Start the page in one transaction."""
        title = options["title"].strip()
        if not title:
            raise CommandError("Say in one line what the page is about.")
        policy = self._policy(person=options["person"], name=options["policy"])
        by = self._pager(options["email"])
        with transaction.atomic():
            page = start_page(
                policy=policy,
                title=title,
                urgency=options["urgency"],
                purpose="person" if options["person"] else "policy",
                by=by,
                now=clock.now(),
            )
        self.stdout.write(f"{settings.PUBLIC_URL}/pages/{page.pk}/")

    def _policy(self, *, person: str, name: str) -> FrozenPolicy:
        if person:
            return freeze_person(self._person(person))
        policy = EscalationPolicy.objects.filter(name=name).first()
        if policy is None:
            known = ", ".join(EscalationPolicy.objects.values_list("name", flat=True)) or "none yet"
            raise CommandError(f"There is no policy {name!r}. There are: {known}.")
        return freeze(policy)

    def _pager(self, email: str) -> Actor:
        if not email:
            # Who may run commands on the server is trusted there; the ledger says which way it came.
            return Actor.system(name="Command line", via="cli")
        person = self._person(email)
        if not may(person, PAGE):
            raise CommandError(f"{person.name} may not page other people.")
        return actor_for(person, via="cli")

    def _person(self, email: str) -> Person:
        person = Person.objects.active().filter(email=email.strip().lower()).first()
        if person is None:
            raise CommandError(f"Nobody with the address {email} works here.")
        return person

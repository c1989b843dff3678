"""Freeze the accounts of a reset from the command line: one that no plan drives."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from eap.actions.base import Trouble
from engine import clock
from ledger.actor import Actor
from people.actors import actor_for
from people.models import Person
from people.permissions import RUN_PLAN, may
from resets.operations.freeze import freeze
from web.errors import Refusal


class Command(BaseCommand):
    """`freeze_reset ID --as EMAIL`: reads every system, as long as that takes; prints how many and their digest."""

    help = "Find the accounts of a reset in draft and freeze them. Interrupted, it is a draft as before."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the reset and who asks for it."""
        parser.add_argument("reset", type=UUID, help="its id, the last part of its address")
        parser.add_argument("--as", dest="email", default="", help="e-mail address of who freezes it")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Freeze it; a reset that is frozen stays so."""
        by = self._who(options["email"])
        try:
            reset = freeze(reset_id=options["reset"], by=by, clock=clock.now, say=self.stdout.write)
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from refusal
        except Trouble as trouble:
            raise CommandError(trouble.sentence) from trouble
        self.stdout.write(f"{reset.count} accounts are in scope. SHA-256 {reset.digest}")

    @staticmethod
    def _who(email: str) -> Actor:
        if not email:
            # Who may run commands on the server is trusted there; the ledger says which way it came.
            return Actor.system(name="Command line", via="cli")
        person = Person.objects.active().filter(email=email.strip().lower()).first()
        if person is None:
            raise CommandError(f"Nobody with the address {email} works here.")
        if not may(person, RUN_PLAN):
            raise CommandError(f"{person.name} may not steer resets.")
        return actor_for(person, via="cli")

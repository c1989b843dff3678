"""Give somebody an API token."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from engine import clock
from ledger.actor import Actor
from people.models import Person
from people.operations.issue_token import issue_token


class Command(BaseCommand):
    """`issue_token EMAIL`: prints the token, and nothing else, on standard output."""

    help = "Issue an API token that may do what its person may. It is printed once and kept nowhere."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take whose it is and what it is for."""
        parser.add_argument("email", help="e-mail address of the person whose token it is")
        parser.add_argument("--name", default="Command line", help="what it is for; stands in the list of tokens")

    def handle(self, *_args: Any, email: str, name: str, **_options: Any) -> None:
        """Issue it."""
        person = Person.objects.active().filter(email=email.strip().lower()).first()
        if person is None:
            raise CommandError(f"Nobody with the address {email} has an account here.")
        by = Actor.system(name="Command line", via="cli")
        with transaction.atomic():
            token, secret = issue_token(person=person, name=name, by=by, now=clock.now())
        self.stdout.write(secret)
        self.stderr.write(f"Token “{token.name}” of {person.name}; it is shown this once only.")

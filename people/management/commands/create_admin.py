"""Make the first administrator, or let one in again who lost their password."""

from __future__ import annotations

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from engine import clock
from ledger.actor import Actor
from people.models import Person, Role
from people.operations.add_person import add_person
from people.operations.change_person import change_person, reactivate_person
from people.operations.set_password import made_password, set_password
from web.errors import Refusal


class Command(BaseCommand):
    """`create_admin EMAIL NAME`: prints a made password once; a second run changes nothing."""

    help = (
        "Make somebody an administrator. A new account gets the password in PASSWORD (or on standard input), or one "
        "that is made and printed once; an existing account keeps its own unless --new-password."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take whom, and where the password comes from."""
        parser.add_argument("email", help="the address they sign in with")
        parser.add_argument("name", help='the name people call them by, such as "Alma Holt"')
        parser.add_argument("--title", default="", help="such as Administrator")
        parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
        parser.add_argument("--new-password", action="store_true", help="replace the password of an existing account")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Add or promote, in one transaction."""
        given = sys.stdin.readline().rstrip("\r\n") if options["password_stdin"] else os.environ.get("PASSWORD", "")
        if options["password_stdin"] and not given:
            raise CommandError("Nothing was read from standard input; the password is expected there.")
        try:
            with transaction.atomic():
                said = self._make(given=given, **options)
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from refusal
        for line in said:
            self.stdout.write(line)

    def _make(self, *, given: str, email: str, name: str, title: str, new_password: bool, **_rest: Any) -> list[str]:
        by, now = Actor.system(name="Command line", via="cli"), clock.now()
        person = Person.objects.filter(email=email.strip().lower()).first()
        is_new = person is None
        if person is None:
            person = add_person(email=email, name=name, title=title, role=Role.ADMINISTRATOR, by=by, now=now)
            said = [f"{person.name} is an administrator. Sign in at {settings.PUBLIC_URL} as {person.email}."]
        else:
            was = (person.role, person.is_active)
            reactivate_person(person_id=person.pk, by=by, now=now)
            person = change_person(person_id=person.pk, role=Role.ADMINISTRATOR, by=by, now=now)
            is_changed = was != (Role.ADMINISTRATOR, True)
            said = [f"{person.name} is {'now' if is_changed else 'already'} an administrator."]
        if is_new or new_password:
            password = given or made_password()
            set_password(person_id=person.pk, password=password, by=by, now=now)
            said += (
                [] if given else [f"Password: {password}", "It is shown this once only. Change it after signing in."]
            )
        return said

"""Let somebody sign in again who was locked out by wrong passwords."""

from __future__ import annotations

from typing import Any

from axes.utils import reset
from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    """`unlock EMAIL`: forgets the failed sign-ins with this address, from everywhere."""

    help = "End the lock-outs of an e-mail address; without it each one ends by itself after five minutes."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take whose."""
        parser.add_argument("email", help="the address somebody tried to sign in with")

    def handle(self, *_args: Any, email: str, **_options: Any) -> None:
        """Forget them; an address without any is no error, because the lock may just have ended."""
        email = email.strip().lower()
        forgotten: int = reset(username=email)
        self.stdout.write(
            f"{email} may try again: {forgotten} records of failed sign-ins are forgotten."
            if forgotten
            else f"{email} was not locked out."
        )

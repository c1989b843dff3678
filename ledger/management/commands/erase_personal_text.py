"""`erase_personal_text`: erase what a person wrote in entries of a subject."""

from __future__ import annotations

from datetime import datetime

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection, transaction

from ledger.actor import Actor
from ledger.operations.erase_personal_text import erase_personal_text


class Command(BaseCommand):
    """Erases texts by subject and entry number; the chain stays whole."""

    help = "Erase personal texts of a subject; the erasure is recorded and the ledger stays verifiable."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the subject and the numbers of its entries."""
        parser.add_argument("subject", help="such as incident:<id>")
        parser.add_argument("seq", type=int, nargs="+", help="numbers of the entries whose text is erased")

    def handle(self, *_arguments: object, subject: str, seq: list[int], **_options: object) -> None:
        """Erase and tell."""
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT clock_timestamp()")
                now: datetime = cursor.fetchone()[0]
            erased = erase_personal_text(subject=subject, seqs=seq, by=Actor.system(via="cli"), now=now)
        self.stdout.write(f"Erased: {erased or 'nothing, these entries hold no text'}.")

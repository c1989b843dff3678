"""`seal_ledger`: move old entries into sealed files."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction

from ledger.actor import Actor
from ledger.chains import Broken
from ledger.models import Entry
from ledger.operations.seal import seal


class Command(BaseCommand):
    """Seals what is older than a day, subject by subject, each in a transaction of its own."""

    help = "Move entries from before a day (UTC) into sealed files; their digests stay in the ledger."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the day, the folder and a subject."""
        parser.add_argument("--before", required=True, metavar="YYYY-MM-DD", help="the first day (UTC) that stays")
        parser.add_argument("--folder", required=True, type=Path, metavar="DIR", help="where the sealed files go")
        parser.add_argument("--subject", help="seal one chain only, such as incident:<id>")

    def handle(self, *_arguments: object, before: str, folder: Path, subject: str | None, **_options: object) -> None:
        """Seal and tell."""
        try:
            day = datetime.strptime(before, "%Y-%m-%d").replace(tzinfo=UTC)
        except ValueError:
            raise CommandError(f"--before is a day such as 2026-01-31, not {before!r}.") from None
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            now: datetime = cursor.fetchone()[0]
        if day > now:
            raise CommandError("--before lies in the future; what still goes on is not sealed.")
        old = Entry.objects.filter(at__lt=day) if subject is None else Entry.objects.filter(at__lt=day, subject=subject)
        sealed = 0
        for each in list(old.order_by("subject").values_list("subject", flat=True).distinct()):
            try:
                with transaction.atomic():
                    segment = seal(subject=each, before=day, folder=folder, by=Actor.system(via="cli"), now=now)
            except Broken as error:
                raise CommandError(f"The chain is broken, nothing is sealed over it: {error}") from None
            if segment is not None:
                sealed += 1
                self.stdout.write(f"{each} {segment.first_seq}-{segment.last_seq} {segment.file}")
        self.stdout.write(f"{sealed} segments sealed.")

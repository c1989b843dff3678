"""`restart_anchors`: begin the anchors anew after a restore."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from ledger.actor import Actor
from ledger.operations.restart_anchors import restart_anchors


class Command(BaseCommand):
    """Puts the old anchors away and anchors every head of the restored database."""

    help = "After a restore from a backup: keep the old anchors aside and begin anew; the reason is recorded."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the reason and the folder."""
        parser.add_argument("--reason", required=True, help="which backup was restored and why; stands in the ledger")
        parser.add_argument(
            "--anchors", type=Path, metavar="DIR", help="folder of anchors (default: LEDGER_ANCHOR_DIR)"
        )

    def handle(self, *_arguments: object, reason: str, anchors: Path | None, **_options: object) -> None:
        """Begin anew and tell where the old ones are."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            now: datetime = cursor.fetchone()[0]
        folder = anchors or settings.LEDGER_ANCHOR_DIR
        try:
            kept = restart_anchors(folder=folder, reason=reason, by=Actor.system(via="cli"), now=now)
        except BlockingIOError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"Every head is anchored anew. The old anchors are in {kept}")

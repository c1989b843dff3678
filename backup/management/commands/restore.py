"""Restore a backup."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from backup.errors import BackupError
from backup.restore import Restored, restore
from ledger.actor import Actor


class Command(BaseCommand):
    """`restore FILE`: everything or nothing; the ledger is verified afterwards."""

    help = (
        "Replace everything in the database by a backup, in one transaction, and verify the ledger. Stop Muster's "
        "processes first. The database must have the schema of the version that wrote the backup (`migrate`)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take where from."""
        parser.add_argument("file", help="what `backup` wrote, or - for standard input")
        parser.add_argument(
            "--force", action="store_true", help="also over people that are there, and without the backup's keys"
        )

    def handle(self, *_args: Any, file: str, force: bool, **_options: Any) -> None:
        """Restore and tell; exit 1 where the restored ledger is broken."""
        how: dict[str, Any] = {"anchor_folder": settings.LEDGER_ANCHOR_DIR, "by": Actor.system(via="cli")}
        try:
            if file == "-":
                done = restore(sys.stdin.buffer, name="from standard input", force=force, **how)
            else:
                with Path(file).expanduser().open("rb") as source:
                    done = restore(source, name=Path(file).name, force=force, **how)
        except BackupError as error:
            raise CommandError(f"Nothing was restored. {error}") from None
        except FileNotFoundError:
            raise CommandError(f"There is no file {file}.") from None
        self._tell(done)

    def _tell(self, done: Restored) -> None:
        self.stdout.write(f"{done.rows} rows of {done.tables} tables are as they were on {done.made_at}.")
        if done.anew is not None:
            first = done.anew.first
            self.stdout.write(
                f"The anchors here tell of more than the backup: {first.subject} {first.seq} {first.reason}"
            )
            self.stdout.write(f"They are kept in {done.anew.kept}, and begun anew.")
        if done.other_folders:
            self.stdout.write(
                f"The ledger knows {done.other_folders} more folders of anchors. On each host that still has one: "
                'bin/manage restart_anchors --reason "Restored a backup"'
            )
        if done.ledger.broken is not None:
            broken = done.ledger.broken
            self.stdout.write(f"The ledger is broken: {broken.subject} {broken.seq} {broken.reason}")
            sys.exit(1)
        self.stdout.write(f"The ledger is whole: {done.ledger.subjects} chains, {done.ledger.anchors} anchored heads.")

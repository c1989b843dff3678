"""Write a backup."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from backup.errors import BackupError
from backup.write import Written, write_backup


class Command(BaseCommand):
    """`backup FILE`: the file is whole or not there."""

    help = (
        "Write everything in the database and the ledger's anchors into one file, while Muster works. "
        "SECRETS_KEYS is not in it: keep that elsewhere."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take where to."""
        parser.add_argument("file", help="a file that does not exist yet (mode 0600), or - for standard output")

    def handle(self, *_args: Any, file: str, **_options: Any) -> None:
        """Write it and tell what is in it."""
        try:
            if file == "-":
                done = write_backup(sys.stdout.buffer, anchor_folder=settings.LEDGER_ANCHOR_DIR)
                sys.stdout.buffer.flush()
            else:
                done = _write_whole(Path(file).expanduser().absolute())
        except BackupError as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(f"The backup can't be written: {error.strerror}: {error.filename or file}") from None
        self.stderr.write(f"{done.rows} rows of {done.tables} tables as of {done.made_at:%Y-%m-%d %H:%M:%S} UTC.")


def _write_whole(path: Path) -> Written:
    """Write beside `path`, flush to disk, then take its name: nobody ever sees half a backup under it."""
    if path.exists():
        raise BackupError(f"{path} exists already. A backup does not replace another one; choose another name.")
    unfinished = path.with_name(f".{path.name}.unfinished")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as to:
            os.fchmod(to.fileno(), 0o600)  # a leftover of a crash may have another mode
            done = write_backup(to, anchor_folder=settings.LEDGER_ANCHOR_DIR)
            to.flush()
            os.fsync(to.fileno())
        # link, unlike rename, refuses a file that appeared meanwhile
        path.hardlink_to(unfinished)
    finally:
        unfinished.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return done

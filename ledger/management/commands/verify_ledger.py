"""`verify_ledger`: exit 0, or 1 with `subject seq reason` of the first broken entry."""

from __future__ import annotations

import sys
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from ledger.operations.verify import verify


class Command(BaseCommand):
    """Verifies the whole ledger, or one subject's chain."""

    help = "Verify the ledger: exit 0, or 1 with 'subject seq reason' of the first broken entry."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a subject and the places of what is kept outside the database."""
        parser.add_argument("--subject", help="verify one chain only, such as incident:<id>")
        parser.add_argument(
            "--anchors",
            type=Path,
            action="append",
            metavar="DIR",
            help="folder of anchors (may be given several times; default: LEDGER_ANCHOR_DIR)",
        )
        parser.add_argument("--segments", type=Path, metavar="DIR", help="also check the files of sealed segments here")

    def handle(
        self,
        *_arguments: object,
        subject: str | None,
        anchors: list[Path] | None,
        segments: Path | None,
        **_options: object,
    ) -> None:
        """Verify and tell."""
        result = verify(anchors=anchors or [settings.LEDGER_ANCHOR_DIR], subject=subject, segments=segments)
        if result.broken is not None:
            self.stdout.write(f"{result.broken.subject} {result.broken.seq} {result.broken.reason}")
            sys.exit(1)
        self.stdout.write(f"The ledger is whole: {result.subjects} chains, {result.anchors} anchored heads.")

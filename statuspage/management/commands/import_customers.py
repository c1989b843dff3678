"""`bin/manage import_customers FILE`: take in customers, their assets, or servers from a CSV file."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from engine import clock
from ledger.actor import Actor
from statuspage.customers.columns import COLUMNS
from statuspage.customers.operations.import_rows import Outcome, UnfitFile, import_rows, preview_rows
from statuspage.customers.reading import MOST_BYTES
from statuspage.models import StatusPage

COLUMN_HELP = "\n".join(
    f"  {kind.value}: " + ", ".join(column.name for column in columns) for kind, columns in COLUMNS.items()
)


class Command(BaseCommand):
    """Import from a file; a bad one changes nothing and every line at fault is named."""

    help = f"Import customers and their assets, or servers, from a CSV file.\nColumns of\n{COLUMN_HELP}"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file, the page, and what becomes of those it does not name."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--page", default="", help="Slug or id of the status page; without: the page at the root.")
        parser.add_argument("--replace", action="store_true", help="Remove what the file does not name.")
        parser.add_argument("--yes", action="store_true", help="With --replace: don't ask before removing.")

    def handle(self, *_arguments: Any, **options: Any) -> None:
        """Read, ask where something would be removed, write, say what happened."""
        path: Path = options["file"]
        page, now = _page(options["page"]), clock.now()
        try:
            if path.stat().st_size > MOST_BYTES:
                raise CommandError(f"{path} is larger than {MOST_BYTES // 2**20} MB. Divide it.")
            with path.open("rb") as file:
                if options["replace"] and not options["yes"]:
                    self._ask(preview_rows(file=file, page=page, replace=True, now=now))
                    file.seek(0)
                with transaction.atomic():
                    outcome = import_rows(
                        file=file,
                        page=page,
                        replace=options["replace"],
                        by=Actor.system(name="Command line", via="cli"),
                        now=now,
                        file_name=path.name,
                    )
        except OSError as error:
            raise CommandError(f"{path} can't be read: {error.strerror}.") from None
        except UnfitFile as error:
            lines = "\n".join(f"  line {fault.line}: {fault.sentence}" for fault in error.faults)
            raise CommandError(f"{error.sentence}\n{lines}") from None
        self.stdout.write(f"{outcome.rows:,} lines. {said(outcome)}")

    def _ask(self, outcome: Outcome) -> None:
        self.stdout.write(f"This would happen: {said(outcome)}")
        if not sys.stdin.isatty():
            raise CommandError("Nothing was changed. Repeat it with --yes to remove what the file does not name.")
        if input("Write “yes” to go on: ").strip().lower() != "yes":
            raise CommandError("Nothing was changed.")


def said(outcome: Outcome) -> str:
    """Return the counts in words."""
    parts = [f"{count:,} {name.replace('_', ' ')}" for name, count in outcome.counts.items() if count]
    return (", ".join(parts) or "Nothing to change") + "."


def _page(name: str) -> StatusPage:
    pages = StatusPage.objects.filter(archived_at=None)
    found = pages.filter(slug=name).first() or (pages.filter(pk=name).first() if name else None)
    if found is None:
        known = ", ".join(f"“{page.slug}”" for page in pages)
        raise CommandError(f"There is no status page “{name}”. There are {known or 'none yet'}.")
    return found

"""Print what would go wrong at the next incident."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from engine import clock
from incidents.readiness import report

MARKS = {"broken": "BROKEN", "weak": "weak  ", "advice": "advice"}


class Command(BaseCommand):
    """`readiness [--broken]`: exit 1 when something is broken."""

    help = "Find what would go wrong at the next incident: people, schedules, policies, tiers, channels."

    def add_arguments(self, parser: CommandParser) -> None:
        """Offer to print what is broken only."""
        parser.add_argument("--broken", action="store_true", help="print only what is broken")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print the report, worst first."""
        made = report(now=clock.now())
        for finding in made.findings:
            if finding.grade == "broken" or not options["broken"]:
                self.stdout.write(f"{MARKS[finding.grade]}  {finding.sentence}  {finding.todo}")
        summary = "Ready." if made.ready else "Not ready."
        self.stdout.write(f"{summary} {made.broken} broken, {made.weak} weak.")
        if not made.ready:
            sys.exit(1)

"""`manage.py load_demonstration`: Harbor Hosting, loaded once."""

from typing import Any

from django.core.management.base import BaseCommand

from demonstration.load import load
from engine import clock


class Command(BaseCommand):
    """Load the demonstration company into an empty installation; does nothing to one with people."""

    help = "Load the demonstration company Harbor Hosting, unless there are people already."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Load it and say what was done."""
        self.stdout.write(load(now=clock.now()))

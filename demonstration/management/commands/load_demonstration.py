"""`manage.py load_demonstration`: Harbor Hosting, loaded once."""

from typing import Any

from django.core.management.base import BaseCommand

from demonstration.load import load
from engine import clock
from statuspage.publishing.publish import folder, publish


class Command(BaseCommand):
    """Load the demonstration company into an empty installation; does nothing to one with people."""

    help = "Load the demonstration company Harbor Hosting, unless there are people already."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Load it and say what was done; the status page is there before anybody is told that it is."""
        self.stdout.write(load(now=clock.now()))
        published = folder()
        if not (published.root / "index.html").exists():
            try:
                publish(now=clock.now())
            except OSError as error:
                # The engine tries again and says so where people look; the rest of the product starts.
                self.stderr.write(f"The status page was not published: {error.strerror or error}")
            else:
                self.stdout.write(f"The status page is published in {published.root}.")

"""Publish the status page from the command line."""

from __future__ import annotations

import time
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser

from engine import clock
from ledger.actor import Actor
from statuspage.models import Target
from statuspage.publishing.manifest import Manifest
from statuspage.publishing.publish import folder, outgrow, publish, put_back
from statuspage.publishing.targets.upkeep import bring
from web.errors import Refusal

PATIENCE_S: Final = 60
BY: Final = Actor.system(name="Command line", via="cli")


class Command(BaseCommand):
    """`publish_status`: needs the database and the published folder, but neither web, worker, engine nor broker.

    Without the database, the emergency script in the published folder publishes.
    """

    help = "Publish the status page now: take over emergency publications, render, swap in, bring every target."

    def add_arguments(self, parser: CommandParser) -> None:
        """Without an option, publish."""
        parser.add_argument("--rollback", type=int, metavar="N", help="put the kept generation N back")
        parser.add_argument("--kept", action="store_true", help="list the generations that can be put back")
        parser.add_argument("--afresh", action="store_true", help="make every file anew, trust nothing that is there")
        parser.add_argument("--above", type=int, metavar="N", help="publish as a generation higher than N")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do it and say which generation readers see now."""
        if options["kept"]:
            for manifest in folder().kept():
                self.stdout.write(f"{manifest.generation}  {manifest.generated_at:%Y-%m-%d %H:%M:%S %Z}")
            return
        if options["above"] is not None:
            outgrow(options["above"])
        try:
            if options["rollback"] is not None:
                new = put_back(options["rollback"], by=BY, now=clock.now())
            else:
                new = self._publish(afresh=options["afresh"])
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from refusal
        except OSError as error:
            raise CommandError(f"{error.filename or folder().root}: {error.strerror}.") from error
        self.stdout.write(f"Generation {new.generation} is published: {len(new.files)} files in {folder().root}.")
        for target in Target.objects.filter(enabled=True):
            trouble = bring(target.pk)
            self.stdout.write(f"{target.name}: {trouble or 'brought up to it.'}")

    def _publish(self, *, afresh: bool) -> Manifest:
        until = time.monotonic() + PATIENCE_S
        while (new := publish(now=clock.now(), afresh=afresh)) is None:
            if time.monotonic() > until:
                raise CommandError(f"Another process has been publishing for {PATIENCE_S} seconds.")
            time.sleep(0.2)
        return new

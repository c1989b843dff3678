"""Start a plan from the command line, and wait for its end if asked to."""

from __future__ import annotations

import time
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from eap.models import PlanVersion, Run, RunStep
from eap.operations.runs.start_run import start_run
from eap.plan_queries import access_plan
from engine import clock
from incidents.models import Incident
from ledger.actor import Actor
from people.actors import actor_for
from people.models import Person
from people.permissions import RUN_PLAN, may
from web.errors import BadInput, Refusal

LOOK_S: Final = 0.5
EXIT_BY_STATE: Final = {Run.State.DONE: 0, Run.State.FAILED: 1, Run.State.STOPPED: 2}


class Command(BaseCommand):
    """`run_plan KEY [--drill] [--input a=b]… [--incident N] [--wait]`: prints the run's address."""

    help = (
        "Start the published version of a plan. With --wait: exit 0 when it is done, 1 failed, 2 stopped, 3 too late."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the plan's key and what its run is told."""
        parser.add_argument("key", help="the plan's key, such as restore-web-server")
        parser.add_argument("--drill", action="store_true", help="an exercise, on drill hosts")
        parser.add_argument("--input", action="append", default=[], metavar="NAME=VALUE", help="may be repeated")
        parser.add_argument("--incident", type=int, default=None, help="the number of the incident it is run for")
        parser.add_argument("--reason", default="")
        parser.add_argument("--as", dest="email", default="", help="e-mail address of the person who starts it")
        parser.add_argument("--wait", action="store_true", help="follow it until it ends")
        parser.add_argument("--wait-s", type=float, default=86_400.0, help="how long at most, in seconds")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Start it in one transaction; then follow it if asked to."""
        try:
            with transaction.atomic():
                run = start_run(
                    version=self._version(options["key"]),
                    inputs=self._inputs(options["input"]),
                    incident=self._incident(options["incident"]),
                    drill=options["drill"],
                    reason=options["reason"],
                    by=self._starter(options["email"]),
                    now=clock.now(),
                )
        except BadInput as refusal:
            lines = [f"  {field.removeprefix('inputs.')}: {sentence}" for field, sentence in refusal.errors.items()]
            raise CommandError("\n".join(["The run was not started.", *lines])) from refusal
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from refusal
        self.stdout.write(f"{run.pk}  {settings.PUBLIC_URL}/runs/{run.pk}/")
        if options["wait"]:
            self._follow(run, within_s=options["wait_s"])

    def _follow(self, run: Run, *, within_s: float) -> None:
        """Print every change of a step until the run has ended, and leave with what its end means."""
        seen: dict[str, str] = {}
        until = time.monotonic() + within_s
        while True:
            run.refresh_from_db(fields=["state", "outcome", "trouble"])
            for key, state, sentence in RunStep.objects.filter(run=run).values_list("key", "state", "sentence"):
                if state not in ("waiting", seen.get(key)):
                    seen[key] = state
                    self.stdout.write(f"{state:<9} {key}  {sentence}".rstrip())
            if not run.is_open:
                self.stdout.write(f"{run.state}: {run.outcome}")
                if EXIT_BY_STATE[Run.State(run.state)]:
                    raise CommandError(run.outcome or run.state, returncode=EXIT_BY_STATE[Run.State(run.state)])
                return
            if time.monotonic() >= until:
                raise CommandError(f"It has not ended within {within_s:g} s and goes on.", returncode=3)
            time.sleep(LOOK_S)

    def _version(self, key: str) -> PlanVersion:
        plan = access_plan(key)
        if plan.published is None:
            raise CommandError(f"The plan {key} has no published version.")
        return plan.published

    def _inputs(self, given: list[str]) -> dict[str, str]:
        wrong = [each for each in given if "=" not in each]
        if wrong:
            raise CommandError(f"Write inputs as name=value, not {wrong[0]!r}.")
        return dict(each.split("=", 1) for each in given)

    def _incident(self, number: int | None) -> Incident | None:
        if number is None:
            return None
        incident = Incident.objects.filter(number=number).first()
        if incident is None:
            raise CommandError(f"There is no incident {number}.")
        return incident

    def _starter(self, email: str) -> Actor:
        if not email:
            # Who may run commands on the server is trusted there; the ledger says which way it came.
            return Actor.system(name="Command line", via="cli")
        person = Person.objects.active().filter(email=email.strip().lower()).first()
        if person is None or not may(person, RUN_PLAN):
            raise CommandError(f"Nobody with the address {email} may run plans here.")
        return actor_for(person, via="cli")

"""Plans as files, so that Git can own them; and the plans that come with Muster."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from eap.format.check_calls import calls
from eap.format.lint import lint
from eap.format.problems import errors
from eap.format.read import read
from eap.format.schema import written
from eap.models import Plan, PlanVersion
from eap.operations.plans.begin import begin_from_text, key_in
from eap.operations.plans.install import BrokenBuiltin, builtins, install
from eap.operations.plans.review import submit
from eap.plan_queries import inputs_of_actions
from engine import clock
from ledger.actor import Actor
from people.actors import actor_for
from people.models import Person
from people.permissions import WRITE_PLAN, may
from web.errors import Refusal


class Command(BaseCommand):
    """`plans check FILES…`, `pull DIR`, `push DIR`, `install`, `schema`."""

    help = "Check plans in files, bring them in for review, write them out, install those that come with Muster."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take one of five verbs."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        check = verbs.add_parser("check", help="say what is wrong in files; needs no database. Exit 1 for errors")
        check.add_argument("files", nargs="+", type=Path)
        check.add_argument("--strict", action="store_true", help="exit 1 for warnings too")
        pull = verbs.add_parser("pull", help="write the plans in use into a folder, one file each")
        pull.add_argument("folder", type=Path)
        push = verbs.add_parser("push", help="bring what differs in a folder in, handed in for review")
        push.add_argument("folder", type=Path)
        push.add_argument("--notes", default="", help="why; the reviewer reads it")
        push.add_argument("--as", dest="email", default="", help="e-mail address of the person who hands it in")
        verbs.add_parser("install", help="install the plans that come with Muster, offer newer ones for review")
        verbs.add_parser("schema", help="print the format's JSON Schema")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do what the verb says."""
        getattr(self, f"_{options['verb']}")(options)

    def _check(self, options: dict[str, Any]) -> None:
        texts = {path: _text(path) for path in _files(options["files"])}
        known = {key_in(text): _called(text) for text in texts.values()} | dict.fromkeys(builtins(), ())
        failed = False
        for path, text in texts.items():
            reading = read(text, known=known)
            called = reading.placed(calls(reading.document, inputs_of_actions())) if reading.document else []
            warned = reading.placed(lint(reading.document, today=timezone.localdate())) if reading.document else []
            for problem in sorted([*reading.problems, *called, *warned], key=lambda each: (each.line, each.column)):
                self.stdout.write(f"{path}:{problem}")
            failed = failed or bool(errors([*reading.problems, *called])) or (options["strict"] and bool(warned))
        if failed:
            sys.exit(1)

    def _pull(self, options: dict[str, Any]) -> None:
        folder: Path = options["folder"]
        folder.mkdir(parents=True, exist_ok=True)
        for plan in Plan.objects.filter(archived_at=None).select_related("published").order_by("key"):
            if plan.published is None:
                continue
            path = folder / f"{plan.key}.yaml"
            changed = not path.exists() or path.read_text(encoding="utf-8") != plan.published.text
            if changed:
                path.write_text(plan.published.text, encoding="utf-8")
            self.stdout.write(f"{'written' if changed else 'same':10}{path}  version {plan.published.number}")

    def _push(self, options: dict[str, Any]) -> None:
        person, by = self._pusher(options["email"])
        failed = False
        for path in _files([options["folder"]]):
            text = _text(path)
            try:
                with transaction.atomic():
                    said = _bring_in(text, options["notes"], person=person, by=by)
            except Refusal as refusal:
                failed, said = True, f"refused  {refusal.sentence}"
            self.stdout.write(f"{said.split(' ', 1)[0]:10}{path}  {said.partition(' ')[2].strip()}".rstrip())
        if failed:
            sys.exit(1)

    def _install(self, _options: dict[str, Any]) -> None:
        by = Actor.system(via="cli")
        try:
            keys = sorted(builtins())
        except BrokenBuiltin as broken:
            raise CommandError(str(broken)) from broken
        for key in keys:
            with transaction.atomic():
                outcome = install(key=key, by=by, now=clock.now())
            self.stdout.write(f"{outcome:10}{key}")

    def _schema(self, _options: dict[str, Any]) -> None:
        self.stdout.write(written(), ending="")

    def _pusher(self, email: str) -> tuple[Person | None, Actor]:
        if not email:
            # Who may run commands on the server is trusted there; the ledger says which way it came.
            return None, Actor.system(name="Command line", via="cli")
        person = Person.objects.active().filter(email=email.strip().lower()).first()
        if person is None or not may(person, WRITE_PLAN):
            raise CommandError(f"Nobody with the address {email} may write plans here.")
        return person, actor_for(person, via="cli")


def _files(given: list[Path]) -> list[Path]:
    """Return the plans among files and folders, by name. Raises `CommandError` for what is not there."""
    found: list[Path] = []
    for path in given:
        if path.is_dir():
            found += [each for each in path.iterdir() if each.suffix in (".yaml", ".yml")]
        elif path.is_file():
            found.append(path)
        else:
            raise CommandError(f"There is no {path}.")
    return sorted(found)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise CommandError(f"{path} is no text in UTF-8.") from error


def _called(text: str) -> tuple[str, ...]:
    from eap.format.check import called_by

    document = read(text).document
    return tuple(called_by(document)) if document else ()


def _bring_in(text: str, notes: str, *, person: Person | None, by: Actor) -> str:
    """Hand in a text that differs from what is in use; return what was done, in a word and the rest."""
    now = clock.now()
    plan = Plan.objects.filter(key=key_in(text)).select_related("published").first()
    if plan is not None and plan.published is not None and plan.published.text == text:
        return f"same version {plan.published.number}"
    draft = plan.versions.filter(state=PlanVersion.State.DRAFT).first() if plan else None
    waiting = plan.versions.filter(state=PlanVersion.State.IN_REVIEW).first() if plan else None
    if waiting is not None and waiting.text == text:
        return f"waiting version {waiting.number}"
    if draft is not None and draft.text == text:
        version = draft
    else:
        # Somebody's draft that says something else is theirs: this is refused with a sentence, never written over.
        version = begin_from_text(text=text, notes=notes, person=person, by=by, now=now)
    submit(version_id=version.pk, person=person, by=by, now=now)
    return f"handed-in version {version.number}"

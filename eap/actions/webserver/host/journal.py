"""What a restore has done so far, beside the site: it says after a crash where to go on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eap.actions.webserver.host.disk import private_folder, remove, sync_folder, write_whole
from eap.actions.webserver.host.trouble import Trouble

STEPS = (
    "choose", "space", "checksum", "safety",
    "copy", "unpack", "delete_archive", "stop", "database", "mark", "delete_dump", "extract", "delete_inner",
    "replace", "delete_temp", "start",
    "check",
)  # fmt: skip
TWELVE = STEPS[4:16]


class Places:
    """Where a restore keeps what: everything lies beside the site, on its own file system, closed to others."""

    def __init__(self, site: Path, run: str) -> None:
        self.site = site
        self.base = site.parent / f".muster-{site.name}"
        self.state = self.base / run
        self.current = self.base / "current"
        self.temp = self.state / "temp"
        self.archive = self.temp / "archive.gpg"
        self.outer = self.temp / "outer"
        self.dump = self.outer / "database.dump"
        self.inner = self.outer / "site.tar.gz"
        self.staged = self.temp / "site"
        self.manifest = self.state / "manifest.jsonl"
        self.aside = self.state / "site-before"
        self.safety = self.state / "database-before.dump"


class Journal:
    """The steps that are done, with what they left behind; written whole after each."""

    def __init__(self, places: Places) -> None:
        self._file = places.state / "journal.json"
        private_folder(places.base)
        private_folder(places.state)
        self._kept: dict[str, Any] = {"notes": {}, "done": {}}
        if self._file.exists():
            self._kept = json.loads(self._file.read_text("utf-8"))

    def note(self, **notes: str | int | bool) -> None:
        """Keep facts that later steps need."""
        self._kept["notes"].update(notes)
        self._write()

    def noted(self, name: str) -> Any:
        """Return a fact that was kept, None where there is none."""
        return self._kept["notes"].get(name)

    def finish(self, step: str, sentence: str, facts: Mapping[str, str | int | bool]) -> None:
        """Keep that a step is done, with what it said and stated."""
        self._kept["done"][step] = {"sentence": sentence, "facts": dict(facts)}
        self._write()

    def done(self, step: str) -> str:
        """Return the sentence that a step ended with, "" where it is not done."""
        return str(self._kept["done"].get(step, {}).get("sentence", ""))

    def facts(self, step: str) -> dict[str, str | int | bool]:
        """Return what a step stated."""
        return dict(self._kept["done"].get(step, {}).get("facts", {}))

    def take_back(self, *steps: str) -> None:
        """Keep that steps were taken back."""
        for step in steps:
            self._kept["done"].pop(step, None)
        self._write()

    def require_before(self, step: str) -> None:
        """Raise `Trouble` unless every step before this one is done: the order is fixed."""
        missing = [each for each in STEPS[: STEPS.index(step)] if each not in self._kept["done"]]
        if missing:
            raise Trouble(f"“{step}” comes after “{missing[0]}”, which is not done.")

    def _write(self) -> None:
        write_whole(self._file, json.dumps(self._kept, indent=1).encode())


def begin_alone(places: Places, run: str) -> None:
    """Make this restore the site's current one; raise `Trouble` while another one has not ended."""
    other = places.current.read_text("utf-8").strip() if places.current.exists() else ""
    if other and other != run and (places.base / other).exists():
        raise Trouble(f"The restore of run {other} has not ended on this site: finish it or take it back first.")
    write_whole(places.current, run.encode())


def end_alone(places: Places) -> None:
    """Let another restore of this site begin."""
    remove(places.current)
    sync_folder(places.base)

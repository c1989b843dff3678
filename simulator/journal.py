"""What was received, one JSON line per change, so that a restart of the simulator forgets nothing."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from simulator.records import Record

KEPT_LINES_PER_KIND = 2_000


class Journal:
    """Appends to `received.jsonl` in a folder. Lines are gathered and written by `flush`, several times a second:
    a kill in between may lose what a person would hardly have seen yet, and a burst costs one write."""

    def __init__(self, *, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path = folder / "received.jsonl"
        self._unwritten: dict[tuple[str, str], Record | None] = {}
        self._facts: dict[str, Any] = {}
        self._file: TextIO | None = None

    def note(self, kind: str, record: Record | None) -> None:
        """The record's state is to be kept; None means that this kind was cleared."""
        if record is None:
            self._unwritten = {key: value for key, value in self._unwritten.items() if key[0] != kind}
            self._unwritten[(kind, "")] = None
        else:
            self._unwritten[(kind, record.sid)] = record

    def note_fact(self, name: str, value: Any) -> None:
        """A small value that is replaced as a whole, such as the names beside the numbers."""
        self._facts[name] = value

    def flush(self) -> None:
        if not self._unwritten and not self._facts:
            return
        if self._file is None:
            self._file = self._path.open("a", encoding="utf-8")
        lines = [_line(kind, record) for (kind, _), record in self._unwritten.items()]
        lines += [json.dumps({"fact": name, "value": value}) for name, value in self._facts.items()]
        self._unwritten.clear()
        self._facts.clear()
        self._file.write("\n".join(lines) + "\n")
        self._file.flush()

    def close(self) -> None:
        self.flush()
        if self._file is not None:
            self._file.close()
            self._file = None

    def read(self) -> tuple[dict[str, list[dict[str, Any]]], dict[str, Any]]:
        """The last state of each record by kind, oldest first, and the facts; the file is rewritten without the rest.

        A torn last line (the process was killed while writing) is passed over.
        """
        rows: dict[str, dict[str, dict[str, Any]]] = {}
        facts: dict[str, Any] = {}
        for entry in self._entries():
            if "fact" in entry:
                facts[entry["fact"]] = entry["value"]
            elif "cleared" in entry:
                rows.pop(entry["cleared"], None)
            else:
                rows.setdefault(entry["kind"], {})[entry["row"]["sid"]] = entry["row"]
        kept = {
            kind: sorted(by_sid.values(), key=lambda row: str(row["received_at"]))[-KEPT_LINES_PER_KIND:]
            for kind, by_sid in rows.items()
        }
        self._rewrite(kept, facts)
        return kept, facts

    def _entries(self) -> Iterator[dict[str, Any]]:
        if not self._path.exists():
            return
        with self._path.open(encoding="utf-8") as lines:
            for line in lines:
                try:
                    entry = json.loads(line)
                except ValueError:
                    continue
                if isinstance(entry, dict):
                    yield entry

    def _rewrite(self, rows: dict[str, list[dict[str, Any]]], facts: dict[str, Any]) -> None:
        fresh = self._path.with_suffix(".fresh")
        with fresh.open("w", encoding="utf-8") as file:
            for name, value in facts.items():
                file.write(json.dumps({"fact": name, "value": value}) + "\n")
            for kind, kept in rows.items():
                file.writelines(json.dumps({"kind": kind, "row": row}) + "\n" for row in kept)
        fresh.replace(self._path)


def _line(kind: str, record: Record | None) -> str:
    return json.dumps({"cleared": kind} if record is None else {"kind": kind, "row": record.row()})

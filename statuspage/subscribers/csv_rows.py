"""A file of subscribers, read whole: every line is right, or every wrong one is named and nothing is kept."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from statuspage.models import Component, StatusPage, Subscriber
from statuspage.subscribers.addresses import clean_address, clean_email
from statuspage.subscribers.wishes import MINIMUMS
from web.errors import BadInput
from web.formulas import unguarded

MOST_BYTES: Final = 20 * 1024 * 1024
MOST_ROWS: Final = 200_000
MOST_FAULTS: Final = 50
COLUMNS: Final[Mapping[str, str]] = {
    "channel": "email, sms or webhook; email where it is empty",
    "address": "e-mail address, mobile number with country code, or web address; needed",
    "state": "active, pending, quarantined or ended; active where it is empty",
    "language": "code such as de; the page's own where it is empty",
    "minimum_impact": "none, minor, major or critical; none where it is empty",
    "components": "names or ids with | between; empty for all",
    "contact": "a webhook's mail address",
    "confirmed_at": "only in what is exported; not read",
}
LIST_SEPARATOR: Final = "|"
Fault = tuple[int, str]
"""A line, counted from 1 as editors do, and what is wrong with it."""


class UnfitFile(BadInput):
    """The file was not taken. `faults` names its wrong lines, the first 50."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        line, sentence = faults[0]
        super().__init__(
            f"Nothing was changed. Line {line}: {sentence}", errors={f"line {at}": what for at, what in faults}
        )
        self.faults = list(faults)


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One subscriber of the file; `components` None for all."""

    channel: str
    address: str
    state: str
    language: str
    minimum_impact: str
    components: tuple[str, ...] | None
    contact: str


def read_rows(content: bytes, *, page: StatusPage) -> list[Row]:
    """Return the subscribers of a CSV file in UTF-8 with commas, semicolons or tabs; raise `UnfitFile`."""
    if len(content) > MOST_BYTES:
        raise UnfitFile([(1, f"The file is larger than {MOST_BYTES // 2**20} MB. Divide it.")])
    try:
        text = content.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise UnfitFile([(line, "This line is not UTF-8. Save the file as “CSV UTF-8”.")]) from None
    if "\0" in text:
        raise UnfitFile([(text[: text.index("\0")].count("\n") + 1, "This line holds a NUL character.")])
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    return _Reader(page).read(lines)


def _separator(text: str) -> str:
    return max(",;\t", key=text.partition("\n")[0].count)


class _Reader:
    def __init__(self, page: StatusPage) -> None:
        self._page = page
        self._languages = {page.language, *page.languages}
        self._components: dict[str, str] = {}
        for pk, name in Component.objects.filter(page=page, archived_at=None).values_list("pk", "name"):
            self._components |= {pk: pk, name.casefold(): pk}
        self._faults: list[Fault] = []
        self._seen: dict[tuple[str, str], int] = {}

    def read(self, lines: object) -> list[Row]:
        assert hasattr(lines, "line_num")  # noqa: S101  (a reader of the csv module)
        rows: list[Row] = []
        names: list[str] = []
        try:
            for fields in lines:  # type: ignore[attr-defined]  # the csv module names no class for it
                if not names:
                    names = _head(fields)
                elif any(field.strip() for field in fields):
                    self._take(fields, names, line=lines.line_num, rows=rows)
                if len(self._faults) >= MOST_FAULTS or len(rows) > MOST_ROWS:
                    break
        except csv.Error as error:
            self._faults.append((lines.line_num, f"The quotes in this line don't match ({error})."))
        if len(rows) > MOST_ROWS:
            self._faults.append((lines.line_num, f"The file has more than {MOST_ROWS:,} lines. Divide it."))
        if not names:
            self._faults.append((1, "The file is empty. Its first line must name the columns."))
        if self._faults:
            raise UnfitFile(self._faults)
        return rows

    def _take(self, fields: list[str], names: list[str], *, line: int, rows: list[Row]) -> None:
        if len(fields) != len(names):
            sentence = f"There are {len(fields)} fields; the first line names {len(names)} columns."
            self._faults.append((line, sentence))
            return
        given = {name: unguarded(field.strip()) for name, field in zip(names, fields, strict=True)}
        try:
            row = self._row(given)
        except BadInput as refusal:
            self._faults.append((line, refusal.sentence))
            return
        before = self._seen.setdefault((row.channel, row.address), line)
        if before != line:
            self._faults.append((line, f"This address stands in line {before} already."))
            return
        rows.append(row)

    def _row(self, given: Mapping[str, str]) -> Row:
        channel = given.get("channel") or Subscriber.Channel.EMAIL
        state = given.get("state") or Subscriber.State.ACTIVE
        impact = given.get("minimum_impact") or MINIMUMS[0]
        language = given.get("language") or self._page.language
        if channel not in Subscriber.Channel.values:
            raise BadInput(f"“{channel[:20]}” is no channel: email, sms or webhook.")
        if state not in Subscriber.State.values:
            raise BadInput(f"“{state[:20]}” is no state: active, pending, quarantined or ended.")
        if impact not in MINIMUMS:
            raise BadInput(f"“{impact[:20]}” is no impact: none, minor, major or critical.")
        if language not in self._languages:
            raise BadInput(f"This page is not written in “{language[:10]}”.")
        hook = channel == Subscriber.Channel.WEBHOOK
        return Row(
            channel=channel,
            address=clean_address(channel, given["address"]),
            state=state,
            language=language,
            minimum_impact=impact,
            components=self._chosen(given.get("components", "")),
            contact=clean_email(given["contact"]) if hook and given.get("contact") else "",
        )

    def _chosen(self, text: str) -> tuple[str, ...] | None:
        names = [name.strip() for name in text.split(LIST_SEPARATOR) if name.strip()]
        unknown = [name for name in names if name.casefold() not in self._components]
        if unknown:
            raise BadInput(f"This page has no component “{unknown[0][:60]}”.")
        return tuple(sorted({self._components[name.casefold()] for name in names})) or None


def _head(fields: list[str]) -> list[str]:
    names = [field.strip().casefold() for field in fields]
    unknown = [name for name in names if name not in COLUMNS]
    if unknown:
        raise UnfitFile([(1, f"“{unknown[0][:40]}” is no column. Known are {', '.join(COLUMNS)}.")])
    if "address" not in names or len(set(names)) != len(names):
        raise UnfitFile([(1, "The first line must name the columns, each once, “address” among them.")])
    return names

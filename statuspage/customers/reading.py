"""A CSV file as a stream of lines: encodings, separators, limits. Nothing is held but the line being read."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Final

from statuspage.customers.columns import Layout, UnfitHead, read_head

MOST_BYTES: Final = 20 * 1024 * 1024
MOST_ROWS: Final = 200_000
MOST_FAULTS: Final = 50
LONGEST_LINE: Final = 10_000
"""Bytes. The longest line that makes sense has some 2,000; a file without line ends must not fill the memory."""
SEPARATORS: Final = ",;\t"
_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Fault:
    """What is wrong in a line of the file, counted from 1 as editors do."""

    line: int
    sentence: str


class UnreadableFile(Exception):
    """Reading ends here: `fault` says where and why."""

    def __init__(self, line: int, sentence: str) -> None:
        super().__init__(sentence)
        self.fault = Fault(line, sentence)


@dataclass(frozen=True)
class Row:
    """One line's fields by column."""

    line: int
    fields: dict[str, str]


class Reading:
    """A file being read: `layout` is known at once, then `rows` yields lines, and `faults` gathers those that it skips.

    Raises `UnreadableFile` where going on makes no sense: no text, no columns, too much.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self.faults: list[Fault] = []
        self._file = file
        self._line = 0
        first = next(self._lines(), "")
        self._separator = max(SEPARATORS, key=first.count)
        if not first.strip():
            raise UnreadableFile(1, "The file is empty. Its first line must name the columns.")
        try:
            self.layout: Layout = read_head(next(self._parsed(iter([first]))))
        except UnfitHead as error:
            raise UnreadableFile(1, str(error)) from None

    def rows(self) -> Iterator[Row]:
        """Yield every line but empty ones and those whose fields can't be told apart."""
        count = 0
        start = self._line + 1
        width = len(self.layout.names)
        for fields in self._parsed(self._lines()):
            line, start = start, self._line + 1
            if not any(field.strip() for field in fields):
                continue
            count += 1
            if count > MOST_ROWS:
                raise UnreadableFile(line, f"The file has more than {MOST_ROWS:,} lines. Divide it.")
            if len(fields) != width:
                self.fault(line, f"There are {len(fields)} fields; the first line names {width} columns.")
                continue
            yield Row(line, self.layout.read(fields))

    def fault(self, line: int, sentence: str) -> None:
        """Remember what is wrong in a line. Raises `UnreadableFile` for the 51st."""
        if len(self.faults) == MOST_FAULTS:
            raise UnreadableFile(line, "From here on nothing was read: mend the lines above first.")
        self.faults.append(Fault(line, sentence))

    def _parsed(self, lines: Iterator[str]) -> Iterator[list[str]]:
        try:
            yield from csv.reader(lines, delimiter=self._separator, strict=True)
        except csv.Error as error:
            raise UnreadableFile(self._line, f"The quotes in this line don't match ({error}).") from None

    def _lines(self) -> Iterator[str]:
        """Yield lines as text, counting them. A quoted field may go over several."""
        while raw := self._file.readline(LONGEST_LINE + 1):
            self._line += 1
            if len(raw) > LONGEST_LINE:
                raise UnreadableFile(
                    self._line, f"This line is longer than {LONGEST_LINE:,} bytes. Is this a CSV file?"
                )
            if self._line == 1:
                raw = raw.removeprefix(_BOM)
            try:
                text = raw.decode("utf-8")
            except UnicodeDecodeError:
                raise UnreadableFile(self._line, "This line is not UTF-8. Save the file as “CSV UTF-8”.") from None
            if "\0" in text:
                raise UnreadableFile(self._line, "This line holds a NUL character. Save the file as “CSV UTF-8”.")
            yield text

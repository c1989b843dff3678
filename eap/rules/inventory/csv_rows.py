"""Hosts from CSV."""

from __future__ import annotations

import csv
import io
import re

from eap.rules.inventory.found import TRUE, Hosts, take_variables


def read_csv(text: str, hosts: Hosts) -> None:
    """Columns: name, address, groups (with blanks or semicolons between), drill; any other is a variable."""
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text), delimiter=";" if first.count(";") > first.count(",") else ",")
    columns = [column.strip().lower() for column in next(reader, [])]
    if "name" not in columns:
        hosts.wrong("Line 1", "The first line must name the columns, “name” among them.")
        return
    for row in reader:
        place = f"Line {reader.line_num}"
        if not any(cell.strip() for cell in row):
            continue
        if len(row) > len(columns):
            hosts.wrong(place, f"{len(row)} values for {len(columns)} columns.")
            continue
        given = dict(zip(columns, (cell.strip() for cell in row), strict=False))
        name = given.pop("name", "")
        if name in hosts.found:
            hosts.wrong(place, f"{name} stands here a second time.")
        host = hosts.add(name, place=place)
        host.address = given.pop("address", "")
        host.drill = given.pop("drill", "").lower() in TRUE
        for group in re.split(r"[\s;,]+", given.pop("groups", "")):
            if group:
                hosts.group(host, group, place=place)
        take_variables(host, {key: value for key, value in given.items() if value})

"""Hosts from Ansible's INI files."""

from __future__ import annotations

import re
import shlex

from eap.rules.inventory.found import Hosts, take_variables
from eap.rules.inventory.group_tree import spread


def read_ini(text: str, hosts: Hosts) -> None:
    """Ansible's INI: `[group]`, `[group:vars]`, `[group:children]`, hosts with `name=value` behind them."""
    section, kind = "ungrouped", "hosts"
    children: dict[str, set[str]] = {}
    variables: dict[str, dict[str, str]] = {}
    for number, written in enumerate(text.splitlines(), 1):
        line, place = re.sub(r"(^|\s)[#;].*$", "", written).strip(), f"Line {number}"
        if not line:
            continue
        if header := re.fullmatch(r"\[([^\]:]+)(?::(vars|children))?\]", line):
            section, kind = header[1].strip(), header[2] or "hosts"
        elif kind == "children":
            children.setdefault(section, set()).add(line)
        elif kind == "vars":
            name, _, value = line.partition("=")
            variables.setdefault(section, {})[name.strip()] = value.strip().strip("\"'")
        else:
            _read_ini_host(line, section, hosts, place=place)
    spread(hosts, children, list(variables.items()))


def _read_ini_host(line: str, section: str, hosts: Hosts, *, place: str) -> None:
    try:
        name, *settings = shlex.split(line)
    except ValueError:
        hosts.wrong(place, "A quotation mark is not closed.")
        return
    for each in _expanded(name):
        host = hosts.add(each, place=place)
        if section not in ("all", "ungrouped"):
            hosts.group(host, section, place=place)
        for setting in settings:
            key, equals, value = setting.partition("=")
            if not equals:
                hosts.wrong(place, f"“{setting[:60]}” is no name=value.")
            take_variables(host, {key: value})


def _expanded(name: str) -> list[str]:
    """Return the hosts of a range such as web[01:20].example.com, at most 10,000."""
    found = re.fullmatch(r"(.*)\[(\d{1,6}):(\d{1,6})\](.*)", name)
    if not found:
        return [name]
    width, first, last = len(found[2]), int(found[2]), int(found[3])
    return [f"{found[1]}{number:0{width}d}{found[4]}" for number in range(first, min(last, first + 9_999) + 1)]

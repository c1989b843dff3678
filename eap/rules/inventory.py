"""Read lists of hosts: CSV, YAML, Ansible's own formats and JSON. Pure; a bad file changes nothing."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from web.errors import BadInput

LARGEST_FILE: Final = 20_000_000
MOST_HOSTS: Final = 100_000
MOST_ERRORS: Final = 50
NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._:-]{0,251}[A-Za-z0-9])?")
GROUP: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,59}")
TRUE: Final = frozenset({"1", "true", "yes", "y", "x"})


@dataclass(kw_only=True)
class FoundHost:
    """A host as a file names it."""

    name: str
    address: str = ""
    groups: set[str] = field(default_factory=set)
    variables: dict[str, str] = field(default_factory=dict)
    drill: bool = False


class Hosts:
    """Collects hosts and what is wrong with them, each error with its place."""

    def __init__(self) -> None:
        self.found: dict[str, FoundHost] = {}
        self.errors: list[str] = []

    def add(self, name: str, *, place: str) -> FoundHost:
        """Return the host of this name, made if need be; a name that can't be one is noted as an error."""
        name = name.strip()
        if not NAME.fullmatch(name):
            self.wrong(place, f"“{name[:60]}” is no host name.")
        return self.found.setdefault(name, FoundHost(name=name))

    def group(self, host: FoundHost, name: str, *, place: str) -> None:
        """Put a host into a group."""
        if not GROUP.fullmatch(name):
            self.wrong(place, f"“{name[:60]}” is no group name (letters, digits, _ . -).")
        host.groups.add(name)

    def wrong(self, place: str, sentence: str) -> None:
        """Note an error."""
        if len(self.errors) < MOST_ERRORS:
            self.errors.append(f"{place}: {sentence}")

    def checked(self) -> list[FoundHost]:
        """Return the hosts by name; raise `BadInput` with every error."""
        if not self.found and not self.errors:
            self.errors.append("The file names no host.")
        if len(self.found) > MOST_HOSTS:
            self.errors.append(f"More than {MOST_HOSTS} hosts; split the file.")
        if self.errors:
            raise BadInput("Nothing was imported. " + " ".join(self.errors), errors={"file": " ".join(self.errors)})
        for host in self.found.values():
            host.address = host.address or host.variables.pop("ansible_host", "") or host.name
            if port := host.variables.pop("ansible_port", ""):
                host.variables.setdefault("port", port)
            host.drill = host.drill or str(host.variables.pop("drill", "")).lower() in TRUE or "drill" in host.groups
        return [self.found[name] for name in sorted(self.found)]


def read_hosts(content: bytes, *, filename: str = "") -> list[FoundHost]:
    """Return the hosts of a file, told apart by its name and, failing that, by its look.

    Raises `BadInput` naming each line that can't be used; nothing of such a file is taken.
    """
    if len(content) > LARGEST_FILE:
        raise BadInput("The file is larger than 20 MB.", errors={"file": "The file is larger than 20 MB."})
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        sentence = f"The file is not UTF-8 (byte {error.start + 1})."
        raise BadInput(sentence, errors={"file": sentence}) from None
    ending = filename.lower().rpartition(".")[2]
    hosts = Hosts()
    if ending == "json" or (ending not in ("csv", "yml", "yaml", "ini") and text.lstrip()[:1] in ("{", "[")):
        _read_json(text, hosts)
    elif ending in ("yml", "yaml"):
        _read_yaml(text, hosts)
    elif ending == "csv" or text.lstrip().lower().startswith("name"):
        _read_csv(text, hosts)
    else:
        _read_ini(text, hosts)
    return hosts.checked()


def _read_csv(text: str, hosts: Hosts) -> None:
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
        host.variables |= {key: value for key, value in given.items() if value}


def _read_yaml(text: str, hosts: Hosts) -> None:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        content = YAML(typ="safe", pure=True).load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        hosts.wrong(f"Line {line}", str(error.problem or "This is no YAML."))
        return
    except (YAMLError, RecursionError) as error:
        hosts.wrong("Line 1", f"This is no YAML ({type(error).__name__}).")
        return
    _read_content(content, hosts)


def _read_json(text: str, hosts: Hosts) -> None:
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        hosts.wrong(f"Line {error.lineno}", f"This is no JSON: {error.msg}.")
        return
    except RecursionError:
        hosts.wrong("Line 1", "This JSON is nested too deeply.")
        return
    _read_content(content, hosts)


def _read_content(content: Any, hosts: Hosts) -> None:
    """A list of hosts, `{"hosts": [...]}`, or one of Ansible's trees (its inventory file, or a dynamic inventory)."""
    if isinstance(content, Mapping) and isinstance(content.get("hosts"), list) and "_meta" not in content:
        content = content["hosts"]
    if isinstance(content, list):
        for number, item in enumerate(content, 1):
            _read_item(item, hosts, place=f"Host {number}")
    elif isinstance(content, Mapping):
        _read_groups(content, hosts)
    else:
        hosts.wrong("Line 1", "Expected a list of hosts or Ansible's groups.")


def _read_item(item: Any, hosts: Hosts, *, place: str) -> None:
    if isinstance(item, str):
        hosts.add(item, place=place)
        return
    if not isinstance(item, Mapping) or not isinstance(item.get("name"), str):
        hosts.wrong(place, "Each host is a name, or has a “name”.")
        return
    host = hosts.add(item["name"], place=place)
    host.address = str(item.get("address") or "")
    host.drill = item.get("drill") is True
    groups = item.get("groups") or []
    for group in groups if isinstance(groups, list) else str(groups).split():
        hosts.group(host, str(group), place=place)
    variables = item.get("variables") or {}
    if isinstance(variables, Mapping):
        _take_variables(host, variables)
    else:
        hosts.wrong(place, "“variables” must be names with values.")


def _read_groups(content: Mapping[str, Any], hosts: Hosts) -> None:
    meta = content.get("_meta")
    per_host = meta.get("hostvars", {}) if isinstance(meta, Mapping) else {}
    children: dict[str, set[str]] = {}
    own: list[tuple[str, Any]] = []
    _walk(content, hosts, children, own, depth=0)
    for name, variables in per_host.items() if isinstance(per_host, Mapping) else ():
        if isinstance(variables, Mapping):
            _take_variables(hosts.add(str(name), place="_meta"), variables)
    _spread(hosts, children, own)


def _walk(
    groups: Mapping[str, Any], hosts: Hosts, children: dict[str, set[str]], own: list[tuple[str, Any]], *, depth: int
) -> None:
    for group, inside in groups.items():
        if group == "_meta" or inside is None:
            continue
        if depth > 20 or not isinstance(inside, Mapping | list):
            hosts.wrong(f"Group {str(group)[:60]}", "It must hold hosts, children or vars.")
            continue
        parts = inside if isinstance(inside, Mapping) else {"hosts": inside}
        named = parts.get("hosts") or {}
        for name in named:
            host = hosts.add(str(name), place=f"Group {str(group)[:60]}")
            if group not in ("all", "ungrouped"):
                hosts.group(host, str(group), place=f"Group {str(group)[:60]}")
            if isinstance(named, Mapping) and isinstance(named[name], Mapping):
                _take_variables(host, named[name])
        below = parts.get("children") or {}
        children.setdefault(str(group), set()).update(str(each) for each in below)
        own.append((str(group), parts.get("vars") or {}))
        if isinstance(below, Mapping):
            _walk(below, hosts, children, own, depth=depth + 1)


def _spread(hosts: Hosts, children: Mapping[str, set[str]], own: Iterable[tuple[str, Any]]) -> None:
    """Hosts of a child group belong to its parents; a group's variables are its hosts', where they say nothing."""
    for _ in range(len(children)):
        for parent, below in children.items():
            for host in hosts.found.values():
                if parent not in ("all", "ungrouped") and host.groups & below:
                    host.groups.add(parent)
    for group, variables in own:
        for host in hosts.found.values():
            if isinstance(variables, Mapping) and (group == "all" or group in host.groups):
                _take_variables(host, {k: v for k, v in variables.items() if str(k) not in host.variables})


def _take_variables(host: FoundHost, variables: Mapping[Any, Any]) -> None:
    for name, value in variables.items():
        if isinstance(value, bool):
            host.variables[str(name)] = "true" if value else "false"
        elif isinstance(value, str | int | float):
            host.variables[str(name)] = str(value)


def _read_ini(text: str, hosts: Hosts) -> None:
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
    _spread(hosts, children, list(variables.items()))


def _read_ini_host(line: str, section: str, hosts: Hosts, *, place: str) -> None:
    import shlex

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
            host.variables[key] = value


def _expanded(name: str) -> list[str]:
    """Return the hosts of a range such as web[01:20].example.com, at most 10,000."""
    found = re.fullmatch(r"(.*)\[(\d{1,6}):(\d{1,6})\](.*)", name)
    if not found:
        return [name]
    width, first, last = len(found[2]), int(found[2]), int(found[3])
    return [f"{found[1]}{number:0{width}d}{found[4]}" for number in range(first, min(last, first + 9_999) + 1)]

"""Hosts from YAML and JSON: plain lists, Ansible's inventory files and its dynamic inventories."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from eap.rules.inventory.found import Hosts, take_variables
from eap.rules.inventory.group_tree import spread


def read_yaml(text: str, hosts: Hosts) -> None:
    """Take in the hosts of a YAML file."""
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


def read_json(text: str, hosts: Hosts) -> None:
    """Take in the hosts of a JSON file."""
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
        take_variables(host, variables)
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
            take_variables(hosts.add(str(name), place="_meta"), variables)
    spread(hosts, children, own)


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
                take_variables(host, named[name])
        below = parts.get("children") or {}
        children.setdefault(str(group), set()).update(str(each) for each in below)
        own.append((str(group), parts.get("vars") or {}))
        if isinstance(below, Mapping):
            _walk(below, hosts, children, own, depth=depth + 1)

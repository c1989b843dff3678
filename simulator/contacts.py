"""Whose phones and mailboxes these are, and which numbers they can call: read from a file that somebody else keeps."""

import json
import logging
from pathlib import Path
from typing import Any

log = logging.getLogger("simulator")

Contacts = dict[str, dict[str, str]]


def read_contacts(path: Path) -> Contacts:
    """Names by number and mail address from a JSON object with `people`: objects with `name` and optionally `title`,
    `phone` and `email`. Whatever else stands there is passed over. A file that is not there (yet) names nobody."""
    contacts: Contacts = {}
    for person in read_people(path):
        contacts |= {key: _shown(person) for key in _keys(person)}
    return contacts


def read_people(path: Path) -> list[dict[str, Any]]:
    """The people of that file who have a name."""
    return _named(path, "people")


def read_lines(path: Path) -> Contacts:
    """The customer's numbers that file names besides the configured one (`lines`: objects with `name`, `number`)."""
    return {str(line["number"]): {"name": str(line["name"])} for line in _named(path, "lines") if line.get("number")}


def _named(path: Path, kind: str) -> list[dict[str, Any]]:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        log.warning("The names in %s can't be read: %s", path, error)
        return []
    found = told.get(kind) if isinstance(told, dict) else None
    listed = found if isinstance(found, list) else []
    return [each for each in listed if isinstance(each, dict) and each.get("name")]


def _keys(person: dict[str, Any]) -> list[str]:
    return [str(person[name]).lower() for name in ("phone", "email") if person.get(name)]


def _shown(person: dict[str, Any]) -> dict[str, str]:
    return {"name": str(person["name"]), "title": str(person.get("title") or "")}

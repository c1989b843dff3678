"""Read lists of hosts: CSV, YAML, Ansible's own formats and JSON. Pure; a bad file changes nothing."""

from __future__ import annotations

import re
from typing import Final

from eap.rules.inventory.ansible_ini import read_ini
from eap.rules.inventory.csv_rows import read_csv
from eap.rules.inventory.documents import read_json, read_yaml
from eap.rules.inventory.found import FoundHost, Hosts
from web.errors import BadInput

LARGEST_FILE: Final = 20_000_000
SECTION: Final = re.compile(r"\[[A-Za-z0-9_.-]+(:(vars|children))?\]\s*$", re.MULTILINE)


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
    if ending == "json" or (ending not in ("csv", "yml", "yaml", "ini") and _looks_like_json(text)):
        read_json(text, hosts)
    elif ending in ("yml", "yaml"):
        read_yaml(text, hosts)
    elif ending == "csv" or text.lstrip().lower().startswith("name"):
        read_csv(text, hosts)
    else:
        read_ini(text, hosts)
    return hosts.checked()


def _looks_like_json(text: str) -> bool:
    """Tell JSON from INI, which may begin with "[" too: Ansible's usual file has no ending in its name."""
    return text.lstrip()[:1] in ("{", "[") and not SECTION.match(text.lstrip())


__all__ = ["LARGEST_FILE", "FoundHost", "read_hosts"]

"""Plans as people write them, for the tests of the format."""

from __future__ import annotations

from textwrap import dedent, indent
from typing import Final

from eap.format.document import Document
from eap.format.problems import errors
from eap.format.read import read

HEAD: Final = """\
format: muster-plan/1
key: {key}
title: Restore a web server
scenario: A web server is gone.
owner: Operations
review_by: 2027-06-30
roles:
  ops: {{title: Operations lead, incident_role: operations}}
  sec: {{title: Security, tier: manager}}
inputs:
  host: {{type: text, title: Host}}
  mode: {{type: choice, title: Mode, options: [fast, slow], required: false}}
  count: {{type: number, title: How many, required: false}}
  machines: {{type: hosts, title: Machines, required: false}}
  phrase: {{type: secret, title: Passphrase, required: false}}
lanes:
  web: {{title: Web, owner: ops}}
steps:
"""
LOOK: Final = """
- id: look
  kind: manual
  title: Look at the host
  role: ops
"""


def plan_text(steps: str = LOOK, *, key: str = "restore-web") -> str:
    """Return a plan with these steps, written as a list at the left edge."""
    return HEAD.format(key=key) + indent(dedent(steps).strip("\n"), "  ") + "\n"


def document(steps: str = LOOK, *, key: str = "restore-web") -> Document:
    """Return the document of `plan_text`; fails with what is wrong with it."""
    reading = read(plan_text(steps, key=key))
    assert errors(reading.problems) == []
    assert reading.document is not None
    return reading.document


def said(text: str) -> list[str]:
    """Return what is wrong with a whole text, as "line:column sentence"."""
    return [f"{each.line}:{each.column} {each.sentence}" for each in read(text).problems]


def sentences(steps: str) -> list[str]:
    """Return what is wrong with a plan of these steps."""
    return [each.sentence for each in read(plan_text(steps)).problems]

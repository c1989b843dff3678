"""`var/demo.json`: where everything of this start is, for people, tests and measurements from outside."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from supervisor import commands
from supervisor.configuration import Addresses
from supervisor.errors import StartRefused
from supervisor.private_file import read_private, write_private
from supervisor.tree import Tree

COMPANY: Final = "demo-company.json"
"""Written by `load_demonstration`: people, tokens and keys of the company."""
PUBLISHED: Final = "demo.json"
KINDS: Final = (*commands.APPLICATION, "simulator", *commands.SERVERS)


@dataclass(frozen=True, kw_only=True)
class Demonstration:
    """What is known of this start before its processes; `publish` adds those."""

    path: Path
    facts: Mapping[str, Any]

    @classmethod
    def read(cls, tree: Tree, addresses: Addresses, env: Mapping[str, str]) -> Demonstration:
        """Join what the company's file tells with the addresses; raises StartRefused where there is no such file."""
        company = read_private(tree.var / COMPANY)
        if not company:
            raise StartRefused(f"`load_demonstration` left no {tree.var / COMPANY}. Start again with --reset.")
        own = {
            "url": _value(env, "PUBLIC_URL"),
            "simulator": addresses.simulator or None,
            "mail_url": f"{addresses.simulator}/api/mail" if addresses.mail_port else None,
            "slack": _workspace(addresses, env),
            "status_page": f"{_value(env, 'STATUS_URL').rstrip('/')}/",
            "stream_url": _value(env, "STREAM_URL"),
            "database_url": _value(env, "DATABASE_URL"),
            "redis_url": _value(env, "REDIS_URL"),
        }
        return cls(path=tree.var / PUBLISHED, facts=company | own)

    def publish(self, pids: Mapping[str, list[int]]) -> None:
        """Write the file: mode 0600, whole at every moment. Each number leads a process group of its own."""
        complete = {kind: pids.get(kind, []) for kind in KINDS}
        write_private(self.path, {**self.facts, "pids": {"supervisor": [os.getpid()], **complete}})

    def welcome(self) -> str:
        """Return the lines that tell a person where to go and as whom."""
        lines = ["", "Muster is ready.", f"  Open      {self.facts['url']}"]
        people = self.facts.get("people", [])
        for title in ("On call", "CEO", "Administrator"):
            person = next((each for each in people if each.get("title") == title), None)
            if person:
                lines.append(f"  Sign in   {person['email']}  {person['password']}  ({person['name']}, {title})")
        lines.append(f"  Status    {self.facts['status_page']}  (what customers read)")
        if self.facts["simulator"]:
            lines.append(f"  Phones    {self.facts['simulator']}  (every call, text and mail of the demonstration)")
        if self.facts["slack"]:
            lines.append(f"  Slack     {self.facts['slack']}  (type /incident there)")
        return "\n".join([*lines, f"  The rest  {self.path}", "  Ctrl-C ends it.", "", ""])


def _workspace(addresses: Addresses, env: Mapping[str, str]) -> str | None:
    """Return where the simulator's Slack workspace is played, None where the product uses another one."""
    page = f"{addresses.simulator}/slack/"
    return page if addresses.simulator and env.get("SLACK_API_URL") == f"{page}api/" else None


def _value(env: Mapping[str, str], name: str) -> str:
    """Return a setting that may stand in a file of its own."""
    return env.get(name) or Path(env[f"{name}_FILE"]).read_text(encoding="utf-8").strip()

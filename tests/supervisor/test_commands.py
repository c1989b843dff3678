"""Which processes a start has."""

from __future__ import annotations

from pathlib import Path

import pytest

from supervisor.commands import application
from supervisor.configuration import Addresses
from supervisor.tree import Tree

ADDRESSES = Addresses(web_port=1, stream_port=2, simulator_port=3, mail_port=4, simulator="")


def commands(tmp_path: Path, **env: str) -> dict[str, list[str]]:
    """Return the command line of each of the product's processes by its name."""
    tree = Tree(root=tmp_path, var=tmp_path, state=tmp_path, sockets=tmp_path, owner=None)
    return {each.name: list(each.argv) for each in application(tree, env, ADDRESSES)}


@pytest.mark.parametrize("setting", ["SLACK_APP_TOKEN", "SLACK_APP_TOKEN_FILE"])
def test_socket_mode_has_a_process_where_its_token_is_set(tmp_path: Path, setting: str) -> None:
    assert "slack" not in commands(tmp_path)
    assert commands(tmp_path, **{setting: "xapp-1"})["slack"][-1] == "run_slack"


def test_one_worker_takes_pages_and_nothing_else(tmp_path: Path) -> None:
    found = commands(tmp_path)
    queues = {name: argv[argv.index("-Q") + 1] for name, argv in found.items() if "-Q" in argv}
    assert queues["worker-page"] == "page"
    assert not any("page" in taken.split(",") for name, taken in queues.items() if name != "worker-page")

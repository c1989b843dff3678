"""Runs' own actions, for approvals by phone too."""

from __future__ import annotations

from tests.eap.runs.conftest import _actions_of_the_tests

__all__ = ["_actions_of_the_tests"]

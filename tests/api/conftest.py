"""What tests of the API share."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `bin/test tests/api --update-openapi` write the description anew."""
    parser.addoption("--update-openapi", action="store_true", help="write tests/api/openapi.json anew")

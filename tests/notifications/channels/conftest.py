"""A provider that is any HTTP server."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.gateway import Gateway, gateway


@pytest.fixture
def provider(settings: Settings) -> Iterator[Gateway]:
    """Run a server that a channel may reach."""
    settings.OUTBOUND_ALLOW = [ipaddress.ip_network("127.0.0.0/8")]
    with gateway() as running:
        yield running

"""What the channels talk to: any HTTP server, and a push service of browsers."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.gateway import Gateway, gateway
from tests.notifications.channels.push_service import PushService, push_service


@pytest.fixture
def provider(settings: Settings) -> Iterator[Gateway]:
    """Run a server that a channel may reach."""
    settings.OUTBOUND_ALLOW = [ipaddress.ip_network("127.0.0.0/8")]
    with gateway() as running:
        yield running


@pytest.fixture(scope="module")
def running_pushes() -> Iterator[PushService]:
    """One push service for the module."""
    with push_service() as service:
        yield service


@pytest.fixture
def service(running_pushes: PushService, settings: Settings) -> PushService:
    """The push service, which may be reached."""
    settings.OUTBOUND_ALLOW = [ipaddress.ip_network("127.0.0.0/8")]
    running_pushes.took.clear()
    return running_pushes

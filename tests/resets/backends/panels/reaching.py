"""What tests of systems over HTTP share: loopback may be reached."""

from __future__ import annotations

import ipaddress

import pytest
from pytest_django import Settings


@pytest.fixture(autouse=True)
def _loopback_is_allowed(settings: Settings) -> None:
    settings.OUTBOUND_ALLOW = [ipaddress.ip_network("127.0.0.0/8")]

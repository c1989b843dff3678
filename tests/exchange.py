"""Fixtures: everybody's phones, connected to this process's product by HTTP in both directions."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Iterator

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker, Settings
from pytest_django.live_server_helper import LiveServer

from tests.phones import Phones, phones_of


@pytest.fixture(scope="session")
def exchange(live_server: LiveServer, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Phones]:
    """Run one simulator for all tests of this process."""
    with phones_of(public_url=live_server.url) as phones:
        yield phones
    with django_db_blocker.unblock():
        _wait_until_alone()


def _wait_until_alone() -> None:
    """Wait for the product's threads to notice that the simulator hung up: a database in use can't be dropped."""
    deadline = time.monotonic() + 10
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            if cursor.fetchone() == (0,):
                return
            time.sleep(0.05)


@pytest.fixture
def phones(exchange: Phones, transactional_db: None, settings: Settings, live_server: LiveServer) -> Iterator[Phones]:
    """Everybody's phones, mailboxes and webhooks; they call the product back once a test says `phones.call_back()`."""
    settings.PUBLIC_URL = live_server.url
    settings.TWILIO_API_URL = exchange.url
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", exchange.smtp_port
    settings.OUTBOUND_ALLOW = [ipaddress.ip_network("127.0.0.0/8")]
    exchange.be_silent()
    yield exchange
    from notifications.channels.registry import all_channels  # not before Django is set up

    for channel in all_channels():
        channel.let_go()
    exchange.settle()
    exchange.forget_everything()

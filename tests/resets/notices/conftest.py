"""Fixtures: a mail server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.statuspage.subscribers.mail_server import Mailbox, mail_server


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """What customers are sent."""
    with mail_server() as box:
        yield box

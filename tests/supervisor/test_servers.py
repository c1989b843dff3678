"""The servers that the suite and `bin/run` start."""

from __future__ import annotations

import os
import socket

import psycopg
import pytest
import redis


def test_postgres_lets_nobody_in_without_the_password() -> None:
    url = os.environ["DATABASE_URL"]
    with psycopg.connect(url) as connection:
        row = connection.execute("SHOW server_version_num").fetchone()
        assert row is not None
        assert int(row[0]) >= 150000
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(url, password="wrong")


def test_valkey_keeps_what_it_took_and_evicts_nothing() -> None:
    client = redis.Redis.from_url(os.environ["REDIS_URL"], decode_responses=True)
    with client:
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert client.config_get("appendonly") == {"appendonly": "yes"}


def test_a_test_cannot_leave_this_machine() -> None:
    with socket.socket() as peer, pytest.raises(PermissionError, match="this machine only"):
        peer.connect(("192.0.2.1", 80))

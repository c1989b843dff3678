"""Our messages are those of the installed Celery."""

from __future__ import annotations

import base64
import json
import os
import threading
from typing import Any

import pytest
import redis
from celery import Celery
from django.conf import settings

from engine import broker
from engine.envelope import envelope
from tests.engine.machinery import eventually


@pytest.fixture
def app() -> Celery:
    """Celery on the broker of this run, with queues of its own."""
    app = Celery("tests", broker=settings.CELERY_BROKER_URL, set_as_current=False)
    app.conf.update(task_ignore_result=True, worker_enable_remote_control=False)
    return app


def opened(message: str | bytes) -> dict[str, Any]:
    """Return a message with what differs from one to the next made equal."""
    found: dict[str, Any] = json.loads(message)
    found["body"] = json.loads(base64.b64decode(found["body"]))
    for name in ("id", "root_id", "origin", "argsrepr"):
        assert found["headers"].pop(name)
    for name in ("correlation_id", "delivery_tag", "reply_to"):
        found["properties"].pop(name)
    return found


def test_the_envelope_is_what_celery_writes(app: Celery) -> None:
    queue = f"envelope-{os.getpid()}"
    client = redis.Redis.from_url(settings.REDIS_URL)
    app.send_task("tests.send", args=["id-1"], queue=queue, ignore_result=True)
    (written,) = client.lrange(queue, 0, -1)
    client.delete(queue)
    client.close()
    app.close()
    assert opened(envelope("tests.send", "id-1", queue=queue)) == opened(written)


def test_ids_differ_from_message_to_message() -> None:
    one, other = (json.loads(envelope("tests.send", "id-1", queue="page")) for _ in range(2))
    assert one["headers"]["id"] != other["headers"]["id"]
    assert one["properties"]["delivery_tag"] != other["properties"]["delivery_tag"]


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")
def test_a_real_worker_runs_what_was_handed_over(app: Celery) -> None:
    from celery.contrib.testing.worker import start_worker

    queue = f"worker-{os.getpid()}"
    ran: list[str] = []
    lock = threading.Lock()

    @app.task(name="tests.send")
    def send(row_id: str) -> None:
        with lock:
            ran.append(row_id)

    app.conf.task_default_queue = queue
    with start_worker(app, pool="threads", concurrency=2, perform_ping_check=False, queues=[queue], loglevel="ERROR"):
        broker.hand_over("tests.send", [f"id-{number}" for number in range(50)], queue)
        eventually(lambda: len(ran) == 50, within_s=10)
    assert sorted(ran) == sorted(f"id-{number}" for number in range(50))

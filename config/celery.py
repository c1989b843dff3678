"""Celery: the quick way to the workers. PostgreSQL is the truth; losing every message here loses nothing."""

from __future__ import annotations

import logging.config
from typing import Any, Final

from celery import Celery
from celery.signals import setup_logging, task_postrun, task_prerun
from kombu import Connection, Queue
from structlog.contextvars import bind_contextvars, clear_contextvars

from config.start import read_settings

QUEUES: Final = ("page", "chat", "bulk")
PUBLISHING: Final = {"socket_connect_timeout": 0.2, "socket_timeout": 0.2, "retry_on_timeout": False}
"""Limits of connections that publish, in seconds: a frozen broker may cost a request that much, once."""


class MusterCelery(Celery):
    """Celery whose publishing connections give up quickly; those that wait for work have longer limits."""

    def connection_for_write(self, url: str | None = None, **kwargs: Any) -> Connection:
        """Return a connection for publishing."""
        options = {**PUBLISHING, **(kwargs.pop("transport_options", None) or {})}
        connection: Connection = super().connection_for_write(url, transport_options=options, **kwargs)
        return connection


read_settings()
app = MusterCelery("muster")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.task_queues = [Queue(name, routing_key=name) for name in QUEUES]
app.conf.task_create_missing_queues = False
app.autodiscover_tasks()


@setup_logging.connect
def _log_as_everybody(**_given: Any) -> None:
    """Keep Celery from setting up logs of its own."""
    from django.conf import settings

    logging.config.dictConfig(settings.LOGGING)


@task_prerun.connect
def _name_the_task(task_id: str, task: Any, **_given: Any) -> None:
    clear_contextvars()
    bind_contextvars(task=task.name, task_id=task_id)


@task_postrun.connect
def _forget_the_task(**_given: Any) -> None:
    clear_contextvars()

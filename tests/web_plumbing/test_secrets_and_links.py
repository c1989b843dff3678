"""Encryption at rest with rotation; signed links for one purpose and a time; the ticket view; live changes."""

from __future__ import annotations

import json
import threading
import time
from io import StringIO
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest
from cryptography.fernet import Fernet
from django.conf import settings as live_settings
from django.core.management import call_command
from django.core.signing import TimestampSigner
from django.db import connection, transaction
from django.test import Client
from pytest_django import Settings

from people.models import Person
from web import links, live
from web.errors import LinkExpired, NotFound
from web.models import IdempotencyKey
from web.secrets import UnreadableSecretError, decrypt, encrypt
from web.wire import CHANNEL, TICKET_SALT, for_these


def stored_body() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM web_idempotencykey")
        (body,) = cursor.fetchone()
    return str(body)


def test_what_is_encrypted_comes_back_and_differs_each_time() -> None:
    assert decrypt(encrypt("hunter2 Ж")) == "hunter2 Ж"
    assert encrypt("hunter2") != encrypt("hunter2")


@pytest.mark.django_db
def test_rotation_lets_the_old_key_go(settings: Settings) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.SECRETS_KEYS = [old]
    IdempotencyKey.objects.create(scope="token:1", key="k", request_digest="d", body="hunter2")
    before = stored_body()
    settings.SECRETS_KEYS = [new, old]
    said = StringIO()
    call_command("rotate_secrets", stdout=said)
    assert "web.IdempotencyKey (body): 1 rows" in said.getvalue()
    settings.SECRETS_KEYS = [new]
    assert stored_body() != before
    assert IdempotencyKey.objects.get().body == "hunter2"
    settings.SECRETS_KEYS = [old]
    with pytest.raises(UnreadableSecretError, match="SECRETS_KEYS"):
        IdempotencyKey.objects.get()


def test_a_link_is_good_for_its_purpose_and_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    token = links.sign("acknowledge", "page:7", 60)
    assert links.read("acknowledge", token) == "page:7"
    with pytest.raises(NotFound):
        links.read("unsubscribe", token)
    with pytest.raises(NotFound):
        links.read("acknowledge", token[:-1] + ("A" if token[-1] != "A" else "B"))
    later = time.time() + 61
    monkeypatch.setattr(time, "time", lambda: later)
    with pytest.raises(LinkExpired):
        links.read("acknowledge", token)


@pytest.mark.django_db
def test_the_ticket_is_for_people_who_signed_in(client: Client) -> None:
    assert client.get("/live/ticket").status_code == 302
    ada = Person.objects.create_user("ada@harbor.example", None, name="Ada")
    client.force_login(ada, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = client.get("/live/ticket?subject=settings&subject=incidents")
    url = answer.json()["url"]
    query = parse_qs(urlsplit(url).query)
    assert url.startswith(live_settings.STREAM_URL)
    assert query["subject"] == ["settings", "incidents"]
    said = TimestampSigner(salt=TICKET_SALT).unsign(query["ticket"][0], max_age=5)
    assert said == f"{ada.pk} {for_these(['settings', 'incidents'])}"
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db(transaction=True)
def test_screens_hear_of_a_change_after_its_commit_and_never_of_one_undone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_announcer", None)
    with psycopg.connect(live_settings.LISTEN_DATABASE_URL, autocommit=True) as listener:
        listener.execute(f"LISTEN {CHANNEL}")
        with transaction.atomic():
            live.changed("incident:1", "incidents")
            live.changed("incident:1")
            assert not list(listener.notifies(timeout=0.2)), "nothing before the commit"
        with transaction.atomic():
            live.changed("incident:undone")
            transaction.set_rollback(True)
        heard = [*listener.notifies(timeout=10.0, stop_after=2), *listener.notifies(timeout=0.3)]
    notes = [json.loads(note.payload) for note in heard]
    assert sorted(note["subject"] for note in notes) == ["incident:1", "incidents"], "once each"


def test_a_lost_database_neither_stops_the_caller_nor_the_sender() -> None:
    announcer = live.Announcer(dsn="postgresql://nobody@127.0.0.1:9/none")
    begin = time.monotonic()
    for number in range(1000):
        announcer.announce([f"incident:{number}"])
    assert time.monotonic() - begin < 0.5
    assert announcer._thread is not None
    time.sleep(0.3)
    assert announcer._thread.is_alive()
    announcer._dsn = live_settings.LISTEN_DATABASE_URL
    heard = threading.Event()
    with psycopg.connect(live_settings.LISTEN_DATABASE_URL, autocommit=True) as listener:
        listener.execute(f"LISTEN {CHANNEL}")
        for note in listener.notifies(timeout=10.0, stop_after=1000):
            if json.loads(note.payload)["subject"] == "incident:999":
                heard.set()
    assert heard.is_set(), "what waited is sent when the database is back"

"""What was backed up comes back whole, or nothing changes; the ledger vouches for it."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from cryptography.fernet import Fernet
from django.contrib.sessions.models import Session
from django.core.management import CommandError
from django.db import connection, transaction
from psycopg import sql
from pytest_django import Settings

from engine.duties import run_once
from incidents.models import Incident
from incidents.operations.add_note import add_note
from ledger.operations.append import append
from ledger.operations.restart_anchors import SUBJECT
from ledger.operations.verify import verify
from ledger.queries import entries
from notifications.models import Delivery, Page
from notifications.operations.acknowledge import acknowledge
from people.models import Person
from tests.backup.conftest import (
    anchor_everything,
    back_up,
    behind_the_triggers,
    content,
    lose_everything,
    packed,
    restore,
)
from tests.builders import NOW, by, make_page, make_person
from tests.incidents.builders import make_company, make_incident
from tests.servers import ROOT


def live_a_night() -> Incident:
    """Declare, call, answer, write down; leave a page open."""
    company = make_company()
    incident = make_incident(declared_by=company.otto)
    run_once("pages", now=NOW)
    page = Page.objects.filter(subject=incident.subject).earliest("started_at")
    person = page.responders_called.select_related("person").first()
    assert person is not None
    with transaction.atomic():
        acknowledge(
            page_id=page.pk, person=person.person, by=by(person.person), now=NOW + timedelta(seconds=5), via="web"
        )
        add_note(incident_id=incident.pk, text="Zugang gesperrt:\t\\N «ruhig»\n", by=by(company.otto), now=NOW)
    anchor_everything()
    return incident


def test_a_wrecked_database_is_restored_and_the_night_goes_on(file: Path, settings: Settings) -> None:
    incident = live_a_night()
    before = content()
    back_up(file)
    behind_the_triggers(
        f"DELETE FROM ledger_entry WHERE subject = '{incident.subject}' AND seq > 2",  # noqa: S608
        "UPDATE incidents_incident SET title = 'Nothing happened'",
        "DELETE FROM notifications_contactrule",
        "DELETE FROM notifications_attempt",
        "DELETE FROM notifications_delivery",
    )
    assert verify(anchors=[settings.LEDGER_ANCHOR_DIR]).broken is not None

    said = restore(file, "--force")

    assert "The ledger is whole" in said
    assert content() == before
    assert verify(anchors=[settings.LEDGER_ANCHOR_DIR]).broken is None
    assert entries(SUBJECT)[0].verb == "ledger.restored"
    # Numbers are given out where the backup stopped, guards stand again, and pages go on.
    known = set(Delivery.objects.values_list("pk", flat=True))
    again = make_incident("The next one", now=NOW + timedelta(hours=1))
    run_once("pages", now=NOW + timedelta(hours=1))
    assert again.number > incident.number
    assert set(Delivery.objects.values_list("pk", flat=True)) > known
    with pytest.raises(psycopg.Error, match="append-only"), connection.cursor() as cursor:
        cursor.connection.execute("DELETE FROM ledger_entry")
    anchor_everything()
    assert verify(anchors=[settings.LEDGER_ANCHOR_DIR]).broken is None


def test_a_new_machine_gets_the_anchors_too_and_they_fit(file: Path, settings: Settings, tmp_path: Path) -> None:
    live_a_night()
    back_up(file)
    lose_everything()
    settings.LEDGER_ANCHOR_DIR = tmp_path / "elsewhere"

    said = restore(file)

    assert "begun anew" not in said
    result = verify(anchors=[settings.LEDGER_ANCHOR_DIR])
    assert (result.broken, result.anchors > 0) == (None, True)
    assert [entry.verb for entry in entries(SUBJECT)] == ["ledger.restored"]


def test_anchors_that_tell_of_more_than_the_backup_are_kept_and_begun_anew(file: Path, settings: Settings) -> None:
    live_a_night()
    back_up(file)
    lost = make_incident("Declared after the backup")
    anchor_everything()

    said = restore(file, "--force")

    assert "the entry is missing" in said
    kept = list(settings.LEDGER_ANCHOR_DIR.glob("until-*/heads-*.jsonl"))
    assert lost.subject in kept[0].read_text()
    told = entries(SUBJECT)
    assert [entry.verb for entry in told] == ["ledger.restored", "ledger.anchors_restarted"]
    assert told[1].personal_text.startswith("Restored the backup muster.backup of ")
    assert verify(anchors=[settings.LEDGER_ANCHOR_DIR]).broken is None


def test_anchors_of_another_installation_stay_and_those_of_the_backup_lie_beneath(
    file: Path, settings: Settings, tmp_path: Path
) -> None:
    live_a_night()
    back_up(file)
    lose_everything()
    settings.LEDGER_ANCHOR_DIR = tmp_path / "elsewhere"
    with transaction.atomic():
        append(subject="incident:of-the-other", verb="noted", by=by(make_person("Sam")), now=NOW)
    anchor_everything()

    assert "begun anew" in restore(file, "--force")

    folder = settings.LEDGER_ANCHOR_DIR
    assert "of-the-other" in "".join(each.read_text() for each in folder.glob("until-*/heads-*.jsonl"))
    assert list(folder.glob("of-backup-*/heads-*.jsonl"))
    assert verify(anchors=[folder]).broken is None


def test_a_ledger_that_was_broken_when_it_was_backed_up_is_named(file: Path) -> None:
    incident = live_a_night()
    behind_the_triggers(f"UPDATE ledger_entry SET verb = 'x' WHERE subject = '{incident.subject}' AND seq = 2")  # noqa: S608
    back_up(file)
    with pytest.raises(SystemExit) as ended:
        restore(file, "--force")
    assert ended.value.code == 1


class TestNothingChanges:
    @pytest.fixture(autouse=True)
    def _unchanged(self, file: Path) -> Iterator[None]:
        live_a_night()
        back_up(file)
        before = content()
        yield
        assert content() == before
        assert entries(SUBJECT) == []

    def test_over_people_without_force(self, file: Path) -> None:
        with pytest.raises(CommandError, match="There are people in this database"):
            restore(file)

    def test_by_a_file_that_was_cut_off(self, file: Path) -> None:
        whole = file.read_bytes()
        for length in (0, 20, len(whole) // 2, len(whole) - 1):
            file.write_bytes(whole[:length])
            with pytest.raises(CommandError, match="damaged, cut off"):
                restore(file, "--force")

    def test_by_a_file_in_which_a_byte_was_changed(self, file: Path) -> None:
        whole = bytearray(file.read_bytes())
        whole[len(whole) // 2] ^= 1
        file.write_bytes(whole)
        with pytest.raises(CommandError, match="Nothing was restored"):
            restore(file, "--force")

    def test_by_something_else(self, file: Path) -> None:
        file.write_bytes(b"-- PostgreSQL database dump")
        with pytest.raises(CommandError, match="no backup of Muster"):
            restore(file, "--force")
        with pytest.raises(CommandError, match="There is no file"):
            restore(file.with_name("missing"), "--force")

    def test_while_somebody_else_is_connected(self, file: Path) -> None:
        with (
            psycopg.connect(**connection.get_connection_params() | {"context": None}),
            pytest.raises(CommandError, match="1 other sessions use this database"),
        ):
            restore(file, "--force")


def test_a_backup_of_another_schema_is_refused(file: Path) -> None:
    make_person("Ada")
    back_up(file)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('people', '9999_later', now())")
        try:
            with pytest.raises(CommandError, match=r"people\.9999_later only here"):
                restore(file, "--force")
        finally:
            cursor.execute("DELETE FROM django_migrations WHERE name = '9999_later'")


def test_without_the_keys_only_by_force(file: Path, settings: Settings) -> None:
    make_person("Ada")
    back_up(file)
    lose_everything()
    settings.SECRETS_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(CommandError, match="SECRETS_KEYS"):
        restore(file)
    restore(file, "--force")
    assert Person.objects.get().name == "Ada"


def test_sessions_are_not_in_it_and_end_by_it(file: Path) -> None:
    Session.objects.create(session_key="stolen", session_data="", expire_date=NOW)
    assert b"stolen" not in packed()
    back_up(file)
    restore(file, "--force")
    assert not Session.objects.exists()


def test_numbers_that_were_given_out_after_the_backup_are_not_given_out_again(file: Path) -> None:
    make_page(make_person("Otto"))
    run_once("pages", now=NOW)
    back_up(file)
    make_page(make_person("Olga"))
    run_once("pages", now=NOW)
    highest = Delivery.objects.latest("pk").pk
    restore(file, "--force")
    make_page(make_person("Max"))
    run_once("pages", now=NOW)
    assert Delivery.objects.earliest("pk").pk < highest < Delivery.objects.latest("pk").pk


def test_the_owner_of_the_tables_restores_elsewhere_without_being_superuser(file: Path, tmp_path: Path) -> None:
    live_a_night()
    before = content()
    back_up(file)
    role = f"owner_{secrets.token_hex(4)}"
    with connection.cursor() as cursor:
        for statement in ("CREATE ROLE {} LOGIN PASSWORD 'x'", "CREATE DATABASE {} OWNER {}"):
            names = [sql.Identifier(role)] * statement.count("{}")
            cursor.execute(sql.SQL(statement).format(*names).as_string(cursor.connection))
    parameters = connection.get_connection_params()
    given = {name: str(parameters[name]) for name in ("host", "port") if parameters.get(name)}
    url = psycopg.conninfo.make_conninfo("", dbname=role, user=role, password="x", **given)
    try:
        assert _manage(url, tmp_path, "migrate", "--verbosity", "0") == ""
        assert "The ledger is whole" in _manage(url, tmp_path, "restore", str(file))
        with psycopg.connect(url) as there:
            for table, rows in before.items():
                query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
                found = there.execute(query).fetchone()
                # The ledger there tells of the restore.
                more = 1 if table in ("ledger_entry", "ledger_head") else 0
                assert found == (len(rows) + more,), table
    finally:
        with connection.cursor() as cursor:
            for statement in ("DROP DATABASE IF EXISTS {} WITH (FORCE)", "DROP ROLE {}"):
                cursor.execute(sql.SQL(statement).format(sql.Identifier(role)).as_string(cursor.connection))


def _manage(conninfo: str, folder: Path, *words: str) -> str:
    parts = psycopg.conninfo.conninfo_to_dict(conninfo)
    query = "&".join(f"{name}={parts[name]}" for name in ("host", "port") if name in parts)
    url = f"postgresql://{parts['user']}:{parts['password']}@/{parts['dbname']}?{query}"
    env = {**os.environ, "DATABASE_URL": url, "LEDGER_ANCHOR_DIR": str(folder / "there")}
    done = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *words], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout

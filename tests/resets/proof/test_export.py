"""What became of each account, as a file: every account once, nothing secret, and a digest that can be checked."""

from __future__ import annotations

import csv
import io
import json
from hashlib import sha256

import pytest
from django.db import transaction

from ledger.actor import Actor
from ledger.models import Entry
from resets.backends.base import Miss
from resets.models import Account, Reset, Return
from resets.operations.abort import abort
from resets.proof import outcomes
from resets.proof.conclude import conclude
from resets.proof.export import digest, export
from resets.proof.report import report
from tests.builders import NOW
from tests.resets.engine import memory
from tests.resets.engine.builders import ask, counts, done, make_reset, work

pytestmark = pytest.mark.django_db(transaction=True)


def _export(reset: Reset, form: str) -> bytes:
    return b"".join(export(reset=reset, form=form, by=Actor.system(), clock=lambda: NOW))


@pytest.fixture(params=[7, 5_000], ids=["small-blocks", "one-block"])
def reset(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Reset:
    """A reset with every kind of outcome; read in blocks that cut through chunks, and in one."""
    monkeypatch.setattr(outcomes, "BLOCK", request.param)
    made = make_reset(sizes=(4, 10, 10, 30, 46), wave_limit={"percent": 50}, total_limit={"percent": 50})
    memory.HELD.misses["w1u00003"] = Miss("w1u00003", "no_such_user", "=cmd|' /C calc'!A0")
    memory.HELD.own_password.add("w2u00004")
    done(made, "disable")
    ask(made, "lock", through=1)
    work()
    Return.objects.create(account=Account.objects.get(reset=made, login="w4u00005"), at=NOW, via="self_set")
    return made


def test_every_account_is_there_once_with_its_outcome(reset: Reset) -> None:
    rows = [json.loads(line) for line in _export(reset, "jsonl").splitlines()]
    logins = [row["login"] for row in rows]
    assert logins == list(Account.objects.filter(reset=reset).order_by("position").values_list("login", flat=True))
    by_login = {row["login"]: row for row in rows}
    disabled = {login: row["phases"]["disable"]["outcome"] for login, row in by_login.items()}
    assert disabled.pop("w1u00003") == "missed"
    assert disabled.pop("w2u00004") == "skipped"
    assert set(disabled.values()) == {"done"}
    assert by_login["w1u00003"]["phases"]["disable"]["code"] == "no_such_user"
    assert {row["phases"]["lock"]["outcome"] for row in rows if row["wave"] > 1} == {"waiting"}
    assert {row["phases"]["lock"]["outcome"] for row in rows if row["wave"] == 0} == {"done"}
    assert by_login["w4u00005"]["returned"]["via"] == "self_set"


def test_the_table_says_the_same_and_holds_no_formula(reset: Reset) -> None:
    Account.objects.filter(reset=reset, login="w4u00000").update(login="=HYPERLINK(1)", customer="+49")
    text = _export(reset, "csv").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == reset.count
    odd = next(row for row in rows if "HYPERLINK" in row["login"])
    assert (odd["login"], odd["customer"]) == ("'=HYPERLINK(1)", "'+49")
    assert {row["disable"] for row in rows} == {"done", "missed", "skipped"}
    assert "calc" not in text


def test_the_same_state_gives_the_same_bytes_and_the_ledger_knows_them(reset: Reset) -> None:
    first, second = _export(reset, "jsonl"), _export(reset, "jsonl")
    assert first == second
    entry = Entry.objects.filter(subject=reset.subject, verb="reset.exported").first()
    assert entry is not None
    assert entry.payload["sha256"] == sha256(first).hexdigest() == digest(reset, form="jsonl")
    assert entry.payload["bytes"] == len(first)


def test_a_file_that_is_given_up_is_not_recorded(reset: Reset) -> None:
    pieces = export(reset=reset, form="csv", by=Actor.system(), clock=lambda: NOW)
    next(pieces)
    del pieces
    assert not Entry.objects.filter(verb="reset.exported").exists()


def test_the_report_counts_what_was_done_and_nothing_else(reset: Reset) -> None:
    facts = report(reset)
    disable, lock = facts.phases
    for phase, told in ((disable, "disable"), (lock, "lock")):
        sums = counts(reset.phases.get(name=told))
        assert (phase.applied, phase.skipped, phase.missed) == (sums["applied"], sums["skipped"], sums["missed"])
        assert phase.applied + phase.unchanged + phase.skipped + phase.missed + phase.left == phase.accounts == 100
    assert (disable.applied, disable.missed, disable.left) == (98, 1, 0)
    assert lock.left == 86
    causes = {(cause.phase, cause.code): cause.accounts for cause in facts.causes}
    assert causes["disable", "no_such_user"] == 1
    assert (facts.returned, facts.stragglers) == (1, 99)
    assert facts.waves == (4, 10, 10, 30, 46)
    assert sum(system.accounts for system in facts.systems) == 100


def test_a_report_is_kept_as_it_was_made(reset: Reset) -> None:
    with transaction.atomic():
        abort(reset=reset, by=Actor.system(), now=NOW, reason="Enough")
    row = conclude(reset=reset, by=Actor.system(), now=NOW)
    assert row.facts["state"] == "aborted"
    assert row.outcomes_sha256 == digest(reset, form="jsonl")
    text = json.dumps(row.facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert row.fingerprint == sha256(text.encode()).hexdigest()
    assert Entry.objects.get(subject=reset.subject, verb="reset.reported").payload["fingerprint"] == row.fingerprint

"""What the ledger says of plans, runs, inventories and secrets reads as sentences."""

from __future__ import annotations

import re
from datetime import time
from pathlib import Path

import pytest
from django.test import Client

from eap.operations.starts.by_schedule import save_schedule
from eap.operations.starts.by_webhook import issue_hook
from eap.sentences import SAYINGS
from people.models import Role
from tests.builders import by, make_person
from tests.eap.runs.builders import do, make_version, step

EAP = Path(__file__).resolve().parents[2] / "eap"
VERBS = re.compile(r'"((?:plan|run|inventory|secret)\.[a-z_]+)"')


def test_every_verb_that_is_written_has_a_sentence_and_every_sentence_a_verb() -> None:
    files = (EAP / "operations").rglob("*.py")
    assert {verb for file in files for verb in VERBS.findall(file.read_text())} == set(SAYINGS)


@pytest.mark.django_db
def test_the_chain_of_a_plan_reads_as_sentences() -> None:
    ada, version = make_person("Ada", role=Role.AUDITOR), make_version([step("look")])
    do(save_schedule, plan=version.plan, every="week", weekday=0, at=time(9), by=by(ada))
    do(issue_hook, plan=version.plan, name="Deploys", by=by(ada))
    client = Client()
    client.force_login(ada)
    page = client.get("/ledger/", {"subject": version.plan.subject}).content.decode()
    assert "Ada had it start every week at 09:00 (UTC), as a drill" in page
    assert "Ada made an address by which “Deploys” starts it" in page

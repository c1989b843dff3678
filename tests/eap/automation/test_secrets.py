"""Secrets: where they are kept, who sees them, and that nobody finds one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from backup.database import columns_by_table, rows_out
from eap.actions.base import Trouble
from eap.models import Secret
from eap.operations.automation.save_secret import remove_secret, save_secret
from eap.secret_store import value_of
from ledger.actor import Actor
from tests.builders import NOW, make_person
from web.errors import BadInput

VALUE = "planted-Secret-9f3b1c"


def save(**given: Any) -> Secret:
    with transaction.atomic():
        return save_secret(**{"kind": "stored", "by": Actor.system(), "now": NOW, **given})


@pytest.mark.django_db
def test_a_stored_secret_is_encrypted_and_read_back() -> None:
    save(name="deploy_key", value=VALUE)
    assert value_of("deploy_key") == VALUE
    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM eap_secret")
        assert VALUE not in cursor.fetchone()[0]
    save(name="deploy_key", value="", purpose="Web servers")
    assert value_of("deploy_key") == VALUE, "an empty value keeps the stored one"
    with transaction.atomic():
        remove_secret(name="deploy_key", by=Actor.system(), now=NOW)
    with pytest.raises(Trouble, match="There is no secret deploy_key"):
        value_of("deploy_key")


@pytest.mark.django_db
def test_references_to_files_and_the_environment(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ACTION_SECRETS_DIR = tmp_path
    (tmp_path / "panel").write_text(VALUE + "\n")
    save(name="panel", kind="file", reference="panel")
    (tmp_path / "panel").chmod(0o644)
    with pytest.raises(Trouble, match="chmod 600"):
        value_of("panel")
    (tmp_path / "panel").chmod(0o600)
    assert value_of("panel") == VALUE
    save(name="token", kind="environment", reference="MUSTER_SECRET_TOKEN")
    with pytest.raises(Trouble, match="is not set"):
        value_of("token")
    monkeypatch.setenv("MUSTER_SECRET_TOKEN", VALUE)
    assert value_of("token") == VALUE


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": "Deploy-Key", "value": VALUE}, "name"),
        ({"name": "a", "value": "short"}, "value"),
        ({"name": "a", "kind": "file", "reference": "../../etc/shadow"}, "reference"),
        ({"name": "a", "kind": "environment", "reference": "SECRET_KEY"}, "reference"),
        ({"name": "a", "kind": "other"}, "kind"),
    ],
)
def test_what_can_not_be_a_secret_is_refused(given: dict[str, str], field: str) -> None:
    with pytest.raises(BadInput) as caught:
        save(**given)
    assert field in caught.value.errors
    assert not Secret.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_no_value_is_found_on_any_screen_or_in_any_table() -> None:
    browser = Client()
    browser.force_login(make_person("Alma"))
    answer = browser.post(reverse("secret_add"), {"name": "panel", "kind": "stored", "value": VALUE})
    assert answer.status_code == 302
    refused = browser.post(reverse("secret_add"), {"name": "Bad Name", "kind": "stored", "value": VALUE})
    assert refused.status_code == 422
    for address in (reverse("secrets"), reverse("secret_edit", args=["panel"]), reverse("ledger")):
        assert VALUE not in browser.get(address).content.decode()
    with transaction.atomic(), connection.cursor() as cursor:
        tables = columns_by_table(cursor)
        assert "eap_secret" in tables
        for table, columns in tables.items():
            assert VALUE.encode() not in b"".join(rows_out(cursor, table, columns)), table

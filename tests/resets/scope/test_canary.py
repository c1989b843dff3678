"""How many accounts may go first: nobody opens a gate for them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import transaction

from eap.actions.base import Trouble
from ledger.actor import Actor
from resets.models import Account, Reset
from resets.operations.freeze import freeze
from resets.rules.canary import MOST, by_chance, too_many
from tests.builders import NOW
from tests.resets.scope.listed import Listed, logins, make_draft, make_system, opened
from web.errors import BadInput

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("accounts", "few"), [(1, 1), (9, 1), (29, 2), (50, 5), (1_000_000, 5)])
def test_how_many_go_by_chance(accounts: int, few: int) -> None:
    assert by_chance(accounts) == few


def test_the_limit_is_named() -> None:
    assert too_many("FTP", MOST) == ""
    assert "1,000 accounts of FTP" in too_many("FTP", 1000)


def _freeze(reset: Reset, behind: dict[str, Listed]) -> Reset:
    return freeze(reset_id=reset.pk, by=Actor.system(), clock=lambda: NOW, opened=opened(behind))


def test_one_name_on_many_hosts_does_not_go_first_everywhere() -> None:
    reset = make_draft(make_system(), make_system("shell"), selection={"canary": ["user"]})
    many = [replace(each, login="user", shard=f"web{number}") for number, each in enumerate(logins(MOST + 1))]
    few = Listed(logins(3))
    with pytest.raises(Trouble, match=f"{MOST + 1} accounts of FTP"):
        _freeze(reset, {"ftp": Listed(many), "shell": few})
    reset.refresh_from_db()
    assert (reset.state, reset.frozen_at) == ("draft", None)
    assert not Account.objects.exists()
    _freeze(reset, {"ftp": Listed(many[:MOST]), "shell": few})
    assert Account.objects.filter(reset=reset, wave=0).count() == MOST + 1


def test_too_many_names_are_refused_at_once() -> None:
    names = [f"user{number}" for number in range(MOST + 1)]
    with transaction.atomic(), pytest.raises(BadInput) as refused:
        make_draft(selection={"canary": names})
    assert set(refused.value.errors) == {"selection.canary"}
    make_draft(make_system("a"), make_system("b"), selection={"canary": names})

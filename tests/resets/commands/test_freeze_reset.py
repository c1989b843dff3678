"""Freezing a reset that no plan drives, from the command line."""

from __future__ import annotations

import io
from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from eap.actions.base import Trouble
from ledger.queries import entries
from people.models import Role
from resets.backends.base import Backend, Found, Selection, Settings
from resets.backends.registry import PLACES
from resets.models import Reset
from tests.builders import make_person
from tests.resets.scope.listed import make_draft, make_system

pytestmark = pytest.mark.django_db(transaction=True)


class ThreeSettings(Settings):
    """`away`: it does not answer."""

    away: bool = False


class Three(Backend[ThreeSettings]):
    """Holds three accounts."""

    kind = "three"
    title = "Three"
    settings = ThreeSettings
    chunk_size = 10

    def find(self, selection: Selection) -> Iterator[Found]:
        """Return the three."""
        assert selection.hosts == ()
        if self.given.away:
            raise Trouble("It refuses connections.")
        yield from (Found(login=login) for login in ("ann", "bob", "cyd"))


def draft(*, away: bool = False) -> Reset:
    system = make_system(settings={"away": away})
    system.kind = "three"
    system.save()
    return make_draft(system)


@pytest.fixture(autouse=True)
def _three(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PLACES, "three", f"{__name__}:Three")


def test_it_reads_the_systems_and_says_how_many() -> None:
    reset, out = draft(), io.StringIO()
    otto = make_person("Otto", role=Role.RESPONDER)
    call_command("freeze_reset", str(reset.pk), email=otto.email, stdout=out)
    reset.refresh_from_db()
    assert (reset.state, reset.count) == ("frozen", 3)
    assert out.getvalue().splitlines()[-1] == f"3 accounts are in scope. SHA-256 {reset.digest}"
    entry = entries(reset.subject)[-1]
    assert (entry.verb, entry.actor_name, entry.actor_via) == ("reset.frozen", "Otto", "cli")
    call_command("freeze_reset", str(reset.pk), stdout=out)
    assert entries(reset.subject)[-1] == entry, "frozen already, nothing changes"


def test_a_system_that_does_not_answer_leaves_a_draft() -> None:
    reset = draft(away=True)
    with pytest.raises(CommandError, match="It refuses connections"):
        call_command("freeze_reset", str(reset.pk), stdout=io.StringIO())
    reset.refresh_from_db()
    assert reset.state == "draft"


def test_who_may_not_is_told_so() -> None:
    reset = draft()
    leo = make_person("Leo", role=Role.OBSERVER)
    for email, said in ((leo.email, "may not steer resets"), ("nobody@muster.example", "Nobody with")):
        with pytest.raises(CommandError, match=said):
            call_command("freeze_reset", str(reset.pk), email=email, stdout=io.StringIO())
    with pytest.raises(CommandError, match="no such reset"):
        call_command("freeze_reset", str(uuid4()), stdout=io.StringIO())

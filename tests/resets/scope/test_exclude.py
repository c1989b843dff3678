"""The list of accounts that are left alone: reasons, a second person, and no change behind anybody's back."""

from __future__ import annotations

import pytest
from django.db import transaction

from ledger.actor import Actor
from ledger.models import Entry
from people.actors import actor_for
from people.models import Person
from resets.models import Exclusion, Reset, System
from resets.operations.exclude import Spared, approve_exclusions, digest_of, exclude, include
from tests.builders import NOW, make_person
from tests.resets.scope.listed import make_draft, make_system
from web.errors import BadInput, IllegalMove, NotAllowed, NotFound

pytestmark = pytest.mark.django_db


@pytest.fixture
def system() -> System:
    return make_system()


@pytest.fixture
def reset(system: System) -> Reset:
    return make_draft(system)


@pytest.fixture
def otto() -> Person:
    return make_person("Otto")


def _list(reset: Reset, system: System, who: Person, *logins: str, reason: str = "break-glass") -> None:
    spared = [Spared(system=system, login=login, reason=reason) for login in logins]
    with transaction.atomic():
        exclude(reset_id=reset.pk, spared=spared, by=actor_for(who, via="web"), now=NOW)


def _digest(reset: Reset) -> str:
    return digest_of(reset.exclusions.select_related("system"))


def _approve(reset: Reset, who: Person | None, digest: str = "") -> int:
    by = actor_for(who, via="web") if who else Actor.system()
    with transaction.atomic():
        return approve_exclusions(reset_id=reset.pk, digest=digest or _digest(reset), by=by, now=NOW)


def test_another_person_approves_the_list(reset: Reset, system: System, otto: Person) -> None:
    _list(reset, system, otto, "root", "monitoring")
    assert _approve(reset, make_person("Mia")) == 2
    row = Exclusion.objects.get(login="root")
    assert (row.reason, row.added_by, row.added_by_name) == ("break-glass", otto, "Otto")
    assert row.approved_by is not None
    assert row.approved_by.name == "Mia"
    verbs = list(Entry.objects.filter(subject=reset.subject).order_by("seq").values_list("verb", flat=True))
    assert verbs == ["reset.created", "reset.excluded", "reset.exclusions_approved"]


def test_nobody_approves_what_they_wrote_and_no_machine_does(reset: Reset, system: System, otto: Person) -> None:
    mia = make_person("Mia")
    _list(reset, system, otto, "root")
    _list(reset, system, mia, "monitoring")
    for who in (otto, mia, None):
        with pytest.raises(NotAllowed):
            _approve(reset, who)
    assert _approve(reset, make_person("Max")) == 2


def test_a_list_that_changed_meanwhile_is_not_approved_unseen(reset: Reset, system: System, otto: Person) -> None:
    _list(reset, system, otto, "root")
    seen = _digest(reset)
    _list(reset, system, otto, "intruder", reason="please")
    with pytest.raises(IllegalMove, match="changed"):
        _approve(reset, make_person("Mia"), digest=seen)


def test_an_account_that_is_put_there_again_waits_for_approval_again(
    reset: Reset, system: System, otto: Person
) -> None:
    mia = make_person("Mia")
    _list(reset, system, otto, "root")
    _approve(reset, mia)
    _list(reset, system, otto, "root", reason="another reason")
    row = Exclusion.objects.get()
    assert (row.reason, row.approved_by, row.approved_at) == ("another reason", None, None)


def test_an_account_is_taken_off_once(reset: Reset, system: System, otto: Person) -> None:
    _list(reset, system, otto, "root", "other")
    row = Exclusion.objects.get(login="other")
    for _ in range(2):
        with transaction.atomic():
            include(reset_id=reset.pk, exclusion_id=row.pk, by=actor_for(otto, via="web"), now=NOW)
    assert list(Exclusion.objects.values_list("login", flat=True)) == ["root"]
    assert Entry.objects.filter(verb="reset.included").count() == 1


def test_the_list_is_frozen_with_the_accounts(reset: Reset, system: System, otto: Person) -> None:
    Reset.objects.filter(pk=reset.pk).update(state="frozen", frozen_at=NOW)
    with pytest.raises(IllegalMove, match="frozen"):
        _list(reset, system, otto, "root")
    with pytest.raises(IllegalMove, match="frozen"):
        _approve(reset, make_person("Mia"), digest="x")


def test_a_list_that_lost_an_account_is_approved_again(reset: Reset, system: System, otto: Person) -> None:
    _list(reset, system, otto, "root", "monitoring")
    _approve(reset, make_person("Mia"))
    row = Exclusion.objects.get(login="monitoring")
    with transaction.atomic():
        include(reset_id=reset.pk, exclusion_id=row.pk, by=actor_for(otto, via="web"), now=NOW)
    left = Exclusion.objects.get()
    assert (left.login, left.approved_by, left.approved_at) == ("root", None, None)


@pytest.mark.parametrize(
    ("login", "reason", "field"),
    [("", "break-glass", "login"), ("a\x00", "break-glass", "login"), ("x" * 255, "break-glass", "login"),
     ("root", "", "reason"), ("root", "x" * 301, "reason")],
)  # fmt: skip
def test_each_needs_a_login_and_a_reason(
    reset: Reset, system: System, otto: Person, login: str, reason: str, field: str
) -> None:
    with pytest.raises(BadInput) as refused:
        _list(reset, system, otto, login, reason=reason)
    assert field in refused.value.errors


def test_a_system_that_is_not_covered_an_empty_list_and_no_reset(reset: Reset, system: System, otto: Person) -> None:
    with pytest.raises(BadInput, match="not covered"):
        _list(reset, make_system("other"), otto, "root")
    with pytest.raises(IllegalMove, match="empty"):
        _approve(reset, make_person("Mia"))
    reset.delete()
    with pytest.raises(NotFound):
        _list(reset, system, otto, "root")

"""What every backend promises, as tests: inherit, give a `system` fixture, and all of them run against it.

    class TestLdap(BackendContract):
        @pytest.fixture
        def system(self, slapd) -> Iterator[UnderTest]: ...

A test whose ability the backend does not declare is skipped; `knows` says what else a kind can tell.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Final

import pytest
from passlib.hash import sha512_crypt
from pydantic import ValidationError

from eap.actions.base import Trouble
from resets.backends.base import Ability, Backend, Done, Guard, Selection, Surroundings

CUTOFF: Final = datetime(2024, 5, 20, 12, tzinfo=UTC)
BEFORE: Final = CUTOFF - timedelta(days=90)
AFTER: Final = CUTOFF + timedelta(hours=1)
FIRST: Final = Guard(generation=7, cutoff=CUTOFF)
NEXT: Final = Guard(generation=8, cutoff=CUTOFF)
OLD: Final = "stolen old secret"
NEW: Final = "Kettle-Harbour-93-lamp"


def ready_hash(password: str) -> str:
    """Return a hash as the engine hands it over, cheaper."""
    return str(sha512_crypt.using(rounds=1_000).hash(password))


def surroundings(*, secrets: dict[str, str] | None = None, stopped: Callable[[], bool] = bool) -> Surroundings:
    """Return what a backend is given, with these secrets by name."""
    return Surroundings(secret=(secrets or {}).__getitem__, say=lambda _line: None, stopped=stopped, timeout_s=20)


class UnderTest(ABC):
    """The test's own hands on a system that holds accounts, past the backend."""

    shard: str = ""
    knows: ClassVar[frozenset[str]] = frozenset({"set_at", "generation", "suspended"})
    """set_at: when each password was set. generation: which reset has had an account. suspended: who was kept out by
    somebody else before."""

    @abstractmethod
    def backend(self) -> Backend[Any]:
        """Return a new backend for the system."""

    @abstractmethod
    def add(self, login: str, *, password: str = OLD, set_at: datetime = BEFORE, kept_out: bool = False) -> None:
        """Make an account."""

    @abstractmethod
    def remove(self, login: str) -> None:
        """Take an account away."""

    @abstractmethod
    def signs_in(self, login: str, password: str) -> bool:
        """Return whether the system itself lets somebody in."""

    @abstractmethod
    def owner_sets(self, login: str, password: str, *, at: datetime) -> None:
        """Let the owner change the password past us, as a panel does."""


Operation = Callable[[Sequence[str], Guard], Done]


class BackendContract:
    """The tests. `system` is a system without accounts."""

    @pytest.fixture
    def backend(self, system: UnderTest) -> Iterator[Backend[Any]]:
        with closing(system.backend()) as backend:
            yield backend

    def call(self, backend: Backend[Any], system: UnderTest, name: Ability) -> Operation:
        """Return an operation by its name, with the same fresh hash for each account where it wants hashes."""
        needs(backend, name)
        if name == "rotate":
            return lambda logins, guard: backend.rotate(
                system.shard, [(login, ready_hash(f"{NEW} {login}")) for login in logins], guard=guard
            )
        operation = getattr(backend, name)
        return lambda logins, guard: operation(system.shard, logins, guard=guard)

    def test_it_declares_what_it_is(self, backend: Backend[Any]) -> None:
        assert backend.kind
        assert backend.title
        assert backend.abilities
        assert 1 <= backend.chunk_size <= 5_000
        with pytest.raises(ValidationError):
            backend.settings.model_validate({"nobody_knows": 1})

    def test_it_finds_those_whose_password_was_set_before_the_cutoff(
        self, backend: Backend[Any], system: UnderTest
    ) -> None:
        knows(system, "set_at")
        system.add("ada")
        system.add("bob", set_at=CUTOFF - timedelta(seconds=5))
        system.add("cyd", set_at=AFTER)
        found = {each.login: each for each in backend.find(Selection(set_before=CUTOFF))}
        assert set(found) == {"ada", "bob"}
        assert found["ada"].set_at is not None
        # Some systems keep days.
        assert abs(found["ada"].set_at - BEFORE) <= timedelta(days=1)
        assert {each.shard for each in found.values()} == {system.shard}

    def test_it_narrows_by_login(self, backend: Backend[Any], system: UnderTest) -> None:
        for login in ("ada", "bob", "cyd"):
            system.add(login)
        found = backend.find(Selection(set_before=CUTOFF, logins=("bob", "cyd", "nobody")))
        assert sorted(each.login for each in found) == ["bob", "cyd"]

    def test_it_counts_what_it_finds(self, backend: Backend[Any], system: UnderTest) -> None:
        for login in ("ada", "bob", "cyd"):
            system.add(login)
        assert backend.count(Selection(set_before=CUTOFF)) == {system.shard: 3}

    def test_it_refuses_to_choose_by_what_it_does_not_know(self, backend: Backend[Any], system: UnderTest) -> None:
        """Either it narrows to nobody, or it says that it can't; never everybody."""
        system.add("ada")
        for selection in (
            Selection(set_before=CUTOFF, hosts=("elsewhere",)),
            Selection(set_before=CUTOFF, groups=("no such group",)),
            Selection(set_before=CUTOFF, plans=("no such plan",)),
        ):
            try:
                found = list(backend.find(selection))
            except Trouble:
                continue
            assert found == []

    def test_disable_keeps_out_and_enable_lets_in_again(self, backend: Backend[Any], system: UnderTest) -> None:
        disable, enable = self.call(backend, system, "disable"), self.call(backend, system, "enable")
        system.add("ada")
        system.add("bob")
        assert system.signs_in("ada", OLD)
        assert disable(["ada"], FIRST) == Done(applied=1)
        assert not system.signs_in("ada", OLD)
        assert system.signs_in("bob", OLD)
        assert enable(["ada"], FIRST) == Done(applied=1)
        assert system.signs_in("ada", OLD)

    def test_lock_puts_the_password_out_of_force_for_good(self, backend: Backend[Any], system: UnderTest) -> None:
        lock = self.call(backend, system, "lock")
        system.add("ada")
        assert lock(["ada"], FIRST) == Done(applied=1)
        assert not system.signs_in("ada", OLD)
        if "disable" in backend.abilities:
            backend.disable(system.shard, ["ada"], guard=FIRST)
            backend.enable(system.shard, ["ada"], guard=FIRST)
        assert not system.signs_in("ada", OLD)

    def test_rotate_puts_the_new_hash_in_force(self, backend: Backend[Any], system: UnderTest) -> None:
        rotate = self.call(backend, system, "rotate")
        system.add("ada")
        system.add("bob")
        assert rotate(["ada", "bob"], FIRST) == Done(applied=2)
        assert not system.signs_in("ada", OLD)
        assert system.signs_in("ada", f"{NEW} ada")
        assert system.signs_in("bob", f"{NEW} bob")
        assert not system.signs_in("bob", f"{NEW} ada")

    @pytest.mark.parametrize("name", ["disable", "lock", "rotate", "revoke"])
    def test_doing_it_again_changes_nothing(self, backend: Backend[Any], system: UnderTest, name: Ability) -> None:
        operation = self.call(backend, system, name)
        knows(system, "generation")
        logins = ["ada", "bob", "cyd"]
        for login in logins:
            system.add(login)
        assert operation(logins[:2], FIRST) == Done(applied=2)
        assert operation(logins, FIRST) == Done(applied=1, unchanged=2)
        assert operation(logins, FIRST) == Done(applied=0, unchanged=3)

    def test_enabling_again_changes_nothing(self, backend: Backend[Any], system: UnderTest) -> None:
        disable, enable = self.call(backend, system, "disable"), self.call(backend, system, "enable")
        system.add("ada")
        system.add("bob")
        disable(["ada", "bob"], FIRST)
        assert enable(["ada", "bob"], FIRST) == Done(applied=2)
        assert enable(["ada", "bob"], FIRST) == Done(applied=0, unchanged=2)

    def test_each_operation_is_told_from_the_others(self, backend: Backend[Any], system: UnderTest) -> None:
        """Disabling an account does not make locking it `unchanged`, and revoking it neither."""
        system.add("ada")
        for name in ("disable", "revoke", "lock"):
            if name in backend.abilities:
                assert self.call(backend, system, name)(["ada"], FIRST) == Done(applied=1), name
        assert not system.signs_in("ada", OLD)

    @pytest.mark.parametrize("name", ["disable", "lock", "rotate", "revoke"])
    def test_the_call_of_an_older_reset_comes_too_late(
        self, backend: Backend[Any], system: UnderTest, name: Ability
    ) -> None:
        operation = self.call(backend, system, name)
        knows(system, "generation")
        system.add("ada")
        assert operation(["ada"], NEXT).applied == 1
        before = system.signs_in("ada", OLD), system.signs_in("ada", f"{NEW} ada")
        assert operation(["ada"], FIRST) == Done(applied=0, unchanged=1)
        assert (system.signs_in("ada", OLD), system.signs_in("ada", f"{NEW} ada")) == before

    def test_what_an_owner_chose_in_an_older_reset_comes_too_late(
        self, backend: Backend[Any], system: UnderTest
    ) -> None:
        chosen = "Kettle-Harbour-93-lamp"
        lock = self.call(backend, system, "lock")
        knows(system, "generation")
        if "set_password" not in backend.abilities:
            pytest.skip("It sets no passwords of owners.")
        system.add("ada")
        assert lock(["ada"], NEXT).applied == 1
        with pytest.raises(Trouble) as refused:
            backend.set_password(system.shard, "ada", chosen, guard=FIRST)
        assert not refused.value.passing
        assert not system.signs_in("ada", chosen)

    @pytest.mark.parametrize("name", ["disable", "lock", "rotate", "revoke"])
    def test_a_newer_reset_does_it_anew(self, backend: Backend[Any], system: UnderTest, name: Ability) -> None:
        operation = self.call(backend, system, name)
        knows(system, "generation")
        system.add("ada")
        assert operation(["ada"], FIRST).applied == 1
        assert operation(["ada"], NEXT) == Done(applied=1)

    @pytest.mark.parametrize("name", ["disable", "lock", "rotate", "revoke"])
    def test_who_set_a_password_since_is_spared(self, backend: Backend[Any], system: UnderTest, name: Ability) -> None:
        operation = self.call(backend, system, name)
        knows(system, "set_at")
        system.add("ada")
        system.add("bob")
        system.owner_sets("bob", "chosen by bob himself", at=AFTER)
        assert operation(["ada", "bob"], FIRST) == Done(applied=1, skipped=("bob",))
        assert system.signs_in("bob", "chosen by bob himself")

    @pytest.mark.parametrize("name", ["disable", "lock", "rotate", "revoke", "enable"])
    def test_who_is_gone_is_skipped(self, backend: Backend[Any], system: UnderTest, name: Ability) -> None:
        operation = self.call(backend, system, name)
        system.add("ada")
        system.add("bob")
        if name == "enable":
            backend.disable(system.shard, ["ada", "bob"], guard=FIRST)
        system.remove("bob")
        assert operation(["ada", "bob"], FIRST) == Done(applied=1, skipped=("bob",))

    def test_the_figures_of_a_mixed_chunk_add_up(self, backend: Backend[Any], system: UnderTest) -> None:
        name: Ability = "disable" if "disable" in backend.abilities else "lock"
        operation = self.call(backend, system, name)
        knows(system, "set_at")
        knows(system, "generation")
        for login in ("ada", "bob", "cyd", "dan", "eve"):
            system.add(login)
        operation(["ada", "bob"], FIRST)
        system.owner_sets("cyd", "chosen by cyd herself", at=AFTER)
        system.remove("dan")
        done = operation(["ada", "bob", "cyd", "dan", "eve"], FIRST)
        assert (done.applied, done.unchanged, sorted(done.skipped), done.misses) == (1, 2, ["cyd", "dan"], ())

    def test_nobody_asked_is_nothing_done(self, backend: Backend[Any], system: UnderTest) -> None:
        for name in ("disable", "lock", "rotate", "revoke", "enable"):
            if name in backend.abilities:
                assert self.call(backend, system, name)([], FIRST) == Done(applied=0)

    def test_enable_leaves_out_who_was_kept_out_before(self, backend: Backend[Any], system: UnderTest) -> None:
        disable, enable = self.call(backend, system, "disable"), self.call(backend, system, "enable")
        knows(system, "suspended")
        system.add("ada")
        system.add("bob", kept_out=True)
        disable(["ada", "bob"], FIRST)
        enable(["ada", "bob"], FIRST)
        assert system.signs_in("ada", OLD)
        assert not system.signs_in("bob", OLD)

    def test_a_disable_that_comes_after_enable_keeps_nobody_out(self, backend: Backend[Any], system: UnderTest) -> None:
        disable, enable = self.call(backend, system, "disable"), self.call(backend, system, "enable")
        knows(system, "generation")
        system.add("ada")
        disable(["ada"], FIRST)
        enable(["ada"], FIRST)
        assert disable(["ada"], FIRST).applied == 0
        assert system.signs_in("ada", OLD)

    def test_an_owner_gets_in_with_a_password_of_his_own(self, backend: Backend[Any], system: UnderTest) -> None:
        needs(backend, "set_password")
        system.add("ada")
        for name in ("disable", "lock"):
            if name in backend.abilities:
                self.call(backend, system, name)(["ada"], FIRST)
        assert not system.signs_in("ada", OLD)
        backend.set_password(system.shard, "ada", NEW, guard=FIRST)
        assert system.signs_in("ada", NEW)
        assert not system.signs_in("ada", OLD)

    @pytest.mark.parametrize("name", ["disable", "lock", "rotate", "revoke"])
    def test_a_password_of_the_owner_s_own_outlives_what_comes_late(
        self, backend: Backend[Any], system: UnderTest, name: Ability
    ) -> None:
        needs(backend, "set_password")
        operation = self.call(backend, system, name)
        knows(system, "generation")
        system.add("ada")
        backend.set_password(system.shard, "ada", NEW, guard=FIRST)
        assert operation(["ada"], FIRST).applied == 0
        assert system.signs_in("ada", NEW)

    @pytest.mark.parametrize("weak", ["short1", "aaaaaaaaaaaaaaaa", "x ada-longhorn 2026", "with a\nline break 9"])
    def test_a_weak_password_is_refused_in_words(self, backend: Backend[Any], system: UnderTest, weak: str) -> None:
        needs(backend, "set_password")
        system.add("ada-longhorn")
        with pytest.raises(Trouble) as refused:
            backend.set_password(system.shard, "ada-longhorn", weak, guard=FIRST)
        assert not refused.value.passing
        assert "password" in refused.value.sentence
        assert weak not in refused.value.sentence
        assert not system.signs_in("ada-longhorn", weak)

    def test_a_password_for_nobody_is_refused(self, backend: Backend[Any], system: UnderTest) -> None:
        needs(backend, "set_password")
        with pytest.raises(Trouble):
            backend.set_password(system.shard, "nobody", NEW, guard=FIRST)

    def test_old_hashes_can_be_read_to_be_sealed(self, backend: Backend[Any], system: UnderTest) -> None:
        needs(backend, "read_hashes")
        system.add("ada")
        system.add("bob", password="another")
        read = dict(backend.read_hashes(system.shard, ["ada", "bob", "nobody"]))
        assert set(read) == {"ada", "bob"}
        assert all(read.values())
        assert read["ada"] != read["bob"]

    def test_verify_tells_who_is_out_of_force_from_who_is_not(self, backend: Backend[Any], system: UnderTest) -> None:
        needs(backend, "verify")
        name: Ability = "lock" if "lock" in backend.abilities else "rotate"
        system.add("ada")
        system.add("bob")
        self.call(backend, system, name)(["ada"], FIRST)
        checks = backend.verify(system.shard, ["ada", "bob"], guard=FIRST)
        shown = {each.login: each.holds for each in checks if each.what == "state_effective"}
        assert shown == {"ada": True, "bob": False}
        assert all(each.sentence for each in checks)

    def test_the_dry_run_changes_nothing(self, backend: Backend[Any], system: UnderTest) -> None:
        system.add("ada")
        probes = backend.probe()
        assert probes
        assert all(each.name and each.sentence for each in probes)
        assert system.signs_in("ada", OLD)

    def test_it_can_be_closed_twice(self, backend: Backend[Any], system: UnderTest) -> None:
        system.add("ada")
        backend.count(Selection(set_before=CUTOFF))
        backend.close()
        backend.close()


def needs(backend: Backend[Any], ability: Ability) -> None:
    """Leave a test of what this backend does not declare."""
    if ability not in backend.abilities:
        pytest.skip(f"{backend.kind} does not {ability}")


def knows(system: UnderTest, what: str) -> None:
    """Leave a test of what this kind of system can't tell."""
    if what not in system.knows:
        pytest.skip(f"this system does not know {what}")

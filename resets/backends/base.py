"""What a backend is: it finds accounts and changes their credentials on the system that holds them."""

from __future__ import annotations

from abc import ABC
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from eap.actions.base import Trouble

Ability = Literal["disable", "lock", "rotate", "revoke", "enable", "set_password", "verify", "read_hashes"]
"""disable: no sign-in, the password stays. lock: the password becomes one that fits nothing. rotate: a ready hash takes
its place. revoke: open sessions, keys and tokens end. enable: takes disable back. set_password: a customer's own new
one. verify: tries real sign-ins. read_hashes: hands out the old hashes, to be sealed."""


class Settings(BaseModel):
    """What a backend's settings inherit: frozen, no unknown keys. Secrets stand in them by name only."""

    model_config = ConfigDict(frozen=True, extra="forbid")


S = TypeVar("S", bound=Settings)


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which accounts: those whose password was set before `set_before` (or nobody knows when), narrowed down.

    An empty tuple narrows nothing. A backend that does not know a thing (groups, say) raises `Trouble` when it is
    asked for it, rather than choosing too many or too few.
    """

    set_before: datetime
    hosts: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    plans: tuple[str, ...] = ()
    logins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """An account in scope. `shard` is the host that holds it, "" where there is one only."""

    login: str
    shard: str = ""
    set_at: datetime | None = None
    email: str = ""
    email_changed_at: datetime | None = None
    language: str = ""
    customer: str = ""


@dataclass(frozen=True, slots=True)
class Miss:
    """An account on which it did not work. `code` groups causes and holds no personal text; `passing`: try again."""

    login: str
    code: str
    sentence: str
    passing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What became of one chunk: every account is in exactly one of the four.

    `unchanged`: was as it should be, because a try before this one had come through. `skipped`: holds a password that
    its owner set after the cutoff, or is gone; logins of them.
    """

    applied: int
    unchanged: int = 0
    skipped: tuple[str, ...] = ()
    misses: tuple[Miss, ...] = ()


@dataclass(frozen=True, slots=True)
class Probe:
    """What the dry run found out about a right that will be needed. Without one that is not `needed` the work can be
    done, and people are told what it will lack."""

    name: str
    granted: bool
    sentence: str
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Check:
    """What a tried sign-in showed. `holds` is None where it could not be tried, and `sentence` says why."""

    login: str
    what: Literal["old_refused", "state_effective", "session_gone"]
    holds: bool | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Guard:
    """What makes each write harmless a second time, and spares what an owner set after the cutoff.

    `generation` is larger than that of every reset before. An account that already carries it is `unchanged`; one whose
    password was set after `cutoff`, by its owner and not by this reset, is `skipped`.
    """

    generation: int
    cutoff: datetime


class Busy(Trouble):
    """The system asks for patience (429, a lock, a queue); `retry_after_s` from now."""

    def __init__(self, sentence: str, *, retry_after_s: float = 5.0) -> None:
        super().__init__(sentence, passing=True)
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What a backend is given besides its settings. `secret` returns a secret's value and has it redacted; `say` writes
    a line for people; `stopped` tells whether to end at the next safe point."""

    secret: Callable[[str], str]
    say: Callable[[str], None]
    stopped: Callable[[], bool]
    timeout_s: float = 60.0


class Backend(ABC, Generic[S]):
    """One kind of system. An object is made for one connection's worth of work by one thread, and closed.

    The methods block, run outside any transaction of ours, and raise `Trouble`: `Busy` (later), a passing one (the host
    may be away: its breaker counts it), `Unknown` (nobody knows what was applied; the chunk is done again, which is
    harmless because each write is guarded), or a final one. What fails for single accounts comes back as `Miss`.

    Each write is guarded (`... WHERE cred_gen < generation AND set_at < cutoff`, or by looking first): doing a chunk
    again changes nothing and counts as `unchanged`. Which operations of this generation an account has had must show:
    disabling it does not make locking it `unchanged`.
    """

    kind: ClassVar[str]
    title: ClassVar[str]
    settings: ClassVar[type[Settings]]
    abilities: ClassVar[frozenset[Ability]]
    chunk_size: ClassVar[int]
    tried: ClassVar[str] = ""
    """Against what it was tried, where that was not the real product."""

    def __init__(self, settings: S, around: Surroundings) -> None:
        self.given = settings
        self.around = around

    def close(self) -> None:
        """Let connections go. Safe to call twice."""

    def probe(self) -> Sequence[Probe]:
        """Try every right that will be needed, changing nothing."""
        raise NotImplementedError

    def count(self, selection: Selection) -> dict[str, int]:
        """Return how many accounts are in scope, by shard."""
        counts: dict[str, int] = {}
        for found in self.find(selection):
            counts[found.shard] = counts.get(found.shard, 0) + 1
        return counts

    def find(self, selection: Selection) -> Iterator[Found]:
        """Go through the accounts in scope, in any order, without holding all of them in memory."""
        raise NotImplementedError

    def read_hashes(self, shard: str, logins: Sequence[str]) -> Sequence[tuple[str, str]]:
        """Return (login, hash) of those that are there."""
        raise NotImplementedError

    def disable(self, shard: str, logins: Sequence[str], *, guard: Guard) -> Done:
        """Let nobody sign in to these accounts, by any way the system knows."""
        raise NotImplementedError

    def lock(self, shard: str, logins: Sequence[str], *, guard: Guard) -> Done:
        """Put a marker that fits no password in the place of the hash."""
        raise NotImplementedError

    def rotate(self, shard: str, hashes: Sequence[tuple[str, str]], *, guard: Guard) -> Done:
        """Put a ready hash (sha512-crypt) in the place of each old one."""
        raise NotImplementedError

    def revoke(self, shard: str, logins: Sequence[str], *, guard: Guard) -> Done:
        """End open sessions; set keys and tokens aside."""
        raise NotImplementedError

    def enable(self, shard: str, logins: Sequence[str], *, guard: Guard) -> Done:
        """Let these accounts sign in again, with whatever password they have now. Never restores an old one."""
        raise NotImplementedError

    def set_password(self, shard: str, login: str, password: str, *, guard: Guard) -> None:
        """Give an account the password its owner chose, and enable it. Raises a final `Trouble` with a sentence for the
        owner when the system refuses the password."""
        raise NotImplementedError

    def verify(self, shard: str, logins: Sequence[str], *, guard: Guard) -> Sequence[Check]:
        """Try real sign-ins on these accounts: what was refused must be refused, open sessions must be gone.

        An account that its owner has set since the cutoff is as it should be. Each check says in its sentence what was
        looked at.
        """
        raise NotImplementedError

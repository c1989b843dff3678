"""What a reset would do, found out without changing anything: how many accounts, which rights, how long."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Final

from django.db.models import Count

from eap.actions.base import Trouble
from engine import clock
from resets.backends.base import Ability, Probe
from resets.models import Account, Reset
from resets.rules.order import REPLACES
from resets.scope.overlap import Overlap, overlaps

if TYPE_CHECKING:
    from resets.models import System
    from resets.scope.gather import Opener

PER_SECOND: Final = {"sql": 20_000, "ldap": 400, "shadow": 300, "whm": 2, "plesk": 2, "http": 200}
"""Accounts per host and second with a hash at hand, on the low side: SQL in chunks was measured at 21,000 to 56,000,
LDAP at 930, shadow files at thousands but with a connection each; panels are guesses. What a system may be asked at
most (`System.rate`) counts where it is less."""
HASHES_PER_SECOND: Final = 250
"""sha512-crypt on one core, measured at 256 to 345."""
NEEDED: Final[tuple[Ability, ...]] = ("disable", "revoke", "enable")


@dataclass(frozen=True, kw_only=True)
class SystemForecast:
    """A system: its accounts by host, what is allowed there, seconds per phase. `trouble`: it can't be reached."""

    key: str
    name: str
    hosts: dict[str, int]
    canary: tuple[str, ...]
    probes: tuple[Probe, ...]
    lacks: tuple[str, ...]
    seconds: int
    trouble: str = ""

    @property
    def accounts(self) -> int:
        """Return how many accounts of it are in scope."""
        return sum(self.hosts.values())

    @property
    def is_ready(self) -> bool:
        """Tell whether all that will be needed is allowed and there."""
        return not self.trouble and not self.lacks and all(probe.granted or not probe.needed for probe in self.probes)


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """All systems; `seconds` for one phase with what workers there are now, `hashing_s` more where hashes are made.

    `overlaps`: other resets of the same hosts, which stop nothing and are for people to know.
    """

    accounts: int
    systems: tuple[SystemForecast, ...]
    seconds: int
    hashing_s: int
    overlaps: tuple[Overlap, ...] = ()

    @property
    def is_ready(self) -> bool:
        """Tell whether nothing stands in the way."""
        return all(system.is_ready for system in self.systems)


def dry_run(reset: Reset, *, opened: Opener | None = None, say: Callable[[str], None] = lambda _text: None) -> Forecast:
    """Return what would happen to the frozen accounts. Asks every system for its rights; changes nothing anywhere."""
    systems = []
    for system in reset.systems.order_by("name"):
        say(f"Asking {system.name} what is allowed there.")
        systems.append(_of_system(reset, system, opened or _opener(say)))
    hashing = ceil(reset.count / HASHES_PER_SECOND) if reset.mode == Reset.Mode.SCRAMBLE else 0
    slowest = max((system.seconds for system in systems), default=0)
    by_rate = ceil(reset.count / reset.rate) if reset.rate else 0
    return Forecast(
        accounts=reset.count,
        systems=tuple(systems),
        seconds=max(slowest, by_rate),
        hashing_s=hashing,
        overlaps=tuple(overlaps(reset, now=clock.now())),
    )


def _opener(say: Callable[[str], None]) -> Opener:
    from resets.opening import open_backend

    return lambda system: closing(open_backend(system, say=say, stopped=lambda: False))


def _of_system(reset: Reset, system: System, opened: Opener) -> SystemForecast:
    accounts = Account.objects.filter(reset=reset, system=system).order_by()
    hosts: dict[str, int] = dict(accounts.values_list("shard").annotate(Count("pk")))
    canary = tuple(accounts.filter(wave=0).order_by("position").values_list("login", flat=True)[:20])
    probes: tuple[Probe, ...] = ()
    lacks: tuple[str, ...] = ()
    trouble = ""
    try:
        with opened(system) as backend:
            needed = (*NEEDED, REPLACES[reset.mode], *(("read_hashes",) if reset.seal_key else ()))
            lacks = tuple(ability for ability in needed if ability not in backend.abilities)
            probes = tuple(backend.probe())
    except Trouble as stands_in_the_way:
        trouble = stands_in_the_way.sentence
    return SystemForecast(
        key=system.key,
        name=system.name,
        hosts=hosts,
        canary=canary,
        probes=probes,
        lacks=lacks,
        seconds=_seconds(system, hosts),
        trouble=trouble,
    )


def _seconds(system: System, hosts: dict[str, int]) -> int:
    """Hosts work beside each other, so the fullest one says how long it takes."""
    rate = PER_SECOND.get(system.kind, 1)
    if system.rate:
        rate = min(rate, system.rate)
    return ceil(max(hosts.values(), default=0) / rate)

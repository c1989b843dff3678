"""Mass credential resets: a million accounts disabled in a minute, hashes as fast as cores make them, little memory."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import psutil

from bench import company, memory
from bench.customers import ACCOUNTS, HOSTS, SECRET, Customers
from bench.figures import median, say, verdict
from bench.product import ROOT, Product, running

COMPARED: Final = ("disable", "lock", "enable")
ROTATED: Final = 30_000
"""Accounts of which each rotation is measured: a minute of hashing on one core. The first waves are a few hundred
accounts, dealt out over all hosts in chunks of two or three; of fewer accounts they would be most of what is seen."""
HASHED: Final = 2_000
PATIENCE_S: Final = 1_200
SAMPLE_S: Final = 1.0


def measure() -> None:
    """Measure all of it on a product of its own."""
    with running() as product:
        os.environ["ACTION_SECRETS_DIR"] = str(product.folder / "secrets")
        company.connect(product)
        say(f"  load before: {os.getloadavg()[0]:.1f}; writing {ACCOUNTS:,} accounts of {HOSTS} hosts")
        customers = Customers(product)
        customers.keep_secret(product.folder / "secrets")
        _keep_name_of_secret()
        with watched(_bulk_worker(product)) as sizes:
            _all_accounts(customers)
            _memory(sizes)
        with watched(_bulk_worker(product)) as sizes:
            _rotation(product, customers)
            _memory(sizes)


def _all_accounts(customers: Customers) -> None:
    """Take every account through all phases, each beside a bare update of the same rows."""
    reset = _frozen(_system(customers, "all"), mode="self_set")
    for phase in ("disable", "lock", "revoke", "enable"):
        before = _bare(customers, phase)
        customers.vacuum()
        took_s = _through(reset, phase)
        customers.vacuum()
        rate = ACCOUNTS / took_s
        if phase not in COMPARED:
            say(f"  {phase}: {took_s:.1f} s, {rate:,.0f} accounts/s")
            continue
        bare = [before, _bare(customers, phase)]
        customers.vacuum()
        share = rate / median(bare)
        say(
            f"  {phase}: {took_s:.1f} s, {rate:,.0f} rows/s; bare {bare[0]:,.0f} before, {bare[1]:,.0f} after;"
            f" load {os.getloadavg()[0]:.1f}"
        )
        if phase == "disable":
            verdict("disable all", reached=took_s <= 60, figure=f"{took_s:.1f} s", goal="<= 60 s")
        verdict(f"{phase} against bare", reached=share >= 0.7, figure=f"{share:.2f}", goal=">= 0.70")
    (left,) = customers.rows("SELECT count(*) FROM users WHERE disabled OR passwd NOT LIKE '!%' OR cred_gen = 0")
    verdict("every account", reached=left == (0,), figure=f"{left[0]} not as they should be", goal="0")


def _bare(customers: Customers, phase: str) -> float:
    return customers.bare(phase) if phase in COMPARED else 0.0


def _rotation(product: Product, customers: Customers) -> None:
    """Rotate with one worker process and with two, beside a process that does nothing but hash."""
    bare = [_bare_hashes()]
    one = _rotate(customers, "one")
    with second_worker(_bulk_worker(product)):
        two = _rotate(customers, "two")
    again = _rotate(customers, "again")
    bare.append(_bare_hashes())
    say(
        f"  rotate, {ROTATED:,} accounts each: one worker {one:.0f} and {again:.0f}/s, two {two:.0f}/s; bare hashing"
        f" {bare[0]:.0f} and {bare[1]:.0f}/s; load {os.getloadavg()[0]:.1f}"
    )
    share, gain = median([one, again]) / median(bare), two / median([one, again])
    verdict("rotation against bare hashing", reached=share >= 0.85, figure=f"{share:.2f}", goal=">= 0.85")
    verdict("two workers", reached=gain >= 1.7, figure=f"{gain:.2f} times one", goal=">= 1.7 times")


def _rotate(customers: Customers, name: str) -> float:
    """Disable and rotate a part of the accounts; return accounts rotated per second."""
    number = ("one", "two", "again").index(name)
    customers.part(f"part_{name}", first=number * ROTATED + 1, last=(number + 1) * ROTATED)
    # The backlog of what was written before takes a third of a core, and is no part of what is measured.
    customers.settle()
    reset = _frozen(_system(customers, name, table=f"part_{name}"), mode="scramble")
    _through(reset, "disable")
    return ROTATED / _through(reset, "rotate")


def _system(customers: Customers, key: str, **users: Any) -> Any:
    from resets.models import System

    return System.objects.create(
        key=f"bench-{key}", name=f"Bench {key}", kind="sql", settings=customers.settings(**users)
    )


def _keep_name_of_secret() -> None:
    from eap.models import Secret

    Secret.objects.create(
        name=SECRET, kind=Secret.Kind.FILE, reference=SECRET, changed_by_name="Bench", changed_at=datetime.now(tz=UTC)
    )


def _frozen(system: Any, *, mode: str) -> Any:
    """Create and freeze a reset over a system, every gate approved beforehand."""
    from django.db import transaction

    from engine import clock
    from ledger.actor import Actor
    from resets.operations.create import create
    from resets.operations.freeze import freeze

    by, now = Actor.system("Bench", via="cli"), clock.now()
    with transaction.atomic():
        reset = create(
            title=f"Bench {system.key}",
            cutoff=now - timedelta(days=1),
            systems=[system],
            mode=mode,
            gates_open=True,
            by=by,
            now=now,
        )
    began = time.monotonic()
    reset = freeze(reset_id=reset.pk, by=by, clock=clock.now)
    say(f"  {system.key}: {reset.count:,} accounts frozen in {time.monotonic() - began:.1f} s")
    return reset


def _through(reset: Any, phase: str) -> float:
    """Release a phase through every wave and wait for its end; return the seconds it took."""
    from django.db import transaction

    from engine import clock
    from ledger.actor import Actor
    from resets.models import Phase
    from resets.operations.release import release

    began = time.monotonic()
    with transaction.atomic():
        row = release(reset=reset, phase=phase, through=4, by=Actor.system("Bench", via="cli"), now=clock.now())
    while (state := Phase.objects.values_list("state", "held_because").get(pk=row.pk))[0] != Phase.State.DONE:
        if state[0] == Phase.State.HELD or time.monotonic() - began > PATIENCE_S:
            raise SystemExit(f"{phase} did not end: {state}")
        time.sleep(0.05)
    return time.monotonic() - began


def _bare_hashes() -> float:
    """Return how many hashes a second one process makes that does nothing else."""
    program = Path(ROOT) / "resets" / "work" / "hasher.py"
    with subprocess.Popen(
        [sys.executable, "-I", str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("10\n")
        process.stdin.flush()
        for _ in range(10):
            process.stdout.readline()
        began = time.monotonic()
        process.stdin.write(f"{HASHED}\n")
        process.stdin.flush()
        for _ in range(HASHED):
            process.stdout.readline()
        took_s = time.monotonic() - began
        process.stdin.close()
    return HASHED / took_s


def _bulk_worker(product: Product) -> int:
    """Return the process that takes the queue of mass work."""
    (found,) = [pid for pid in product.pids()["worker"] if "chat,bulk" in psutil.Process(pid).cmdline()]
    return found


@contextlib.contextmanager
def second_worker(first: int) -> Iterator[None]:
    """Run another worker just like the first, as another machine would."""
    model = psutil.Process(first)
    command = [each.replace("chat@", "second@") for each in model.cmdline()]
    with subprocess.Popen(command, env=model.environ(), cwd=model.cwd()) as process:
        try:
            time.sleep(3)  # it takes its first message when it has started
            yield
        finally:
            process.send_signal(signal.SIGTERM)


@contextlib.contextmanager
def watched(pid: int) -> Iterator[list[float]]:
    """Note the memory of a process and its children (MiB PSS) every second while the block runs."""
    sizes: list[float] = []
    over = threading.Event()

    def look() -> None:
        while not over.wait(SAMPLE_S):
            sizes.append(memory.of_process(pid))

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield sizes
    finally:
        over.set()
        thread.join()


def _memory(sizes: list[float]) -> None:
    """Compare the first and the last third of the time in which the worker worked."""
    third = max(1, len(sizes) // 3)
    early, late = median(sizes[third // 2 : third + third // 2]), median(sizes[-third:])
    verdict(
        "memory of the worker",
        reached=max(sizes) <= 300 and late - early <= 15,
        figure=f"at most {max(sizes):.0f} MiB, {early:.0f} early, {late:.0f} late",
        goal="<= 300 MiB, flat",
    )

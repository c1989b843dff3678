"""`bin/bench [NAME ...]`, or all.

There are hand-off, burst, memory, mass, growth, plans, status-page, mailing, resets, channels.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Final

from bench import channels, company, mailing, memory, paging, plans, resets, status_page
from bench.figures import median, milliseconds, percentile, say, verdict
from bench.product import Product, running

ROUNDS: Final = 3
EACH: Final = 50
BURST: Final = 1000


def hand_off(product: Product) -> None:
    """Measure single hand-offs at idle, interleaved with bare exchanges with the peer."""
    values: list[float] = []
    bare: list[float] = []
    for number in range(ROUNDS):
        bare += paging.floor(product, count=EACH)
        values += paging.hand_offs(product, prefix=f"idle{number}", count=EACH)
    say(f"  hand-off {milliseconds(values)}; bare exchange with the peer {milliseconds(bare)}")
    p50, p99 = median(values), percentile(values, 0.99)
    say(f"  ratio to the bare exchange at p50: {p50 / median(bare):.1f}")
    verdict(
        "hand-off",
        reached=p50 <= 0.08 and p99 <= 0.4,
        figure=f"p50 {p50 * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms",
        goal="p50 <= 80 ms, p99 <= 400 ms",
    )


def bursts(product: Product) -> None:
    """Measure bursts of 1,000 alerts of 1,000 services: first SMS, last SMS."""
    firsts, lasts = [], []
    for number in range(ROUNDS):
        bare = median(paging.floor(product, count=EACH))
        _posted, arrived = paging.burst(product, prefix=f"burst{number}", count=BURST)
        if len(arrived) < BURST:
            verdict("burst", reached=False, figure=f"{len(arrived)} of {BURST} arrived in 120 s", goal="all")
            return
        firsts.append(arrived[0])
        lasts.append(arrived[-1])
        say(
            f"  run {number + 1}: first {arrived[0]:.2f} s, half {arrived[BURST // 2]:.2f} s, all {arrived[-1]:.2f} s;"
            f" {arrived[-1] / (BURST * bare):.1f} times the bare exchanges one after the other"
        )
    verdict(
        "burst",
        reached=median(firsts) <= 0.5 and median(lasts) <= 8,
        figure=f"first {median(firsts):.2f} s, all {median(lasts):.2f} s",
        goal="first <= 0.5 s, all <= 8 s",
    )


def mass(product: Product) -> None:
    """Measure hand-offs at idle and while the `bulk` queue is kept full, in turns."""
    from engine import broker

    stop, fill = threading.Event(), threading.Event()

    def keep_full() -> None:
        number = 0
        while not stop.wait(0.05):
            if fill.is_set():
                # Real messages of the real task for deliveries that are not there: the worker looks each one up.
                broker.hand_over("notifications.deliver", [str(2**40 + number + n) for n in range(400)], "bulk")
                number += 400

    thread = threading.Thread(target=keep_full, daemon=True)
    thread.start()
    idle: list[float] = []
    loaded: list[float] = []
    for number in range(ROUNDS):
        fill.clear()
        idle += paging.hand_offs(product, prefix=f"calm{number}", count=EACH // 2)
        fill.set()
        loaded += paging.hand_offs(product, prefix=f"mass{number}", count=EACH)
    stop.set()
    thread.join()
    say(f"  idle {milliseconds(idle)}; bulk queue full {milliseconds(loaded)}")
    say(f"  ratio at p50: {median(loaded) / median(idle):.2f}")
    p99 = percentile(loaded, 0.99)
    verdict("page under mass work", reached=p99 <= 0.4, figure=f"p99 {p99 * 1000:.0f} ms", goal="p99 <= 400 ms")


def memories(product: Product) -> None:
    """Measure memory after the work before; a backlog in the broker would be the broker's, so not after `mass`."""
    found = memory.pss_mib(product)
    say("  " + ", ".join(f"{name} {size:.0f}" for name, size in found.items()) + " MiB PSS")
    own = sum(found.get(name, 0.0) for name in memory.APPLICATION)
    whole = own + sum(found.get(name, 0.0) for name in memory.SERVERS)
    verdict(
        "memory",
        reached=own <= 450 and whole <= 700,
        figure=f"{own:.0f} MiB, with both servers {whole:.0f} MiB",
        goal="<= 450, <= 700",
    )


def growth(product: Product) -> None:
    """Measure hand-offs on little and on years of history."""
    before = paging.hand_offs(product, prefix="empty", count=EACH * 2)
    say("  storing history:")
    company.fill_history(say)
    paging.hand_offs(product, prefix="warm", count=10)
    after = paging.hand_offs(product, prefix="grown", count=EACH * 2)
    ratio = median(after) / median(before)
    say(f"  before {milliseconds(before)}; after {milliseconds(after)}")
    verdict("growth", reached=ratio <= 1.5, figure=f"{ratio:.2f} times at p50", goal="<= 1.5 times")


BENCHES: Final[dict[str, Callable[[Product], None]]] = {
    "hand-off": hand_off,
    "burst": bursts,
    "memory": memories,
    "mass": mass,
    "growth": growth,
    "plans": plans.measure,
}
ALONE: Final[dict[str, Callable[[], None]]] = {
    "status-page": status_page.measure,
    "mailing": mailing.measure,
    "resets": resets.measure,
    "channels": channels.measure,
}
"""Those that start a product of their own, because they need other settings or much history."""
TOGETHER: Final = {"statuspage": ("status-page", "mailing")}
"""Names for several."""


def main(names: list[str]) -> int:
    """Run the named measurements, or all, on one product; return the exit status."""
    names = [each for name in names for each in TOGETHER.get(name, (name,))]
    unknown = [name for name in names if name not in BENCHES and name not in ALONE]
    if unknown:
        say(f"There is no bench {', '.join(unknown)}. There are {', '.join([*BENCHES, *ALONE, *TOGETHER])}.")
        return 2
    together = [name for name in names or BENCHES if name in BENCHES]
    if together:
        with running() as product:
            company.connect(product)
            company.build(BURST)
            for name in together:
                say(f"{name}:")
                BENCHES[name](product)
    alone = [name for name in names or ALONE if name in ALONE]
    if alone and (together or len(alone) > 1):
        # Django belongs to one product as long as a process lives.
        commands = [[sys.executable, "-P", "-m", "bench", name] for name in alone]
        return max(subprocess.run(command, check=False).returncode for command in commands)
    for name in alone:
        say(f"{name}:")
        ALONE[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""What the product promises when its processes and servers die: nothing accepted is lost, and pages keep leaving.

One product for the file; each test leaves it as it found it. Every limit of five and of two seconds is the promise's
own, not the test's patience.
"""

# ruff: noqa: T201  what was printed stands beside a failure: the seed, the figures, who was killed

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import httpx
import psutil
import pytest

from tests.faults.books import balance
from tests.faults.company import RELAY, RELAY_S, mailbox, phone
from tests.faults.product import COMES_BACK_S, Product
from tests.faults.tool import Tool
from tests.supervisor.start import eventually
from tests.supervisor.test_run import is_running

PAGE_S = 5.0
REQUEST_S = 2.0
BROKER_AGAIN_S = 1.9
"""A message that no worker hears of waits 2 s for the engine: one that leaves sooner went by a worker."""


@pytest.fixture(scope="module")
def shared() -> Iterator[Product]:
    """The product, its company loaded. After all that was done to it every chain of its ledger must be whole."""
    product = Product()
    try:
        product.up()
        product.load_company()
        yield product
        product.get_well()
        verified = product.command("manage", "verify_ledger")
        assert verified.returncode == 0, verified.stdout + verified.stderr
    finally:
        product.remove()


@pytest.fixture
def product(shared: Product) -> Iterator[Product]:
    """The product, running and well."""
    shared.get_well()
    yield shared
    shared.broker.mend()


@pytest.fixture
def tool(product: Product) -> Iterator[Tool]:
    """A monitoring tool."""
    tool = product.tool()
    yield tool
    tool.close()


def test_killed_processes_lose_nothing_that_was_accepted(product: Product, tool: Tool) -> None:
    seed = random.getrandbits(32)
    chance = random.Random(seed)  # noqa: S311 - moments and victims, no secrets
    print(f"seed {seed}")
    services = range(200)
    # A slow provider, so that a kill often finds messages on their way.
    slow = {mailbox(number): {"delay_s": 0.5} for number in services if number % 2}
    product.script({"*": {"hang_s": 0.5}, **slow})
    posting = tool.begin("kill", services=services, over_s=15)
    kinds = ["worker", "engine", "web"] * 3
    chance.shuffle(kinds)
    for kind in kinds:
        time.sleep(chance.uniform(0.3, 2.0))
        eventually(partial(product.runs, kind), within_s=COMES_BACK_S, what=f"Starting {kind} again")
        if kind == "worker":
            # So that some kills find messages on their way, whatever the chance.
            wait_until(lambda: product.under_way() >= 2, at_most_s=3)
        print(product.kill(kind, chance))
    posting.all_accepted()
    product.script({})
    balance(product, tool.accepted)
    interrupted = product.interrupted(tool.accepted)
    print(f"{len(tool.answers)} posts, {len(tool.accepted)} accepted, interrupted: {interrupted}")
    assert len(tool.accepted) == len(services)
    assert interrupted, "no kill found a message on its way: this run proved too little"


@pytest.mark.parametrize("how", ["stopped", "frozen"])
def test_without_the_broker_pages_leave_and_nobody_waits(product: Product, tool: Tool, how: str) -> None:
    with everybody_asking(product, tool) as took:
        if how == "stopped":
            product.broker.stop()
        else:
            product.broker.freeze()
        eventually(lambda: "broker" in product.ready()["degraded"], within_s=PAGE_S, what="Being degraded")
        assert product.ready()["code"] == 200
        for number in range(200, 208):
            tool.insist(f"{how}-{number}", service=number)
            time.sleep(0.3)  # at all moments of the engine's looks
        paged = [arrival(product, tool, key=f"{how}-{number}", service=number) for number in range(200, 208)]
        assert product.ready()["code"] == 200
    slowest = {name: max(seconds) for name, seconds in took.items()}
    print(f"{how}: paged after {paged}, slowest requests {slowest}")
    assert max(paged) < PAGE_S
    assert max(slowest.values()) < REQUEST_S, slowest
    product.broker.mend()
    eventually(product.is_well, within_s=COMES_BACK_S, what="Getting well")
    comes_back_to_speed(product, tool, prefix=f"after-{how}")
    balance(product, tool.accepted)


def test_an_emptied_broker_costs_a_moment_and_no_message(product: Product, tool: Tool) -> None:
    worker = psutil.Process(product.facts()["pids"]["worker"][0])
    worker.suspend()
    try:
        services = range(210, 216)
        for number in services:
            tool.insist(f"flushed-{number}", service=number)
        eventually(lambda: product.broker.waiting("page") > 1, within_s=PAGE_S, what="Handing over")
        product.broker.empty()
        assert product.broker.waiting("page") == 0
        paged = [arrival(product, tool, key=f"flushed-{number}", service=number) for number in services]
    finally:
        worker.resume()
    print(f"emptied: paged after {paged}")
    assert max(paged) < PAGE_S
    comes_back_to_speed(product, tool, prefix="after-flushed")
    balance(product, tool.accepted)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=["restarted", "killed"])
def test_postgresql_comes_back_and_everything_goes_on(product: Product, tool: Tool, how: signal.Signals) -> None:
    key = f"relay-{how.name}"
    before = product.facts()["pids"]
    tool.insist(key, service=RELAY)
    begun = product.arrived("messages", to=phone(RELAY), about=key, within_s=COMES_BACK_S)
    posting = tool.begin(f"database-{how.name}", services=range(220, 250), over_s=4)
    time.sleep(0.5)
    with product.without_postgres(how, for_s=2.0):
        assert product.ready()["code"] == 503
        assert tool.post("database-away", service=250) == 503
    posting.all_accepted()
    assert {status for status, _ in tool.answers} == {202, 503}
    eventually(product.is_well, within_s=COMES_BACK_S, what="Getting well")
    second = product.arrived("messages", to=phone(RELAY - 1), about=key, within_s=RELAY_S + COMES_BACK_S)
    print(f"{how.name}: the next level was called after {second - begun:.1f} s instead of {RELAY_S} s")
    assert second - begun < RELAY_S + 10
    after = product.facts()["pids"]
    assert {kind: pids for kind, pids in before.items() if after[kind] != pids} == {"postgres": before["postgres"]}
    balance(product, tool.accepted.keys() - {key})


def test_a_killed_supervisor_leaves_nothing_and_the_next_start_goes_on(product: Product, tool: Tool) -> None:
    tool.insist("survivor", service=RELAY)
    product.arrived("messages", to=phone(RELAY), about="survivor", within_s=COMES_BACK_S)
    family = product.family()
    last = [f"last-{number}" for number in range(255, 260)]
    for number, key in enumerate(last, start=255):
        tool.insist(key, service=number)
    os.kill(family[0].pid, signal.SIGKILL)
    assert product.process
    product.process.wait()
    eventually(lambda: not any(map(is_running, family)), within_s=COMES_BACK_S, what="The end of the family")
    product.up()
    back = time.time()
    second = product.arrived("messages", to=phone(RELAY - 1), about="survivor", within_s=RELAY_S + COMES_BACK_S)
    print(f"the next level was called {second - back:.1f} s after the start")
    balance(product, last)


def arrival(product: Product, tool: Tool, *, key: str, service: int) -> float:
    """Return the seconds from the answer to an event until the provider's peer had its message."""
    kind, to = ("mail", mailbox(service)) if service % 2 else ("messages", phone(service))
    return product.arrived(kind, to=to, about=key, within_s=COMES_BACK_S) - tool.accepted[key]


def wait_until(is_so: Callable[[], bool], *, at_most_s: float) -> None:
    """Wait until `is_so`, or for so many seconds."""
    deadline = time.monotonic() + at_most_s
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.02)


def comes_back_to_speed(product: Product, tool: Tool, *, prefix: str) -> None:
    """Fail unless two messages running leave by the workers, without anybody's help.

    Before the first one the engine may still believe the broker lost, and send without waiting for anybody.
    """
    deadline = time.monotonic() + COMES_BACK_S
    quick = 0
    for service in range(300, 390):
        key = f"{prefix}-{service}"
        tool.insist(key, service=service)
        took = arrival(product, tool, key=key, service=service)
        quick = quick + 1 if took < BROKER_AGAIN_S else 0
        if quick == 2:
            return
        assert time.monotonic() < deadline, f"A message still takes {took:.1f} s"


@contextmanager
def everybody_asking(product: Product, tool: Tool) -> Iterator[dict[str, list[float]]]:
    """Ask for pages, lists and incidents again and again inside; gives the seconds that each took."""
    over = threading.Event()
    took: dict[str, list[float]] = {}
    trouble: list[BaseException] = []

    def ask() -> None:
        try:
            with product.api() as api:
                while not over.wait(0.2):
                    _ask_once(api, took)
        except BaseException as error:  # noqa: BLE001 - shown by the test's own thread
            trouble.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        yield took
    finally:
        over.set()
        asking.join()
    took["enqueue"] = [seconds for _, seconds in tool.answers]
    assert not trouble, trouble


def _ask_once(api: httpx.Client, took: dict[str, list[float]]) -> None:
    def timed(name: str, answer: httpx.Response, status: int) -> httpx.Response:
        assert answer.status_code == status, (name, answer.status_code, answer.text[:300])
        took.setdefault(name, []).append(answer.elapsed.total_seconds())
        return answer

    timed("sign-in", httpx.get(api.base_url.join("/accounts/login/"), timeout=30, trust_env=False), 200)
    timed("list", api.get("/api/v1/incidents"), 200)
    declared = timed("declare", api.post("/api/v1/incidents", json={"title": "Fault", "severity": "SEV2"}), 201)
    timed("resolve", api.post(f"/api/v1/incidents/{declared.json()['id']}/resolve"), 200)
    timed("readyz", api.get("/readyz"), 200)

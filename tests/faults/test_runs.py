"""A run of a plan survives the death of whoever carries it out, at every kind of step."""

# ruff: noqa: T201  what was printed stands beside a failure: who was killed when

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from functools import cached_property, partial
from typing import Any, Final

import httpx
import pytest

from tests.faults.machine import Machine, running_machine
from tests.faults.plans import KEY, STUBBORN
from tests.faults.product import COMES_BACK_S, Product
from tests.supervisor.start import eventually

LEASE_S: Final = 15.0
STEP_S: Final = LEASE_S + 30.0
"""A lease that has to end, the slow machine once more, and a busy host."""
IN_FLIGHT: Final = {"look": "/pure", "burn": "/once", "check": "/verify"}
"""The calls that a kill must find on their way."""
STOP_S: Final = 2.5
"""One look of the heartbeat a second, and a line of the machine's to read."""


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    """The machine that automations call."""
    with running_machine() as machine:
        yield machine


class Shared(Product):
    """The product, with one connection to its API for the whole file."""

    def __init__(self) -> None:
        super().__init__()
        self.env |= {"ACTION_HTTP_HOSTS": "127.0.0.1"}

    @cached_property
    def client(self) -> httpx.Client:
        """The API as the administrator sees it."""
        return self.api()

    def remove(self) -> None:
        """End it and remove all it made; it may never have come so far as to answer."""
        if "client" in self.__dict__:
            self.client.close()
        super().remove()


@pytest.fixture(scope="module")
def product(machine: Machine) -> Iterator[Shared]:
    """The product with the plans of these tests. After all that was done to it its ledger must be whole."""
    product = Shared()
    try:
        product.up()
        first, second = approvers(product)
        given = ", ".join(repr(each) for each in (machine.url, first["email"], second["email"]))
        done = product.command("manage", "shell", "-c", f"from tests.faults.plans import load; load({given})")
        assert done.returncode == 0, done.stderr
        yield product
        product.get_well()
        verified = product.command("manage", "verify_ledger")
        assert verified.returncode == 0, verified.stdout + verified.stderr
    finally:
        product.remove()


def approvers(product: Shared) -> tuple[dict[str, str], dict[str, str]]:
    """Return two people of the demonstration company who approve and are called."""
    people = [each for each in product.facts()["people"] if each["title"].startswith("VP")]
    return people[0], people[1]


class Run:
    """One run, driven through the API by whoever may."""

    def __init__(self, product: Shared, plan: str, **given: Any) -> None:
        self._api = product.client
        self.id = str(self.post(f"/plans/{plan}/runs", given)["id"])

    def post(self, path: str, body: Any = None, *, token: str = "") -> Any:
        """Post as the administrator, or with somebody's token; a web process may be restarting."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        until = time.monotonic() + COMES_BACK_S
        while True:
            try:
                answer = self._api.post(f"/api/v1{path}", json=body, headers=headers)
                break
            except httpx.TransportError:
                assert time.monotonic() < until
                time.sleep(0.2)
        assert answer.status_code < 300, answer.text
        return answer.json()

    def verb(self, step: str, verb: str, body: Any = None, *, token: str = "") -> None:
        """Do something with a step."""
        self.post(f"/runs/{self.id}/steps/{step}/{verb}", body, token=token)

    def get(self, path: str = "") -> Any:
        """Read it, or something of it."""
        return self._api.get(f"/api/v1/runs/{self.id}{path}").raise_for_status().json()

    def state(self, step: str) -> str:
        """Return a step's state."""
        return next(str(each["state"]) for each in self.get()["steps"] if each["id"] == step)

    def reaches(self, step: str, *states: str, within_s: float = STEP_S) -> str:
        """Wait until a step is in one of these states, and return which."""
        found: list[str] = []

        def there() -> bool:
            found[:] = [self.state(step)]
            return found[0] in states

        eventually(there, within_s=within_s, what=f"{step} becoming {' or '.join(states)}, it is {found}")
        return found[0]


def kill(product: Shared) -> None:
    """Kill the engine and both workers as hard as can be, at once."""
    for kind in ("engine", "worker"):
        eventually(partial(product.runs, kind), within_s=COMES_BACK_S, what=f"{kind} running")
    pids = product.facts()["pids"]
    victims = [*pids["engine"], *pids["worker"]]
    for pid in victims:
        os.kill(pid, signal.SIGKILL)
    print("killed", victims)


class Helpers:
    """The people of a run, doing their part."""

    def __init__(self, product: Shared, run: Run) -> None:
        self._client = product.client
        self._run = run
        self._approvers = approvers(product)

    def do(self) -> None:
        """Do the manual step."""
        self._run.verb("do", "complete")

    def pause(self) -> None:
        """Answer the pause point's line and close it."""
        self._run.verb("pause", "lines", {"answers": [{"line": 0, "answer": "yes", "initials": "AB"}]})
        self._run.verb("pause", "complete")

    def agree(self) -> None:
        """Approve, both of them."""
        for person in self._approvers:
            (waiting,) = self._run.get("/approvals")
            self._run.verb("agree", "approve", {"digest": waiting["digest"]}, token=person["api_token"])

    def call(self) -> None:
        """Answer the page, which may not have called anybody yet."""
        eventually(self._answered, within_s=STEP_S, what="The answer to the page")

    def burn(self) -> None:
        """Settle what nobody knows."""
        assert self._run.reaches("burn", "unknown", "done", "failed") == "unknown"
        assert self._run.get()["state"] == "running", "it waits for a person"
        self._run.verb("burn", "settle", {"as": "done", "reason": "The machine says that it is done."})

    def which(self) -> None:
        """Choose."""
        self._run.verb("which", "choose", {"option": "on"})

    def _answered(self) -> bool:
        person = self._approvers[0]
        for page in self._client.get("/api/v1/pages?limit=100").raise_for_status().json()["items"]:
            if page["state"] == "paging" and any(each["person"]["id"] == person["id"] for each in page["people"]):
                headers = {"Authorization": f"Bearer {person['api_token']}"}
                self._client.post(f"/api/v1/pages/{page['id']}/acknowledge", headers=headers).raise_for_status()
        return self._run.state("call") == "done"


def test_a_run_ends_as_it_would_have_whatever_is_killed_at_each_kind_of_step(product: Shared, machine: Machine) -> None:
    run = Run(product, KEY)
    people = Helpers(product, run)
    for step in ("do", "pause", "agree", "call", "tell", "rest", "look", "burn", "check", "which", "part"):
        run.reaches(step, "ready", "active", "done")
        if step in IN_FLIGHT:
            eventually(partial(was_called, machine, IN_FLIGHT[step]), within_s=STEP_S, what=f"The call of {step}")
        kill(product)
        product.get_well()
        if hasattr(people, step):
            getattr(people, step)()
        run.reaches(step, "done")
    eventually(lambda: run.get()["state"] == "done", within_s=STEP_S, what="The end of the run")
    assert len(machine.came("/once")) == 1, "nobody repeated it"
    assert len(set(machine.came("/pure"))) == 1, "a try that is repeated keeps its key"
    assert len(machine.came("/pure")) == 2, "the kill found it on its way"
    books(product, run)


def was_called(machine: Machine, path: str) -> bool:
    """Tell whether a call of this path came."""
    return bool(machine.came(path))


def books(product: Shared, run: Run) -> None:
    """Each step ended once, each execution has one row, one draft was laid, one sub-plan was run."""
    rows = product.rows(
        "SELECT payload->>'step', count(*) FROM ledger_entry WHERE subject = %s AND verb = 'run.step_done'"
        " GROUP BY 1 HAVING count(*) > 1",
        f"run:{run.id}",
    )
    assert rows == []
    executed = dict(
        product.rows(
            "SELECT s.key, count(*) FROM eap_steptarget t JOIN eap_runstep s ON s.id = t.step_id"
            " WHERE t.run_id = %s AND t.purpose <> 'preview' GROUP BY 1",
            run.id,
        )
    )
    assert executed == {"look": 1, "burn": 1, "check": 1}
    assert product.rows(
        "SELECT count(*) FROM eap_run c JOIN eap_runstep s ON s.id = c.parent_id WHERE s.run_id = %s", run.id
    ) == [(1,)]
    drafts = product.rows("SELECT count(*) FROM statuspage_statusupdate WHERE drafted_by_name = 'Every kind'")
    assert drafts == [(1,)], json.dumps(drafts)


def test_a_stop_reaches_what_runs_elsewhere_within_seconds(product: Shared, machine: Machine) -> None:
    product.get_well()
    before = len(machine.came("/long"))
    run = Run(product, STUBBORN)
    eventually(lambda: len(machine.came("/long")) > before, within_s=STEP_S, what="The call")
    run.reaches("burn", "active")
    began = time.monotonic()
    run.post(f"/runs/{run.id}/stop", {"how": "now"})
    eventually(lambda: run.get()["state"] == "stopped", within_s=STOP_S, what="Stopping")
    print(f"stopped after {time.monotonic() - began:.2f} s")
    assert run.get()["stop_confirmed"] is False, "a request can't prove that the other side stopped"


def test_without_the_broker_automations_are_carried_out_all_the_same(product: Shared, machine: Machine) -> None:
    product.get_well()
    product.broker.stop()
    try:
        before = len(machine.came("/long"))
        run = Run(product, STUBBORN)
        eventually(lambda: len(machine.came("/long")) > before, within_s=10, what="The call without a broker")
        run.post(f"/runs/{run.id}/stop", {"how": "now"})
        eventually(lambda: run.get()["state"] == "stopped", within_s=10, what="Stopping")
        assert run.get()["stop_confirmed"] is False, "the call was on its way"
    finally:
        product.broker.mend()

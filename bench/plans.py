"""Runs of plans: a thousand at the same time, and one of 500 steps with a log of 200,000 lines."""

from __future__ import annotations

import http.client
import itertools
import time
from datetime import date
from typing import Any, Final
from urllib.parse import urlsplit

from bench.figures import milliseconds, percentile, say, verdict
from bench.product import Product

RUNS: Final = 1_000
WAIT_S: Final = 30
CYCLES: Final = 4
STEPS: Final = 500
LINES: Final = 200_000
ASKED: Final = 30
STEP_S: Final = 1.0
PAGE_S: Final = 0.3


def concurrent_runs(product: Product) -> None:
    """Measure the latency of steps while 1,000 runs are under way, each ending a wait and doing an automation every
    30 s: about 33 of each, and 67 steps, in every second."""
    version = _publish("bench-cycle", _cycle(product))
    began = time.monotonic()
    ids = _start(version, RUNS)
    say(f"  {RUNS} runs started in {time.monotonic() - began:.1f} s")
    lateness, cycles, unfinished = _measure(ids)
    say(f"  a wait's end after it was due {milliseconds(lateness)}")
    say(f"  two steps on (wait, automation) beyond the wait itself {milliseconds(cycles)}")
    p99 = percentile(cycles, 0.99) / 2
    verdict(
        f"{RUNS} concurrent runs",
        reached=unfinished == 0 and percentile(lateness, 0.99) < STEP_S and p99 < STEP_S,
        figure=f"p99 {p99 * 1000:.0f} ms a step, {unfinished} runs not ended",
        goal=f"p99 < {STEP_S * 1000:.0f} ms, 0",
    )


def long_run(product: Product) -> None:
    """Measure reading and moving a run of 500 steps whose log has 200,000 lines."""
    run_id = _long_run()
    first = _asked(product, f"/api/v1/runs/{run_id}")
    last = _asked(product, f"/api/v1/runs/{run_id}/log?limit=100&cursor={_middle(run_id)}")
    moved = _moves(product, run_id)
    say(f"  the run, first byte {milliseconds(first)}")
    say(f"  100 lines from the middle of {LINES} {milliseconds(last)}")
    say(f"  completing one of {STEPS} steps {milliseconds(moved)}")
    slowest = max(percentile(values, 0.95) for values in (first, last, moved))
    verdict(
        f"{STEPS} steps, {LINES} lines",
        reached=slowest < PAGE_S,
        figure=f"p95 {slowest * 1000:.0f} ms",
        goal=f"< {PAGE_S * 1000:.0f} ms",
    )


def measure(product: Product) -> None:
    """Measure both."""
    concurrent_runs(product)
    long_run(product)


def _cycle(product: Product) -> list[dict[str, Any]]:
    port = urlsplit(product.simulator).port
    steps: list[dict[str, Any]] = []
    for number in range(CYCLES):
        check = {"action": "check", "with": {"host": "127.0.0.1", "port": port}}
        steps.append({"id": f"wait{number}", "kind": "wait", "title": "Wait", "wait": {"time": f"{WAIT_S}s"}})
        steps.append({"id": f"look{number}", "kind": "automation", "title": "Look", "call": check})
    for before, after in itertools.pairwise(steps):
        after["needs"] = [before["id"]]
    return steps


def _publish(key: str, steps: list[dict[str, Any]]) -> Any:
    from django.db import transaction

    from eap.format.canonical import digest, stored
    from eap.format.document import Document
    from eap.models import Plan, PlanVersion
    from engine import clock

    document = Document.model_validate(
        {
            "key": key,
            "title": "Bench",
            "scenario": "Measured.",
            "owner": "Bench",
            "review_by": date(2030, 1, 1),
            "roles": {},
            "steps": steps,
        }
    )
    now = clock.now()
    with transaction.atomic():
        plan = Plan.objects.create(key=key, title="Bench", created_at=now)
        version = PlanVersion.objects.create(
            plan=plan,
            number=1,
            state="published",
            text="",
            document=stored(document),
            digest=digest(document),
            created_at=now,
            edited_at=now,
            published_at=now,
        )
        Plan.objects.filter(pk=plan.pk).update(published=version)
    return version


def _start(version: Any, count: int) -> list[Any]:
    """Start runs one after the other, evenly over one wait, so that they come due evenly."""
    from django.db import transaction

    from eap.operations.runs.start_run import start_run
    from engine import clock
    from ledger.actor import Actor

    found = []
    began = time.monotonic()
    for number in range(count):
        time.sleep(max(0.0, began + WAIT_S * number / count - time.monotonic()))
        with transaction.atomic():
            found.append(start_run(version=version, by=Actor.system("Bench"), now=clock.now()).pk)
    return found


def _measure(ids: list[Any]) -> tuple[list[float], list[float], int]:
    from eap.models import Run, RunStep

    until = time.monotonic() + (CYCLES + 2) * WAIT_S
    while time.monotonic() < until and Run.objects.filter(pk__in=ids, ended_at=None).exists():
        time.sleep(2)
    unfinished = Run.objects.filter(pk__in=ids).exclude(state="done").count()
    begun: dict[Any, dict[str, Any]] = {}
    lateness: list[float] = []
    rows = RunStep.objects.filter(run__in=ids, kind="wait", started_at__isnull=False)
    for run_id, key, started_at, ended_at in rows.values_list("run_id", "key", "started_at", "ended_at"):
        begun.setdefault(run_id, {})[key] = started_at
        if started_at and ended_at:
            lateness.append((ended_at - started_at).total_seconds() - WAIT_S)
    cycles = [
        (by_key[f"wait{number + 1}"] - by_key[f"wait{number}"]).total_seconds() - WAIT_S
        for by_key in begun.values()
        for number in range(CYCLES - 1)
        if f"wait{number + 1}" in by_key
    ]
    return lateness, cycles, unfinished


def _long_run() -> Any:
    from django.db import connection

    from eap.models import RunStep

    steps: list[dict[str, Any]] = [
        {"id": f"step{number}", "kind": "manual", "title": f"Step {number}", "instructions": "Do it. " * 20}
        for number in range(STEPS)
    ]
    for number, step in enumerate(steps[10:], start=10):
        step["needs"] = [f"step{number - 10}"]
    (run_id,) = _start(_publish("bench-long", steps), 1)
    step_id = RunStep.objects.filter(run=run_id).values_list("pk", flat=True)[0]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO eap_logline (run_id, step_id, target_name, at, text)"
            " SELECT %s, %s, 'web' || n %% 50, now(), repeat('what a host says ', 5) || n"
            " FROM generate_series(1, %s) AS n",
            [run_id, step_id, LINES],
        )
        cursor.execute("ANALYZE eap_logline")
    return run_id


def _middle(run_id: Any) -> int:
    from eap.models import LogLine

    first = LogLine.objects.filter(run=run_id).order_by("pk").values_list("pk", flat=True)[0]
    return int(first) + LINES // 2


def _asked(product: Product, path: str) -> list[float]:
    """Return the seconds to the first byte of each of several answers."""
    parts = urlsplit(product.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    headers = {"Authorization": f"Bearer {product.facts['api_token']}"}
    found = []
    for _ in range(ASKED):
        began = time.perf_counter()
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        found.append(time.perf_counter() - began)
        if answer.status != 200:
            raise SystemExit(f"{path} was answered {answer.status}: {answer.read()[:300]!r}")
        answer.read()
    return found[2:]


def _moves(product: Product, run_id: Any) -> list[float]:
    """Return the seconds of completing steps through the API."""
    parts = urlsplit(product.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    headers = {"Authorization": f"Bearer {product.facts['api_token']}"}
    found = []
    for number in range(ASKED):
        began = time.perf_counter()
        connection.request("POST", f"/api/v1/runs/{run_id}/steps/step{number}/complete", headers=headers)
        answer = connection.getresponse()
        answer.read()
        found.append(time.perf_counter() - began)
        if answer.status != 200:
            raise SystemExit(f"Completing step {number} was answered {answer.status}.")
    return found

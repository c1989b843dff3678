"""An update to 100,000 mail subscribers: as fast as a bare sender, whole, and whole again when its worker is killed."""

from __future__ import annotations

import json
import os
import signal
import smtplib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

from bench import company, memory
from bench.figures import median, say, verdict
from bench.product import ROOT, Product, running

SUBSCRIBERS: Final = 100_000
BARE: Final = 20_000
"""Mails of the bare sender before and after."""
CONNECTIONS: Final = 4
PATIENCE_S: Final = 600
_FILL: Final = """
INSERT INTO statuspage_subscriber (id, page_id, channel, address, state, language, minimum_impact, all_components,
    secret, contact, failures, asked_at, created_at, confirmed_at)
SELECT gen_random_uuid(), %s, 'email', 'reader' || n || '@customer' || n %% 977 || '.example', 'active', 'en', 'none',
    true, '', '', 0, now(), now(), now() FROM generate_series(1, %s) n
"""


class Sink:
    """The mail server that takes everything, as a process of its own."""

    def __init__(self, ports: tuple[int, int]) -> None:
        self.port, self._report = ports

    def figures(self, command: str = "say") -> dict[str, Any]:
        """Return what came since it was told to forget."""
        with socket.create_connection(("127.0.0.1", self._report), timeout=30) as line:
            line.sendall(command.encode() + b"\n")
            found: dict[str, Any] = json.loads(line.makefile().readline())
            return found

    def forget(self) -> None:
        """Begin anew."""
        self.figures("forget")


@contextmanager
def sink() -> Iterator[Sink]:
    """Run the sink."""
    command = [sys.executable, "-m", "bench.mail_sink"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        mail, report = process.stdout.readline().split()
        try:
            yield Sink((int(mail), int(report)))
        finally:
            process.kill()


def measure() -> None:
    """Measure all of it on a product of its own, whose mail goes to the sink."""
    with sink() as end, running(EMAIL_URL=f"smtp://127.0.0.1:{end.port}") as product:
        company.connect(product)
        page = _page_with_subscribers()
        before = _memory(product)
        update = _draft(page)
        kept, pipelined = [_bare(end, update, _send_kept)], [_bare(end, update, _send_pipelined)]
        took_s, rate = _whole(product, end, update)
        kept.append(_bare(end, update, _send_kept))
        pipelined.append(_bare(end, update, _send_pipelined))
        ratio = rate / median(kept)
        say(
            f"  {rate:,.0f} mails/s; bare sender, {CONNECTIONS} kept connections of the standard library: "
            f"{median(kept):,.0f}; pipelined by hand: {median(pipelined):,.0f} ({rate / median(pipelined):.2f} of it)"
        )
        verdict("mailing", reached=took_s <= 300, figure=f"{SUBSCRIBERS:,} mails {took_s:.0f} s", goal="<= 300 s")
        verdict("mailing against bare", reached=ratio >= 0.4, figure=f"{ratio:.2f}", goal=">= 0.40")
        _killed(product, end, page)
        after = _memory(product)
        grown = {name: after[name] - before[name] for name in ("worker", "engine")}
        figure = ", ".join(f"{name} {after[name]:.0f} MiB ({more:+.0f})" for name, more in grown.items())
        verdict("memory of mailings", reached=max(grown.values()) <= 40, figure=figure, goal="grown <= 40 MiB each")


def _whole(product: Product, end: Sink, update: Any) -> tuple[float, float]:
    """Publish an update; return the seconds until every mail was taken, and mails per second while they came."""
    end.forget()
    began, began_at = time.monotonic(), time.time()
    _publish(update)
    peak: dict[str, float] = {}
    while (figures := end.figures())["mails"] < SUBSCRIBERS:
        if time.monotonic() - began > PATIENCE_S:
            break
        for name, size in _memory(product).items():
            peak[name] = max(size, peak.get(name, 0.0))
        time.sleep(3)  # adding memory up costs a tenth of a second of a core
    took_s = time.monotonic() - began
    _until_recorded(update)
    figures = end.figures()
    took_s = min(took_s, figures["last_at"] - began_at)
    say(f"  published to last mail {took_s:.1f} s, recorded {time.monotonic() - began:.1f} s; {figures}")
    say("  peak " + ", ".join(f"{name} {size:.0f}" for name, size in peak.items()) + " MiB PSS")
    return took_s, figures["mails"] / figures["seconds"]


def _killed(product: Product, end: Sink, page: Any) -> None:
    """Publish another update and kill every worker half-way; nobody may be missed, repeats must say so."""
    from statuspage.models import Notice

    end.forget()
    update = _draft(page)
    _publish(update)
    while end.figures()["mails"] < SUBSCRIBERS // 2:
        time.sleep(0.1)
    for pid in product.pids()["worker"]:
        os.kill(pid, signal.SIGKILL)
    say(f"  workers killed after {end.figures()['mails']:,} mails")
    until = time.monotonic() + PATIENCE_S
    while end.figures()["receivers"] < SUBSCRIBERS and time.monotonic() < until:
        time.sleep(0.5)
    _until_recorded(update)
    figures = end.figures()
    marked = Notice.objects.filter(mailing__update=update, repeated=True).count()
    say(f"  {figures}; {marked} marked in the database")
    fine = figures["receivers"] == SUBSCRIBERS and figures["repeats"] <= figures["marked"] <= CONNECTIONS * 2 * 100
    verdict(
        "killed half-way",
        reached=fine,
        figure=f"{figures['receivers']:,} of {SUBSCRIBERS:,}, {figures['repeats']} twice, {figures['marked']} marked",
        goal="all, repeats marked",
    )


def _page_with_subscribers() -> Any:
    from django.db import connection

    from statuspage.models import StatusPage

    now = datetime.now(tz=UTC)
    page = StatusPage.objects.create(name="Bench", slug="bench", created_at=now, updated_at=now)
    with connection.cursor() as cursor:
        cursor.execute(_FILL, [page.pk, SUBSCRIBERS])
        cursor.execute("ANALYZE statuspage_subscriber")
    return page


def _draft(page: Any) -> Any:
    """Draft the first update of a public incident."""
    from django.db import transaction

    from ledger.actor import Actor
    from statuspage.operations.draft_update import draft_incident

    text = "Some websites do not answer.\n\n" + "We are looking into it and write again within half an hour. " * 6
    with transaction.atomic():
        return draft_incident(
            page=page,
            name="Websites do not answer",
            texts={"en": text},
            components={},
            by=Actor.system(),
            now=datetime.now(tz=UTC),
        )


def _publish(update: Any) -> None:
    """Approve and publish it."""
    from django.db import transaction

    from ledger.actor import Actor
    from people.models import Person
    from statuspage.operations.approve_update import approve_update
    from statuspage.operations.contents import digest_of
    from statuspage.operations.publish_update import publish_update

    now, by, person = datetime.now(tz=UTC), Actor.system(), Person.objects.filter(is_active=True).first()
    assert person is not None
    with transaction.atomic():
        approved = approve_update(update=update, digest=digest_of(update), person=person, by=by, now=now)
        publish_update(update=approved, person=person, by=by, now=now)


def _until_recorded(update: Any) -> None:
    from statuspage.models import Mailing

    until = time.monotonic() + PATIENCE_S
    while Mailing.objects.get(update=update).state != Mailing.State.DONE:
        if time.monotonic() > until:
            verdict("mailing", reached=False, figure="not recorded", goal="done")
            return
        time.sleep(0.2)


def _memory(product: Product) -> dict[str, float]:
    return {name: size for name, size in memory.pss_mib(product).items() if name in ("worker", "engine")}


def _bare(end: Sink, update: Any, send: Callable[[int, bytes, int], None]) -> float:
    """Return the mails per second of a sender that does nothing but send the same body."""
    from statuspage.subscribers.telling import tell, update_of
    from statuspage.subscribers.update_mail import update_form

    form = update_form(tell(update_of(update.pk), "en"), repeated=False)
    token = b"x" * 43
    values = {"id": b"1234567", "date": b"Sun, 22 Nov 2026 03:00:00 +0000", "manage": token, "unsubscribe": token}
    body = form.fill({"to": b"reader12345@customer123.example", **values})
    end.forget()
    threads = [threading.Thread(target=send, args=(end.port, body, n)) for n in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    figures = end.figures()
    say(f"  {send.__name__}: {figures['mails']:,} mails of {len(body):,} bytes in {figures['seconds']:.1f} s")
    return float(figures["mails"] / figures["seconds"])


def _send_kept(port: int, body: bytes, number: int) -> None:
    with smtplib.SMTP("127.0.0.1", port) as server:
        for mail in range(BARE // CONNECTIONS):
            server.sendmail("a@b.example", f"bare{number}.{mail}@c.example", body)


def _send_pipelined(port: int, body: bytes, number: int) -> None:
    count = BARE // CONNECTIONS
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        answers = line.makefile("rb")
        answers.readline()
        line.sendall(b"EHLO bare\r\n")
        while answers.readline()[3:4] == b"-":
            pass
        for mail in range(count + 1):
            opening = b"MAIL FROM:<a@b.example>\r\nRCPT TO:<bare%d.%d@c.example>\r\nDATA\r\n" % (number, mail)
            content = body + b".\r\n" if mail else b""
            line.sendall(content + (opening if mail < count else b""))
            for _answer in range((1 if mail else 0) + (3 if mail < count else 0)):
                answers.readline()

"""The worst day: somebody read the table of FTP passwords. From the declared incident to the report, for real."""

from __future__ import annotations

import base64
import ftplib
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import transaction
from nacl.public import PrivateKey, SealedBox

from demonstration.organisation import organise
from eap.models import Plan, Run, RunStep
from eap.operations.plans.install import install
from eap.operations.runs.start_run import start_run
from engine import clock
from incidents.operations.declare import declare
from ledger.actor import Actor
from ledger.models import Entry
from people.actors import actor_for
from people.models import Person
from resets.models import Account, CompletionReport, NoticeLetter, Reset, Return, Seal, SealDestruction, System
from resets.operations.exclude import Spared, approve_exclusions, digest_of, exclude
from statuspage.models import StatusPage, StatusUpdate
from tests.builders import CAST, make_person
from tests.eap.builtin.at_work import walk
from tests.resets.notices import telling
from tests.resets.self_set.desk import GOOD, Customer, code_in
from tests.statuspage.subscribers.mail_server import Mailbox, mail_server
from tests.stories.stolen_passwords import (
    CANARIES,
    CUSTOMERS,
    ROBOT,
    SHELL_CANARY,
    SHELLS,
    Company,
    Hands,
    ShellSession,
    company,
    login_of,
    old_of,
    worker,
)

pytestmark = [pytest.mark.integration, pytest.mark.django_db(transaction=True)]

IN_SCOPE = CUSTOMERS + len(CANARIES) + len(SHELLS) + 1


@pytest.fixture
def ftp(transactional_db: None, tmp_path: Path) -> Iterator[Company]:
    with company(tmp_path, set_at=clock.now() - timedelta(days=200)) as opened:
        yield opened


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as box:
        yield box


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> Hands:
    made = Hands()
    monkeypatch.setattr(clock, "now", made.now)
    return made


class Day:
    """What the people of the story do, and what they see, in the order of the plan."""

    def __init__(self, ftp: Company, hands: Hands, mailbox: Mailbox) -> None:
        self.ftp, self.hands, self.mailbox = ftp, hands, mailbox
        self.key = PrivateKey.generate()
        self.session: ftplib.FTP | None = None
        self.shell_session: ShellSession | None = None
        self.sealed: dict[str, str] = {}
        self.people = {name: make_person(name) for name in CAST if name != "Sam"}

    def begin(self) -> Run:
        """Set the company up, declare the incident, start the plan for it."""
        now = clock.now()
        organise(self.people, now=now)
        StatusPage.objects.create(name="Harbor Hosting", created_at=now, updated_at=now)
        self.ftp.set_up(now=now)
        by = actor_for(self.people["Alma"], via="web")
        with transaction.atomic():
            install(key="mass-credential-reset", by=Actor.system(), now=now)
        with transaction.atomic():
            incident = declare(title="FTP passwords were read", severity=1, type="intrusion", by=by, now=now)
        plan = Plan.objects.get(key="mass-credential-reset")
        assert plan.published is not None
        inputs = {
            "cutoff": (now - timedelta(hours=1)).isoformat(),
            "systems": "ftp, shell",
            "canary": ", ".join(CANARIES),
            "seal_key": base64.b64encode(bytes(self.key.public_key)).decode(),
        }
        with transaction.atomic():
            return start_run(version=plan.published, inputs=inputs, incident=incident, by=by, now=now)

    def leave_alone(self, _now: datetime) -> None:
        """The robot that makes backups is left alone: Sid writes it down, Mia approves it."""
        reset, system = Reset.objects.get(), System.objects.get(key="ftp")
        spared = [Spared(system=system, login=ROBOT, reason="Fetches the backups tonight")]
        with transaction.atomic():
            exclude(reset_id=reset.pk, spared=spared, by=self._by("Sid"), now=clock.now())
        digest = digest_of(reset.exclusions.select_related("system"))
        with transaction.atomic():
            approve_exclusions(reset_id=reset.pk, digest=digest, by=self._by("Mia"), now=clock.now())

    def go(self, _now: datetime) -> None:
        """Before anybody agreed, everything is as it was; the intruder has a session open."""
        assert Reset.objects.get().count == IN_SCOPE
        assert all(self.ftp.signs_in(login) for login in (login_of(3), ROBOT, *CANARIES))
        self.session = self.ftp.session(login_of(9))
        assert all(self.ftp.shell.lets_in(login, password=old_of(login)) for login in SHELLS)
        self.shell_session = ShellSession(self.ftp.shell, SHELLS[0])

    def go_on(self, _now: datetime) -> None:
        """The canary is out, and nobody else."""
        assert not any(self.ftp.signs_in(login) for login in CANARIES)
        assert not self.ftp.shell.lets_in(SHELL_CANARY, key=self.ftp.shell.user_key)
        assert self.ftp.signs_in(login_of(3))
        assert self.ftp.shell.lets_in(SHELLS[1], password=old_of(SHELLS[1]))
        step = RunStep.objects.get(key="check_canary")
        assert step.facts["sign_ins"] == len(CANARIES) + 1, "their old passwords were really tried"

    def a_customer_sets_one(self, now: datetime) -> None:
        """Everybody is out, the open session too; a customer chooses a password on the reset page and is in again."""
        assert not any(self.ftp.signs_in(login_of(number)) for number in (3, 9, CUSTOMERS - 1))
        assert self.session is not None
        with pytest.raises((EOFError, OSError, ftplib.Error)):
            self.session.pwd()
        self.session.close()
        assert self.ftp.signs_in(ROBOT)
        assert self.shell_session is not None
        self.shell_session.ends()
        self.shell_session.close()
        for login in SHELLS:
            assert not self.ftp.shell.lets_in(login, password=old_of(login))
            assert not self.ftp.shell.lets_in(login, key=self.ftp.shell.user_key)
        customer = Customer(self.hands.hold, max(now, clock.now()))
        customer.asks(login_of(3))
        code = code_in(self.mailbox.to(f"{login_of(3)}@customer.example"))
        assert customer.chooses(code).status_code == 200
        self.hands.set(customer.now)
        assert self.ftp.signs_in(login_of(3), GOOD)
        assert not self.ftp.signs_in(login_of(3))

    def approve_notice(self, _now: datetime) -> None:
        """The notice is read and approved by somebody else than who wrote it."""
        telling.approve(Reset.objects.get().notices.latest("round"), person=self.people["Vera"])

    def read_the_seals(self, _now: datetime) -> None:
        """Who holds the private half can still read the old hashes; a moment later they are gone."""
        for seal in Seal.objects.all():
            self.sealed |= dict(json.loads(SealedBox(self.key).decrypt(bytes(seal.box)))["hashes"])

    def meanwhile(self, now: datetime) -> None:
        """The clock moves on, and letters leave."""
        self.hands.set(now)
        for second in range(0, 20, 2):
            telling.move(now + timedelta(seconds=second))

    def _by(self, name: str) -> Actor:
        return actor_for(Person.objects.get(name=name), via="web")


def test_from_the_intrusion_to_the_report(ftp: Company, hands: Hands, mailbox: Mailbox) -> None:
    day = Day(ftp, hands, mailbox)
    before = ftp.hashes()
    run = day.begin()
    first = {
        "leave_alone": day.leave_alone,
        "go": day.go,
        "go_on": day.go_on,
        "ready": day.a_customer_sets_one,
        "approve_notice": day.approve_notice,
        "approve_reminder": day.approve_notice,
        "destroy_copy": day.read_the_seals,
    }
    with worker():
        walk(run, choices={}, now=clock.now(), first=first, meanwhile=day.meanwhile)
    run.refresh_from_db()
    assert (run.state, run.trouble) == ("done", "")
    _nobody_has_an_old_password(ftp, before)
    _customers_were_told(mailbox)
    _all_is_on_record(run, day)


def _nobody_has_an_old_password(ftp: Company, before: set[str]) -> None:
    assert not any(ftp.signs_in(login_of(number)) for number in range(0, CUSTOMERS, 10))
    assert not any(ftp.signs_in(login) for login in CANARIES)
    assert ftp.signs_in(ROBOT)
    left = before & ftp.hashes()
    assert len(left) == 1, "the robot's"


def _customers_were_told(mailbox: Mailbox) -> None:
    letters = NoticeLetter.objects.filter(state="sent")
    told, reminded = (set(letters.filter(notice__round=number).values_list("address", flat=True)) for number in (0, 1))
    back = f"{login_of(3)}@customer.example"
    assert told == set(Account.objects.exclude(email="").values_list("email", flat=True))
    assert reminded == told - {back}, "who has come back is left in peace"
    notice = next(mail for mail in mailbox.mails() if mail["To"] == f"{login_of(5)}@customer.example")
    assert "stolen-" not in str(notice)


def _all_is_on_record(run: Run, day: Day) -> None:
    reset = Reset.objects.get()
    report = CompletionReport.objects.get()
    assert reset.state == "done"
    facts = report.facts
    assert (facts["accounts"], facts["returned"], facts["stragglers"]) == (IN_SCOPE, 1, IN_SCOPE - 1)
    for phase in facts["phases"]:
        assert phase["left"] == phase["missed"] == 0, phase
    assert [phase["name"] for phase in facts["phases"]] == ["seal", "disable", "lock", "revoke"]
    assert all(look["holds"] for look in facts["looks"])
    assert len(facts["looks"]) == 3
    told = facts["notices"]
    assert [round_["letters"] for round_ in told] == [{"sent": CUSTOMERS + 2}, {"sent": CUSTOMERS + 1}]
    assert {round_["approved_by"] for round_ in told} == {"Vera"}
    assert [row["login"] for row in facts["exclusions"]] == [ROBOT]
    assert Return.objects.get().account.login == login_of(3)
    assert len(day.sealed) == IN_SCOPE
    assert not Seal.objects.exists()
    ended = SealDestruction.objects.get()
    assert ended.asked_by != ended.done_by
    said = Entry.objects.get(subject=reset.subject, verb="reset.reported")
    assert said.payload["fingerprint"] == report.fingerprint
    on_the_incident = Entry.objects.filter(subject=f"incident:{run.incident_id}", verb__startswith="reset.")
    assert {"reset.released", "reset.phase_done", "reset.closed"} <= set(on_the_incident.values_list("verb", flat=True))
    assert StatusUpdate.objects.count() == 2

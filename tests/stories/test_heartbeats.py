"""A job reports by HTTP, stays away, somebody's phone rings; it comes back, and the phone falls silent."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

import httpx
import pytest

from incidents.models import Incident, Service
from intake.models import Alert, RoutingRule
from notifications.models import Page
from tests.builders import make_person
from tests.incidents.builders import make_service
from tests.intake.test_mute_alerts import Works, mutings, works
from tests.stories.night import Night

__all__ = ["mutings", "works"]

BACKUP: Final = {"name": "Mail backup", "period_s": 600, "grace_s": 60, "service": "mail", "severity": "error"}


@pytest.fixture
def service(night: Night) -> Service:
    """The mail service, which pages Otto; what is an error opens an incident."""
    RoutingRule.objects.create(name="Errors", action="incident", incident_severity=3)
    return make_service("mail", make_person("Otto", methods=["voice"]))


@pytest.fixture
def job(night: Night, service: Service) -> str:
    """The address at which the backup reports, made by an administrator's program."""
    with night.sign_in(make_person("Alma", methods=[])) as alma:
        made = alma.post("/heartbeats", json=BACKUP)
    assert made.status_code == 201, made.text
    return f"{night.url}{urlsplit(made.json()['ping_url']).path}"


def ping(address: str, method: str = "GET", body: bytes = b"") -> None:
    """Report as curl does."""
    response = httpx.request(method, address, content=body, timeout=20, trust_env=False)
    assert (response.status_code, response.text) == (200, "" if method == "HEAD" else "OK")


def test_a_job_that_stays_away_calls_somebody_and_its_return_hangs_up(night: Night, job: str) -> None:
    ping(job)
    night.pass_time(minutes=9)
    night.stays_quiet()
    night.pass_time(minutes=2)
    otto = Page.objects.get().responders_called.get().person
    ringing = night.call_to(otto)
    ping(f"{job}/start", "HEAD")
    assert Incident.objects.get().is_open
    ping(f"{job}/0", "POST", b"12 GB\n")
    night.is_hung_up(ringing)
    incident = Incident.objects.get()
    assert (incident.status, incident.title.partition(":")[0]) == ("resolved", "Mail backup is late")
    page = Page.objects.get()
    assert (page.state, page.cancel_reason) == ("cancelled", "resolved")


def test_a_failure_calls_at_once_and_says_what_failed(night: Night, job: str) -> None:
    ping(f"{job}/2", "POST", b"No space left on device\n")
    night.look()
    otto = Page.objects.get().responders_called.get().person
    assert "Mail backup failed with exit status 2" in night.phones.pick_up(night.call_to(otto), "1")
    assert Page.objects.get().state == "acknowledged"
    ping(job)
    night.look()
    assert Incident.objects.get().status == "resolved"


def test_what_is_missed_while_its_service_is_worked_on_wakes_nobody(
    night: Night, job: str, service: Service, works: Works
) -> None:
    ping(job)
    works.begin(service, at=night.now())
    night.pass_time(minutes=12)
    night.stays_quiet()
    assert Alert.objects.get().muted
    ping(job)
    night.look()
    works.end(service)
    night.stays_quiet()
    assert not Incident.objects.exists()


def test_a_paused_job_wakes_nobody(night: Night, job: str) -> None:
    with night.sign_in(make_person("Alma", methods=[])) as alma:
        (heartbeat,) = alma.get("/heartbeats").json()["items"]
        assert alma.post(f"/heartbeats/{heartbeat['id']}/pause").status_code == 200
        night.pass_time(minutes=15)
        ping(f"{job}/fail")
        night.stays_quiet()
        assert not Alert.objects.exists()
        assert alma.post(f"/heartbeats/{heartbeat['id']}/resume").json()["state"] == "new"

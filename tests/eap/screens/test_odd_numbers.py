"""Signs that look like digits and are no numbers, where a screen reads one: nothing breaks."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from engine import clock
from notifications.channels.base import TemporaryFailure
from notifications.channels.twilio.errors import failure_of as carrier_failure_of
from notifications.outbound_http import Answered, failure_of
from tests.builders import make_person
from tests.eap.runs.builders import begin, make_version, states, step

pytestmark = pytest.mark.django_db
SQUARE = "²"
"""`str.isdigit` says yes, and `int` no."""


def test_pages_and_lines_by_odd_numbers_are_left_alone() -> None:
    client = Client()
    client.force_login(make_person("Otto"))
    assert client.get(reverse("runs"), {"page": SQUARE}).status_code == 200
    run = begin(make_version([step("pause", "pause_point", lines=[{"text": "Backups run"}])]), now=clock.now())
    answer = client.post(reverse("step_answer", args=[run.pk, "pause"]), {f"line_{SQUARE}": "yes", "initials": "OB"})
    assert answer.status_code < 500
    assert states(run) == {"pause": "ready"}
    assert client.post(reverse("policy_add"), {"levels": SQUARE}).status_code < 500


def test_an_answer_that_asks_for_an_odd_pause_is_a_failure_like_any_other() -> None:
    for failure in (
        failure_of(Answered(host="hook.example", status=503, retry_after=SQUARE), address=frozenset()),
        carrier_failure_of(status=503, body="", retry_after=SQUARE),
    ):
        assert isinstance(failure, TemporaryFailure)
        assert failure.retry_after_s is None

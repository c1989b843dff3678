"""The gate between two waves of a fan-out."""

from __future__ import annotations

import pytest

from eap.operations.runs.retry_step import retry_step
from tests.builders import by, make_person
from tests.eap.runs.actions import once
from tests.eap.runs.approving import agree
from tests.eap.runs.builders import (
    at,
    automation,
    begin,
    do,
    fresh,
    go,
    make_hosts,
    make_version,
)
from web.errors import IllegalMove

pytestmark = pytest.mark.django_db


def test_a_gate_between_waves_waits_for_somebody_else() -> None:
    vic, otto = make_person("Vic"), make_person("Otto")
    make_hosts("web1", "web2", "web3")
    targets = {"hosts": "web", "canary": 1, "gate": "approval"}
    version = make_version(
        [automation("burn", "test-once", targets=targets, role="vp", destructive=True)],
        roles={"vp": {"title": "VP", "person": vic.email}},
    )
    run = begin(version, who=otto)
    go()
    assert once.called() == ["web1"]
    assert at(run, "burn").gate == 1
    with pytest.raises(IllegalMove, match="second factor"):
        agree(run, vic, key="burn")
    agree(run, vic, key="burn", second_factor=True)
    go()
    assert once.called() == ["web1", "web2", "web3"]
    assert fresh(run).state == "done"


def test_a_gate_denied_ends_the_fan_out() -> None:
    vic, otto = make_person("Vic"), make_person("Otto")
    make_hosts("web1", "web2", "web3")
    version = make_version(
        [
            automation(
                "burn", targets={"hosts": "web", "canary": 1, "gate": "approval"}, role="vp", on_failure="continue"
            )
        ],
        roles={"vp": {"title": "VP", "person": vic.email}},
    )
    run = begin(version, who=otto)
    go()
    agree(run, vic, key="burn", approve=False)
    go()
    assert at(run, "burn").state == "failed"
    assert fresh(run).state == "done"


def test_a_gate_denied_may_be_asked_for_again() -> None:
    vic, otto = make_person("Vic"), make_person("Otto")
    make_hosts("web1", "web2", "web3")
    targets = {"hosts": "web", "canary": 1, "gate": "approval"}
    version = make_version(
        [automation("burn", targets=targets, role="vp")], roles={"vp": {"title": "VP", "person": vic.email}}
    )
    run = begin(version, who=otto)
    go()
    agree(run, vic, key="burn", approve=False)
    go()
    assert at(run, "burn").state == "failed"
    do(retry_step, step_id=at(run, "burn").pk, selections=["not_started"], by=by(otto))
    go()
    assert at(run, "burn").gate == 1
    agree(run, vic, key="burn")
    go()
    assert fresh(run).state == "done"

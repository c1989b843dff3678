"""Recording what was decided: from the room, by whom, in whose words."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.test import Client

from incidents.operations.decide import decide
from incidents.timeline import timeline
from tests.builders import NOW, by, make_person
from tests.incidents.builders import make_incident
from web.errors import BadInput

pytestmark = pytest.mark.django_db


def test_a_decision_is_an_entry_of_its_own_kind() -> None:
    ada, incident = make_person("Ada"), make_incident()
    with transaction.atomic():
        decide(incident_id=incident.pk, text=" Fail over ", because="The array is lost", by=by(ada), now=NOW)
    line = timeline(incident)[-1]
    assert (line.verb, line.sentence) == ("incident.decided", "Ada recorded a decision")
    assert line.text == "Fail over\n\nThe array is lost"


def test_an_empty_decision_is_refused() -> None:
    incident = make_incident()
    with pytest.raises(BadInput), transaction.atomic():
        decide(incident_id=incident.pk, text="  ", by=by(make_person("Ada")), now=NOW)


def test_it_is_recorded_from_the_room(client: Client) -> None:
    otto, incident = make_person("Otto"), make_incident()
    client.force_login(otto)
    assert f"/incidents/{incident.number}/decision/" in client.get(f"/incidents/{incident.number}/").content.decode()
    answer = client.post(f"/incidents/{incident.number}/decision/", {"text": "Fail over"})
    assert answer.status_code == 302
    assert timeline(incident)[-1].text == "Fail over"

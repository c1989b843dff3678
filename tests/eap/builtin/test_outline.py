"""How the steps of a plan read, on its page and on paper."""

from __future__ import annotations

import pytest

from eap.outline import outline
from tests.eap.runs.builders import make_version, step

pytestmark = pytest.mark.django_db


def test_steps_of_one_action_are_told_apart_by_its_inputs() -> None:
    ask = {"method": "GET", "url": "https://api.example.org/\n" + "x" * 100, "headers": {"Accept": "text/plain"}}
    call = {"action": "http", "with": ask}
    version = make_version([step("look", kind="automation", call=call)])
    said = dict(outline(version.read())[0].particulars)["Does"]
    assert said.startswith("http (method: GET, url: https://api.example.org/ xxx")
    assert "Accept" not in said, "what is nested would fill the page"
    assert len(said) < 100

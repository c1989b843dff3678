"""Describing what holds the accounts: kinds, settings, the test of rights, putting away."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from ledger.queries import entries
from people.models import Role
from resets.backends.registry import PLACES
from resets.describing import blank, read, written
from resets.models import Reset, System
from tests.builders import make_person
from tests.resets.engine.builders import make_reset
from web.errors import BadInput

pytestmark = pytest.mark.django_db

HTTP = "url: https://panel.example.com/reset\nsecret: panel_key\n"


@pytest.fixture
def browser() -> Client:
    found = Client()
    found.force_login(make_person("Ada", role=Role.ADMINISTRATOR))
    return found


def add(browser: Client, settings: str, **more: object) -> tuple[int, str]:
    given = {"name": "Panel", "key": "panel", "settings": settings, "at_once": 2, **more}
    answer = browser.post(reverse("account_system_add", args=["http"]), given)
    return answer.status_code, answer.content.decode()


@pytest.mark.parametrize("kind", sorted(set(PLACES) - {"memory"}))
def test_each_kind_has_a_form_that_names_what_it_needs(browser: Client, kind: str) -> None:
    answer = browser.get(reverse("account_system_add", args=[kind]))
    assert answer.status_code == 200
    needed = [line.removesuffix(":") for line in blank(kind).splitlines() if not line.startswith("#")]
    assert needed
    refused = browser.post(
        reverse("account_system_add", args=[kind]),
        {"name": "X", "key": "x", "at_once": 1, "settings": "not_a_field: 1"},
    )
    assert refused.status_code == 422
    for name in needed:
        assert f"{name}: Field required." in refused.content.decode()


def test_a_system_is_kept_with_its_settings_and_changed(browser: Client) -> None:
    status, _said = add(browser, HTTP)
    assert status == 302
    system = System.objects.get()
    assert (system.kind, system.settings["secret"]) == ("http", "panel_key")
    answer = browser.post(
        reverse("account_system_edit", args=[system.pk]),
        {"name": "The panel", "settings": HTTP, "rate": 50, "at_once": 4, "drill": "on"},
    )
    assert answer.status_code == 302
    system.refresh_from_db()
    assert (system.key, system.name, system.rate, system.at_once, system.drill) == ("panel", "The panel", 50, 4, True)
    payload = entries("settings:account-systems")[-1].payload
    assert payload["fields"] == ["secret", "url"]
    assert "panel.example.com" not in str(payload), "addresses stay out of the chain; the row has them"


def test_what_is_wrong_is_said_and_nothing_typed_is_lost(browser: Client) -> None:
    status, said = add(browser, "url: [\n")
    assert status == 422
    assert "Line " in said
    status, said = add(browser, "just words")
    assert "Write fields and their values" in said
    status, said = add(browser, "url: ftp://x\nsecret: panel_key\n")
    assert "url: String should match pattern" in said
    assert "ftp://x" in said
    assert not System.objects.exists()
    add(browser, HTTP)
    status, said = add(browser, HTTP)
    assert "There is a system with this key." in said


def test_the_test_says_what_it_could_not_do(browser: Client) -> None:
    add(browser, HTTP)
    system = System.objects.get()
    said = browser.post(reverse("account_system_probe", args=[system.pk])).content.decode()
    assert "There is no secret panel_key" in said


def test_a_system_in_use_is_not_put_away(browser: Client) -> None:
    add(browser, HTTP)
    system = System.objects.get()
    reset = make_reset(systems=[system])
    browser.post(reverse("account_system_archive", args=[system.pk]), {"away": "1"})
    assert System.objects.get().archived_at is None
    reset.state = "done"
    reset.save()
    browser.post(reverse("account_system_archive", args=[system.pk]), {"away": "1"})
    assert System.objects.get().archived_at is not None
    assert "Put away" in browser.get(reverse("account_systems")).content.decode()
    browser.post(reverse("account_system_archive", args=[system.pk]), {"away": "0"})
    assert System.objects.get().archived_at is None


def test_settings_survive_being_written_and_read() -> None:
    given = {"hosts": "shells", "probes": {"canary": "probe_secret"}, "port": 22, "key_files": ["a", "b"]}
    assert read(written(given)) == given
    with pytest.raises(BadInput):
        read("a: &x [*x]\n? [1]\n: 2")


def test_the_mark_for_drills_stays_while_a_reset_works_on_it(browser: Client) -> None:
    add(browser, HTTP, drill="on")
    system = System.objects.get()
    reset = make_reset(systems=[system], drill=True)
    changed = {"name": "Panel", "settings": HTTP, "at_once": 2}
    answer = browser.post(reverse("account_system_edit", args=[system.pk]), changed)
    assert (answer.status_code, System.objects.get().drill) == (422, True)
    assert "stays until its end" in answer.content.decode()
    reset.state = "done"
    reset.save()
    assert browser.post(reverse("account_system_edit", args=[system.pk]), changed).status_code == 302
    assert not System.objects.get().drill


def test_its_settings_stay_while_a_reset_is_running_there(browser: Client) -> None:
    add(browser, HTTP)
    system = System.objects.get()
    reset = make_reset(systems=[system])
    address = reverse("account_system_edit", args=[system.pk])
    changed = {"name": "Panel", "settings": HTTP.replace("panel_key", "other_key"), "at_once": 2}
    for state, status in (("running", 422), ("paused", 302)):
        Reset.objects.filter(pk=reset.pk).update(state=state)
        answer = browser.post(address, changed)
        assert answer.status_code == status
        assert System.objects.get().settings["secret"] == ("panel_key" if state == "running" else "other_key")
    Reset.objects.filter(pk=reset.pk).update(state="running")
    refused = browser.post(address, {**changed, "settings": HTTP}).content.decode()
    assert f"“{reset.title}” is running on Panel. Pause it" in refused
    slower = {**changed, "rate": 5}
    assert browser.post(address, slower).status_code == 302, "how fast it goes is steered while it runs"
    assert System.objects.get().rate == 5

"""Administrators name targets, see how each stands, and never see a secret again."""

from __future__ import annotations

import json
from pathlib import Path

import asyncssh
import pytest
from django.test import Client
from django.urls import reverse

from engine import clock, wake
from ledger.queries import entries
from people.models import Person
from statuspage.models import Target
from statuspage.operations.recording import SETTINGS
from statuspage.publishing.publish import publish
from statuspage.publishing.targets.upkeep import bring
from tests.builders import NOW, make_person
from tests.statuspage.builders import make_page

pytestmark = pytest.mark.django_db
STORAGE = {
    "name": "Storage",
    "enabled": "on",
    "endpoint": "https://s3.example.com",
    "region": "eu-1",
    "bucket": "status",
    "folder": "site",
    "access_key": "AKIA123",
    "secret_key": "very-secret",
}


@pytest.fixture
def alma() -> Person:
    """Make an administrator."""
    return make_person("Alma")


@pytest.fixture
def browser(alma: Person) -> Client:
    """Return her browser."""
    client = Client()
    client.force_login(alma)
    return client


def key() -> str:
    """Return a private key as OpenSSH writes it."""
    return asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()


def test_a_target_is_named_changed_and_removed(browser: Client) -> None:
    assert browser.post(reverse("status_target_add", args=["s3"]), STORAGE).status_code == 302
    target = Target.objects.get()
    assert target.settings == {
        "endpoint": "https://s3.example.com",
        "region": "eu-1",
        "bucket": "status",
        "folder": "site",
    }
    assert json.loads(target.secret) == {"access_key": "AKIA123", "secret_key": "very-secret"}
    Target.objects.update(generation=7, checked_at=NOW, failing_since=NOW, trouble="Gone.")
    changed = {**STORAGE, "bucket": "other", "access_key": "", "secret_key": ""}
    assert browser.post(reverse("status_target_edit", args=[target.pk]), changed).status_code == 302
    target.refresh_from_db()
    assert target.settings["bucket"] == "other"
    assert json.loads(target.secret)["secret_key"] == "very-secret", "empty keeps it"
    assert (target.generation, target.checked_at, target.trouble) == (0, None, ""), "another place knows nothing"
    browser.post(reverse("status_target_remove", args=[target.pk]))
    assert not Target.objects.exists()
    told = entries(SETTINGS)
    assert [entry.verb for entry in told] == ["status.target_added", "status.target_changed", "status.target_removed"]
    assert "very-secret" not in json.dumps([entry.payload for entry in told])


def test_no_screen_shows_a_secret(browser: Client) -> None:
    browser.post(reverse("status_target_add", args=["s3"]), STORAGE)
    browser.post(
        reverse("status_target_add", args=["sftp"]),
        {"name": "Host", "enabled": "on", "host": "h.example.com", "port": 22, "user": "web", "folder": "/srv/status",
         "host_key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0TnBdWQ6pKc0i3x9k3mXx3Vb9xQO1bR7TnVn0mB1sS",
         "private_key": (private := key()), "password": "hunter2hunter2"},
    )  # fmt: skip
    assert Target.objects.count() == 2
    for url in (
        reverse("status_targets"),
        *(reverse("status_target_edit", args=[each.pk]) for each in Target.objects.all()),
    ):
        page = browser.get(url).content.decode()
        for secret in ("very-secret", "AKIA123", "hunter2hunter2", private.splitlines()[1]):
            assert secret not in page, url


@pytest.mark.parametrize(
    ("kind", "given", "sentence"),
    [
        ("directory", {"name": "x", "folder": "relative"}, "absolute path"),
        ("s3", {**STORAGE, "bucket": "a b"}, "3 to 63"),
        ("s3", {**STORAGE, "access_key": ""}, "required"),
        ("rsync", {"host": "-oProxyCommand=x"}, "nothing else"),
        ("rsync", {"user": "root; rm"}, "nothing else"),
        ("rsync", {"host_key": "trust me"}, "ssh-ed25519"),
        ("rsync", {"private_key": "-----BEGIN nonsense"}, "no private key"),
    ],
)
def test_what_cant_work_is_said_beside_its_field(
    browser: Client, kind: str, given: dict[str, str], sentence: str
) -> None:
    answer = browser.post(reverse("status_target_add", args=[kind]), {"name": "x", "enabled": "on", **given})
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Target.objects.exists()


def test_a_name_stands_once(browser: Client, tmp_path: Path) -> None:
    for status in (302, 422):
        given = {"name": "Share", "enabled": "on", "folder": str(tmp_path)}
        assert browser.post(reverse("status_target_add", args=["directory"]), given).status_code == status


def test_how_each_stands_is_told(browser: Client, tmp_path: Path) -> None:
    nobody = browser.get(reverse("status_targets")).content.decode()
    assert "goes down with it" in nobody
    make_page()
    publish(now=clock.now())
    well = Target.objects.create(name="Share", kind="directory", settings={"folder": str(tmp_path / "share")})
    ill = Target.objects.create(name="Gone", kind="directory", settings={"folder": "nowhere"})
    bring(well.pk)
    bring(ill.pk)
    page = browser.get(reverse("status_targets")).content.decode()
    assert "fetched back and found equal" in page
    assert "The folder has to be an absolute path." in page
    assert "Fails" in page


def test_check_now_wakes_the_engine_whatever_rest_it_takes(
    browser: Client, tmp_path: Path, django_capture_on_commit_callbacks: object
) -> None:
    target = Target.objects.create(
        name="Share", kind="directory", settings={"folder": str(tmp_path)}, checked_at=NOW, next_try_at=NOW
    )
    bell = wake.bell("status_targets")
    bell.clear()
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        answer = browser.post(reverse("status_target_check", args=[target.pk]), follow=True)
    assert "being compared" in answer.content.decode()
    target.refresh_from_db()
    assert (target.checked_at, target.next_try_at) == (None, None)
    assert bell.is_set()


def test_an_unknown_kind_is_not_found(browser: Client) -> None:
    assert browser.get(reverse("status_target_add", args=["ftp"])).status_code == 404

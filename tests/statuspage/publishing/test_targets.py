"""Targets hold what the folder holds, whatever kind they are; each fails, rests and recovers by itself."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from engine import clock, duties
from statuspage.models import PublicIncident, StatusPage, Target
from statuspage.publishing import publish as publishing
from statuspage.publishing.duties import longest_failure_s
from statuspage.publishing.emergency import SCRIPT
from statuspage.publishing.manifest import Manifest
from statuspage.publishing.targets import holdings, upkeep
from statuspage.publishing.targets.kinds import open_place
from statuspage.publishing.targets.place import Trouble
from statuspage.publishing.targets.send import check, send
from statuspage.publishing.targets.upkeep import bring, tend
from tests.builders import NOW
from tests.programs import program
from tests.statuspage.builders import make_component, make_page, make_public_incident, say
from tests.statuspage.publishing.hosts import SshHost, ssh_host, storage

pytestmark = pytest.mark.django_db
KINDS = ("directory", "s3", "sftp", "rsync")


@dataclass
class Other:
    """A target and a way to look at what it holds from the other side."""

    target: Target
    files: Callable[[], dict[str, bytes]]
    spoil: Callable[[str, bytes], None]


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshHost]:
    """Run one SSH server for the tests of this file."""
    with ssh_host(tmp_path_factory.mktemp("ssh") / "host") as running:
        yield running


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """Run one storage."""
    with storage() as address:
        yield address


def in_folder(folder: Path) -> Callable[[], dict[str, bytes]]:
    """Return a way to read every file under a folder but private and compressed ones."""

    def files() -> dict[str, bytes]:
        # What begins with a dot is being written, and gone the next moment.
        named = {str(path.relative_to(folder)): path for path in folder.rglob("[!.]*") if path.is_file()}
        return {
            name: path.read_bytes() for name, path in named.items() if not name.startswith(".") and path.suffix != ".gz"
        }

    return files


def directory(folder: Path) -> Other:
    """Make a target that is a further folder."""
    target = Target.objects.create(name="Share", kind="directory", settings={"folder": str(folder)})
    return Other(target, in_folder(folder), lambda path, body: _spoil(folder / path, body))


def _spoil(place: Path, body: bytes) -> None:
    place.unlink()
    place.write_bytes(body)


def by_ssh(kind: str, host: SshHost, name: str = "site", **other: Any) -> Other:
    """Make a target behind SSH."""
    folder = host.folder / name
    login = {"host": "127.0.0.1", "port": host.port, "user": host.user, "host_key": host.host_key}
    target = Target(name=f"Host {kind}", kind=kind, settings={**login, "folder": str(folder), **other})
    target.secret = json.dumps({"private_key": host.private_key})
    target.save()
    return Other(target, in_folder(folder), lambda path, body: _spoil(folder / path, body))


def s3_client(address: str) -> Any:
    """Return a client of our own, to look from the other side."""
    import boto3

    return boto3.client(
        "s3", endpoint_url=address, aws_access_key_id="k", aws_secret_access_key="s", region_name="us-east-1"
    )


def bucket(address: str, name: str) -> Other:
    """Make a target that is a folder in a bucket."""
    client = s3_client(address)
    client.create_bucket(Bucket=name)
    target = Target(name="Storage", kind="s3", settings={"endpoint": address, "bucket": name, "folder": "/site/"})
    target.secret = json.dumps({"access_key": "k", "secret_key": "s"})
    target.save()

    def files() -> dict[str, bytes]:
        listed = client.list_objects_v2(Bucket=name).get("Contents", [])
        assert all(each["Key"].startswith("site/") for each in listed)
        return {
            each["Key"].removeprefix("site/"): client.get_object(Bucket=name, Key=each["Key"])["Body"].read()
            for each in listed
        }

    return Other(target, files, lambda path, body: client.put_object(Bucket=name, Key=f"site/{path}", Body=body))


@pytest.fixture(params=KINDS)
def other(request: pytest.FixtureRequest, tmp_path: Path) -> Other:
    """Make a target of each kind in turn."""
    if request.param == "directory":
        return directory(tmp_path / "share")
    if request.param == "s3":
        return bucket(request.getfixturevalue("s3"), f"b{os.urandom(6).hex()}")
    return by_ssh(request.param, request.getfixturevalue("host"), name=os.urandom(6).hex())


@pytest.fixture
def page() -> StatusPage:
    """Publish a page."""
    page = make_page()
    make_component(page)
    publish()
    return page


def publish() -> Manifest:
    """Publish what is true now."""
    made = publishing.publish(now=clock.now())
    assert made is not None
    return made


def published() -> dict[str, bytes]:
    """Return what the folder holds."""
    return in_folder(publishing.folder().root)()


def test_it_holds_what_the_folder_holds(page: StatusPage, other: Other) -> None:
    assert bring(other.target.pk) == ""
    assert other.files() == published()
    incident = make_public_incident(page, name="Größerer Ausfall")
    publish()
    assert bring(other.target.pk) == ""
    assert other.files() == published()
    assert f"incidents/{incident.pk}.html" in other.files()
    say(incident, "resolved", "Over.")
    PublicIncident.objects.filter(pk=incident.pk).update(published_at=None)  # as if it had never been
    publish()
    assert bring(other.target.pk) == ""
    assert other.files() == published()
    assert f"incidents/{incident.pk}.html" not in other.files()
    other.target.refresh_from_db()
    assert other.target.generation == publishing.folder().manifest().generation
    assert other.target.updated_at is not None
    assert other.target.checked_at is not None
    assert (other.target.trouble, other.target.failing_since) == ("", None)


def test_only_differences_travel(page: StatusPage, other: Other, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = publishing.folder()
    everything = send(other.target, tree, manifest=tree.manifest())
    assert everything == len(tree.manifest().files)
    publish()
    later = send(other.target, tree, manifest=tree.manifest())
    assert 0 < later < everything
    check(other.target, tree, manifest=tree.manifest())


def test_it_takes_only_a_higher_generation(page: StatusPage, other: Other) -> None:
    tree = publishing.folder()
    old = tree.manifest()
    publish()
    send(other.target, tree, manifest=tree.manifest())
    before = other.files()
    with pytest.raises(Trouble, match="newer than"):
        send(other.target, tree, manifest=old)
    assert other.files() == before


def test_what_differs_is_found_and_repaired(page: StatusPage, other: Other) -> None:
    bring(other.target.pk)
    other.spoil("index.html", b"<h1>All your base</h1>")
    assert "index.html differs" in bring(other.target.pk, everything=True)
    publish()
    assert bring(other.target.pk, everything=True) == ""
    assert other.files() == published()


def test_a_host_that_forgot_what_is_there_brings_it_in_order(page: StatusPage, other: Other) -> None:
    incident = make_public_incident(page)
    publish()
    bring(other.target.pk)
    assert f"incidents/{incident.pk}.html" in other.files()
    holdings.forget(publishing.folder(), other.target.pk)
    PublicIncident.objects.filter(pk=incident.pk).update(published_at=None)
    publish()
    assert bring(other.target.pk) == ""
    assert other.files() == published(), "a page that was taken back may not stay anywhere"


def test_two_engines_that_race_leave_the_higher_generation(page: StatusPage, other: Other) -> None:
    tree = publishing.folder()
    older = tree.manifest()
    newer = publish()
    done: list[str] = []

    def late() -> None:
        try:
            send(other.target, tree, manifest=older)
        except Trouble as trouble:
            done.append(str(trouble))

    thread = threading.Thread(target=late)
    send(other.target, tree, manifest=newer)
    thread.start()
    thread.join(60)
    assert done
    assert "newer than" in done[0]
    check(other.target, tree, manifest=newer)


def test_a_wrong_host_key_stops_everything(page: StatusPage, host: SshHost) -> None:
    wrong = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0TnBdWQ6pKc0i3x9k3mXx3Vb9xQO1bR7TnVn0mB1sS"
    for kind in ("sftp", "rsync"):
        other = by_ssh(kind, host, name=f"wrong-{kind}", host_key=wrong)
        assert "another key" in bring(other.target.pk)
        assert not (host.folder / f"wrong-{kind}").exists()


def test_a_wrong_key_of_ours_is_said_as_such(page: StatusPage, host: SshHost, tmp_path: Path) -> None:
    keygen = program("ssh-keygen", package="openssh-client")
    subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "k")], check=True)
    for kind in ("sftp", "rsync"):
        other = by_ssh(kind, host, name="refused")
        other.target.secret = json.dumps({"private_key": (tmp_path / "k").read_text()})
        other.target.save()
        assert "does not let" in bring(other.target.pk)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"host": "-oProxyCommand=touch /tmp/owned"}, "no plain name"),
        ({"user": "-l"}, "no plain name"),
        ({"host_key": ""}, "key is missing"),
        ({"folder": "relative"}, "absolute"),
    ],
)
def test_names_that_would_be_options_are_refused(
    page: StatusPage, host: SshHost, given: dict[str, str], sentence: str
) -> None:
    for kind in ("sftp", "rsync"):
        other = by_ssh(kind, host)
        other.target.settings |= given
        other.target.save()
        assert sentence in bring(other.target.pk)
        other.target.delete()


def test_a_folder_with_other_things_in_it_is_left_alone(page: StatusPage, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home/thesis.tex").write_text("years of work")
    other = directory(tmp_path / "home")
    assert "holds something else" in bring(other.target.pk)
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["thesis.tex"]


def test_storage_says_what_each_object_is(page: StatusPage, s3: str) -> None:
    other = bucket(s3, "typed")
    bring(other.target.pk)
    client = s3_client(s3)
    index = client.head_object(Bucket="typed", Key="site/index.html")
    assert (index["ContentType"], index["CacheControl"][:18]) == ("text/html; charset=utf-8", "public, max-age=15")
    (asset,) = [path for path in other.files() if path.startswith("assets/site.") and path.endswith(".css")]
    assert "immutable" in client.head_object(Bucket="typed", Key=f"site/{asset}")["CacheControl"]


def test_words_of_the_emergency_script_at_a_further_folder_are_taken_over(page: StatusPage, tmp_path: Path) -> None:
    other = directory(tmp_path / "share")
    bring(other.target.pk)
    subprocess.run(
        [
            sys.executable,
            str(SCRIPT),
            str(tmp_path / "share"),
            "--stage",
            "investigating",
            "--name",
            "There",
            "--text",
            "x",
        ],
        check=True,
    )
    publish()
    bring(other.target.pk)
    assert PublicIncident.objects.get().name == "There"
    publish()
    assert bring(other.target.pk) == ""
    assert b"There" in other.files()["index.html"]
    assert other.files() == published()


@pytest.mark.django_db(transaction=True)
def test_a_slow_target_holds_up_no_other(page: StatusPage, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes the connection and never says a word
        slow = Target.objects.create(
            name="Slow",
            kind="s3",
            settings={"endpoint": f"http://127.0.0.1:{silent.getsockname()[1]}", "bucket": "b"},
        )
        quick = directory(tmp_path / "share")
        began = time.monotonic()
        assert tend(now=clock.now()) == 2
        assert time.monotonic() - began < 3
        while quick.files() != published():
            assert time.monotonic() - began < 10
            time.sleep(0.02)
        assert upkeep._under_way[slow.pk].is_alive()
        assert tend(now=clock.now()) == 0, "neither is started a second time"
    upkeep.settle(within_s=30)
    slow.refresh_from_db()
    assert "can't be reached" in slow.trouble


def test_failures_rest_longer_each_time_and_are_seen(page: StatusPage, tmp_path: Path) -> None:
    target = Target.objects.create(name="Gone", kind="s3", settings={"endpoint": "http://127.0.0.1:9", "bucket": "b"})
    bring(target.pk)
    target.refresh_from_db()
    assert target.failing_since is not None
    assert target.next_try_at is not None
    assert timedelta(seconds=4) < target.next_try_at - target.failing_since < timedelta(seconds=6)
    Target.objects.filter(pk=target.pk).update(failing_since=clock.now() - timedelta(minutes=2))
    bring(target.pk)
    target.refresh_from_db()
    assert target.next_try_at is not None
    assert target.next_try_at - clock.now() > timedelta(seconds=110)
    assert longest_failure_s(clock.now()) > 100
    assert duties.run_once("status_targets", now=clock.now()) == 0, "it rests"
    assert not upkeep._under_way
    assert longest_failure_s(NOW - timedelta(days=3650)) < 0


def test_a_failure_half_way_is_made_good(page: StatusPage, other: Other, monkeypatch: pytest.MonkeyPatch) -> None:
    bring(other.target.pk)
    incident = make_public_incident(page)
    publish()

    def broken(*_given: Any) -> Any:
        raise Trouble("The line went dead.")

    with monkeypatch.context() as patch:
        patch.setattr("statuspage.publishing.targets.send._announcement", broken)
        assert bring(other.target.pk) == "The line went dead."
    say(incident, "resolved", "Over.")
    publish()
    assert bring(other.target.pk, everything=True) == ""
    assert other.files() == published()


def test_a_place_that_was_opened_and_closed_before_takes_the_page(page: StatusPage, other: Other) -> None:
    publish()
    for _ in range(3):
        open_place(other.target).close()
    assert bring(other.target.pk) == ""
    assert other.files() == published()

"""docs/adding_a_channel.md, followed to the letter: what it says is enough for a new channel."""

from __future__ import annotations

import importlib
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from django.db import transaction

from incidents.readiness.channels import check_channels
from notifications import channels
from notifications.channels import base, registry
from notifications.channels.base import Channel
from notifications.channels.registry import all_channels
from notifications.contact_forms import AddContactForm
from notifications.models import Delivery
from notifications.operations.add_contact_method import add_contact_method
from notifications.operations.send_delivery import send_delivery
from tests.builders import by, make_person
from tests.gateway import Gateway
from tests.notifications.answering import page_now
from tests.notifications.channels.said import AT

PAGE: Final = (Path(__file__).resolve().parents[3] / "docs" / "adding_a_channel.md").read_text(encoding="utf-8")
FILES: Final = dict(re.findall(r"^`([\w/.]+\.py)`:.*?\n+```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))
FOLDER: Final = "notifications/channels/ntfy"


@pytest.fixture
def followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Write the folder as the page says, beside those that there are."""
    folder = tmp_path / "ntfy"
    folder.mkdir()
    for path, content in FILES.items():
        if path.startswith(f"{FOLDER}/"):
            (folder / Path(path).name).write_text(content, encoding="utf-8")
    with monkeypatch.context() as patch:
        patch.setattr(channels, "__path__", [*channels.__path__, str(tmp_path)])
        registry._discovered.cache_clear()
        yield folder
    registry._discovered.cache_clear()
    for name in [name for name in sys.modules if name.startswith("notifications.channels.ntfy")]:
        del sys.modules[name]
    if hasattr(channels, "ntfy"):
        del channels.ntfy


def test_the_page_has_one_folder_with_one_line_and_a_test() -> None:
    assert sorted(FILES) == [
        f"{FOLDER}/__init__.py",
        f"{FOLDER}/channel.py",
        "tests/notifications/channels/test_ntfy.py",
    ]
    lines = [line for line in FILES[f"{FOLDER}/__init__.py"].splitlines() if " = " in line]
    assert lines == ["CHANNELS = (NtfyChannel(),)"]


def test_everything_that_the_page_names_exists() -> None:
    table = PAGE.partition("| attribute | for |")[2].partition("\n\n")[0]
    named = {name for row in table.splitlines() for name in re.findall(r"`(\w+)`", row.split("|")[1] if row else "")}
    assert {name for name in named if not hasattr(Channel, name) and name not in Channel.__annotations__} == set()
    optional = {name for name in vars(Channel) if not name.startswith("_")} - {"clean_address", "trouble", "send"}
    assert optional - named - {"can_acknowledge"} == set()
    for name in ("TemporaryFailure", "PermanentFailure", "OutcomeUnknown", "News", "Limits", "CALL_S"):
        assert hasattr(base, name)
        assert f"`{name}`" in PAGE


@pytest.mark.usefixtures("followed")
def test_the_test_on_the_page_passes(provider: Gateway) -> None:
    namespace: dict[str, Any] = {}
    code = compile(FILES["tests/notifications/channels/test_ntfy.py"], "docs/adding_a_channel.md", "exec")
    exec(code, namespace)  # noqa: S102 - our own page
    tests: list[Callable[[Gateway], None]] = [each for name, each in namespace.items() if name.startswith("test_")]
    assert len(tests) == 2
    for test in tests:
        provider.asked.clear()
        provider.always(200)
        test(provider)


@pytest.mark.django_db(transaction=True)
def test_a_page_goes_out_by_it_and_without_the_folder_it_is_missed(followed: Path, provider: Gateway) -> None:
    assert "ntfy" in dict(AddContactForm().fields["kind"].choices)  # type: ignore[attr-defined]
    ada = make_person("Ada", methods=[])
    with transaction.atomic():
        add_contact_method(person=ada, kind="ntfy", address=f"{provider.url}/topic", by=by(ada), now=AT)
    page = page_now(ada, title="Power lost in hall 2")
    delivery = Delivery.objects.get(page=page)
    assert (delivery.state, delivery.provider) == ("sent", "ntfy")
    assert provider.asked[0].body.startswith("Power lost in hall 2\n")

    shutil.rmtree(followed)
    importlib.invalidate_caches()
    registry._discovered.cache_clear()
    assert "ntfy" not in [each.kind for each in all_channels()]
    assert ("no_channel", "channel:ntfy") in [(each.check, each.subject) for each in check_channels()]
    Delivery.objects.filter(pk=delivery.pk).update(state="pending", lease_until=None)
    send_delivery(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.state == "failed"
    assert "ntfy" in delivery.reason

"""What a dry run makes of a host's answer."""

from __future__ import annotations

import pytest

from resets.backends.shadow.probing import probes_of
from resets.backends.shadow.settings import ShadowSettings

GIVEN = ShadowSettings(hosts="harbor", key="deploy", revoked_keys="/etc/ssh/revoked")
ALL = [["has", name] for name in ("root", "shadow", "folder", "vipw")]


@pytest.mark.parametrize(
    ("row", "name", "granted", "sentence"),
    [
        (["lacks", "vipw"], "web1: programs", False, "Missing: vipw."),
        (["lacks", "root"], "web1: root", False, "root does not become root."),
        (["sshd", "revokedkeys", "/etc/ssh/revoked"], "web1: RevokedKeys", True, "sshd reads /etc/ssh/revoked."),
        (["sshd", "revokedkeys", "none"], "web1: RevokedKeys", False, "sshd does not read /etc/ssh/revoked."),
        (["sshd", "authorizedkeysfile", "/etc/keys/%u"], "web1: other keys", False, "/etc/keys/%u"),
        (["sshd", "authorizedkeyscommand", "/usr/bin/sss_keys"], "web1: other keys", False, "/usr/bin/sss_keys"),
        (["nss", "files sss"], "web1: other users", True, "also come from sss"),
    ],
)
def test_a_row_becomes_a_sentence(row: list[str], name: str, granted: bool, sentence: str) -> None:
    rows = [each for each in ALL if each[1] != row[1]] + [row]
    found = {probe.name: probe for probe in probes_of(rows, "web1", GIVEN)}
    assert found[name].granted is granted
    assert sentence in found[name].sentence


def test_files_in_the_homes_are_nothing_to_tell_of() -> None:
    rows = [
        *ALL,
        ["sshd", "authorizedkeysfile", ".ssh/authorized_keys"],
        ["sshd", "authorizedkeysfile", "%h/.ssh/authorized_keys2"],
    ]
    assert "web1: other keys" not in {probe.name for probe in probes_of([*rows, ["nss", "files"]], "web1", GIVEN)}

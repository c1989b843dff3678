"""Who is kept out: other machines, foreign pages, names bound to loopback from outside."""

import pytest

from simulator.settings import Settings, WrongSetting, read_settings
from tests.simulator.customer import ACCOUNT, TOKEN, Peer

GIVEN = {"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN}


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "example.org"])  # noqa: S104  refused is the point
def test_only_loopback_is_bound(host: str) -> None:
    with pytest.raises(WrongSetting, match="SIMULATOR_HOST"):
        Settings(account_sid=ACCOUNT, auth_token=TOKEN, host=host)


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        ({}, "TWILIO_ACCOUNT_SID"),
        ({"TWILIO_ACCOUNT_SID": ACCOUNT}, "TWILIO_AUTH_TOKEN"),
        (GIVEN | {"TWILIO_ACCOUNT_SID": "AC1"}, "TWILIO_ACCOUNT_SID"),
        (GIVEN | {"SIMULATOR_PORT": "http"}, "SIMULATOR_PORT"),
        (GIVEN | {"SIMULATOR_SMTP_PORT": "70000"}, "SIMULATOR_SMTP_PORT"),
        ({"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN_FILE": "/nowhere/token"}, "TWILIO_AUTH_TOKEN_FILE"),
    ],
)
def test_a_wrong_setting_is_named(environment: dict[str, str], name: str) -> None:
    with pytest.raises(WrongSetting, match=name):
        read_settings(environment=environment, arguments=[])


def test_the_command_line_goes_before_the_environment() -> None:
    settings = read_settings(
        environment=GIVEN | {"SIMULATOR_PORT": "9000", "PUBLIC_URL": "http://127.0.0.1:8123/"},
        arguments=["--port", "9001"],
    )
    assert settings.port == 9001
    assert settings.sms_url == "http://127.0.0.1:8123/twilio/sms"
    assert settings.voice_url == "http://127.0.0.1:8123/twilio/voice"
    assert TOKEN not in repr(settings)


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8090", "127.0.0.1.evil.example", "", "[bad"])
def test_a_rebound_name_is_refused(peer: Peer, host: str) -> None:
    assert peer.http.get(f"{peer.url}/api/calls", headers={"Host": host}).status_code in {400, 421}


def test_a_foreign_page_is_refused(peer: Peer) -> None:
    response = peer.http.put(f"{peer.url}/api/script", json={}, headers={"Origin": "http://evil.example"})
    assert response.status_code == 403
    assert peer.http.put(f"{peer.url}/api/script", json={}, headers={"Origin": peer.url}).status_code == 200


def test_a_form_that_any_page_could_post_is_refused(peer: Peer) -> None:
    response = peer.http.post(f"{peer.url}/api/inbound-messages", content='{"from": "+46701000001", "body": "1"}')
    assert response.status_code == 400
    assert peer.get("messages")["items"] == []


def test_the_page_runs_only_its_own_files(peer: Peer) -> None:
    response = peer.http.get(f"{peer.url}/")
    assert response.status_code == 200
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "style=" not in response.text
    assert " on" not in {part[:3] for part in response.text.split("<")}

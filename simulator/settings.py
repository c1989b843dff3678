"""What the simulator is told at its start, by environment or by command line."""

import argparse
import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ACCOUNT_SID = re.compile(r"AC[0-9a-fA-F]{32}")
VOICE_PATH = "/twilio/voice"


class WrongSetting(Exception):
    """A setting is missing or can't be used; the message begins with its name."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Ports of 0 let the system choose. `folder` is where received items outlive a restart; without it, they don't.
    `contacts` is a file of names (see simulator.contacts)."""

    account_sid: str
    auth_token: str = field(repr=False)
    host: str = "127.0.0.1"
    port: int = 8090
    smtp_port: int = 8091
    sms_url: str = "http://127.0.0.1:8000/twilio/sms"
    voice_url: str = "http://127.0.0.1:8000/twilio/voice"
    own_number: str = "+15005550006"
    folder: Path | None = None
    contacts: Path | None = None
    slack_url: str = "http://127.0.0.1:8000/slack"
    slack_bot_token: str = field(default="", repr=False)
    slack_app_token: str = field(default="", repr=False)
    slack_signing_secret: str = field(default="", repr=False)

    @property
    def app_url(self) -> str:
        """Where the customer's pages are for people; blank where its address for calls does not tell."""
        return self.voice_url.removesuffix(VOICE_PATH) if self.voice_url.endswith(VOICE_PATH) else ""

    def __post_init__(self) -> None:
        if not ACCOUNT_SID.fullmatch(self.account_sid):
            raise WrongSetting("TWILIO_ACCOUNT_SID must be AC and 32 hexadecimal digits.")
        if not self.auth_token:
            raise WrongSetting("TWILIO_AUTH_TOKEN is missing: callbacks are signed with it.")
        try:
            loopback = ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            loopback = False
        if not loopback:
            raise WrongSetting("SIMULATOR_HOST must be a loopback address: whoever reaches it plays everybody's phone.")


def read_settings(*, environment: Mapping[str, str], arguments: Sequence[str]) -> Settings:
    """The settings from the command line, else from the environment, else the defaults.

    The token is never taken from the command line, where every user of the machine could read it: it comes from
    `TWILIO_AUTH_TOKEN`, or from the file that `TWILIO_AUTH_TOKEN_FILE` or `--auth-token-file` names.
    Raises WrongSetting with the setting's name.
    """
    given = _command_line().parse_args(arguments)
    public_url = environment.get("PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
    folder = given.data or environment.get("SIMULATOR_DATA") or None
    contacts = given.contacts or environment.get("SIMULATOR_CONTACTS") or None
    return Settings(
        account_sid=given.account_sid or environment.get("TWILIO_ACCOUNT_SID", ""),
        auth_token=_token(environment=environment, file=given.auth_token_file),
        host=given.host or environment.get("SIMULATOR_HOST") or "127.0.0.1",
        port=_port("SIMULATOR_PORT", given.port or environment.get("SIMULATOR_PORT") or "8090"),
        smtp_port=_port("SIMULATOR_SMTP_PORT", given.smtp_port or environment.get("SIMULATOR_SMTP_PORT") or "8091"),
        sms_url=given.sms_url or environment.get("SIMULATOR_SMS_URL") or f"{public_url}/twilio/sms",
        voice_url=given.voice_url or environment.get("SIMULATOR_VOICE_URL") or f"{public_url}{VOICE_PATH}",
        own_number=environment.get("TWILIO_FROM") or "+15005550006",
        folder=Path(folder) if folder else None,
        contacts=Path(contacts) if contacts else None,
        slack_url=environment.get("SIMULATOR_SLACK_URL") or f"{public_url}/slack",
        slack_bot_token=environment.get("SLACK_BOT_TOKEN", ""),
        slack_app_token=environment.get("SLACK_APP_TOKEN", ""),
        slack_signing_secret=environment.get("SLACK_SIGNING_SECRET", ""),
    )


def _command_line() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m simulator",
        description="A Twilio-compatible peer, a mailbox and a page of phones, on loopback only.",
    )
    parser.add_argument("--host", help="SIMULATOR_HOST, a loopback address (127.0.0.1)")
    parser.add_argument("--port", help="SIMULATOR_PORT (8090; 0: any free one)")
    parser.add_argument("--smtp-port", help="SIMULATOR_SMTP_PORT (8091; 0: any free one)")
    parser.add_argument("--account-sid", help="TWILIO_ACCOUNT_SID")
    parser.add_argument("--auth-token-file", help="TWILIO_AUTH_TOKEN_FILE: file that holds the token")
    parser.add_argument("--sms-url", help="SIMULATOR_SMS_URL: where replies go (PUBLIC_URL/twilio/sms)")
    parser.add_argument("--voice-url", help="SIMULATOR_VOICE_URL: where inbound calls go (PUBLIC_URL/twilio/voice)")
    parser.add_argument("--data", help="SIMULATOR_DATA: folder for what was received")
    parser.add_argument("--contacts", help="SIMULATOR_CONTACTS: JSON file with the people's names, numbers, addresses")
    return parser


def _token(*, environment: Mapping[str, str], file: str | None) -> str:
    path = file or (None if environment.get("TWILIO_AUTH_TOKEN") else environment.get("TWILIO_AUTH_TOKEN_FILE"))
    if path is None:
        return environment.get("TWILIO_AUTH_TOKEN", "")
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise WrongSetting(f"TWILIO_AUTH_TOKEN_FILE can't be read: {error}") from error


def _port(name: str, text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise WrongSetting(f"{name} must be a port number, not {text!r}.")
    return int(text)

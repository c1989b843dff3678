"""The SMTP server: takes mail for everybody, refuses where a script says so."""

# ruff: noqa: ARG001, ARG002, N802  aiosmtpd gives its hooks their names and arguments

import asyncio

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from simulator.mail.parse import parse
from simulator.network import Network
from simulator.records import Mail, new_sid
from simulator.script import Behaviour

LARGEST_MAIL = 20 * 1024 * 1024
REFUSALS = {
    421: "421 4.3.2 Service not available, closing",
    450: "450 4.2.1 Mailbox busy, try again later",
    451: "451 4.7.1 Try again later",
    452: "452 4.2.2 Mailbox full",
    550: "550 5.1.1 No such mailbox",
    551: "551 5.1.6 User not local",
    552: "552 5.2.2 Mailbox over quota",
    554: "554 5.7.1 Rejected",
}


class MailSink:
    """aiosmtpd's handler. A behaviour is taken once per recipient and mail, at RCPT TO."""

    def __init__(self, *, network: Network) -> None:
        self._network = network

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", "250-ENHANCEDSTATUSCODES", responses[-1]]

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        behaviour = self._network.script.take(address.lower())
        status = next(iter(behaviour.smtp), 250)
        if status >= 400:
            return REFUSALS.get(status, f"{status} Refused as scripted")
        _delays(envelope)[address] = behaviour
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        received_at = self._network.clock.now()
        raw = envelope.original_content or b""
        parts = parse(raw)
        waiting = max((b.hang_s + (b.delay_s or 0.0) for b in _delays(envelope).values()), default=0.0)
        for address in dict.fromkeys(envelope.rcpt_tos):
            self._network.mail.put(
                Mail(
                    sid=new_sid("ML"),
                    to=address.lower(),
                    state="received",
                    received_at=received_at,
                    from_address=envelope.mail_from or "",
                    recipients=list(envelope.rcpt_tos),
                    subject=parts.subject,
                    text=parts.text,
                    html=parts.html,
                    headers=parts.headers,
                    raw=raw.decode("utf-8", errors="surrogateescape").encode("utf-8", "replace").decode(),
                )
            )
        await self._network.pause(waiting)
        return "250 2.0.0 OK: taken"


def _delays(envelope: Envelope) -> dict[str, Behaviour]:
    """The behaviours of this mail's recipients, kept on the envelope that aiosmtpd renews for each mail."""
    known: dict[str, Behaviour] = envelope.__dict__.setdefault("behaviours", {})
    return known


def _accept_login(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, auth_data: LoginPassword
) -> AuthResult:
    """Every name and password is good: nothing here is worth guarding on loopback."""
    return AuthResult(success=True)


async def listen(*, network: Network) -> asyncio.Server:
    """Serves SMTP on the configured port, in this event loop. Raises OSError if the port is taken."""
    loop = asyncio.get_running_loop()
    handler = MailSink(network=network)
    return await loop.create_server(
        lambda: SMTP(
            handler,
            data_size_limit=LARGEST_MAIL,
            enable_SMTPUTF8=True,
            hostname="simulator.invalid",
            ident="Simulator",
            auth_require_tls=False,
            authenticator=_accept_login,
            loop=loop,
        ),
        network.settings.host,
        network.settings.smtp_port,
    )

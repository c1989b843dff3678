"""Mail by SMTP: kept per recipient, taken apart, refused where scripted, shown without danger."""

import smtplib
import socket
from email.message import EmailMessage
from time import monotonic

import pytest

from tests.simulator.customer import Peer


def mail(
    *, to: str = "Ada <ada@harbor.example>", html: str = "", text: str = "Åda: http://127.0.0.1/p/9"
) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Muster <muster@harbor.example>"
    message["To"] = to
    message["Subject"] = "SEV1: Störung"
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    return message


def send(peer: Peer, message: EmailMessage) -> None:
    with smtplib.SMTP("127.0.0.1", peer.smtp_port, timeout=10) as smtp:
        smtp.login("any", "thing")
        smtp.send_message(message)


def test_a_mail_is_taken_apart(peer: Peer) -> None:
    send(peer, mail(html="<p>Read <a href='http://127.0.0.1/p/9'>this</a></p>"))
    (item,) = peer.get("mail", to="Ada@harbor.example")["items"]
    assert (item["to"], item["from"], item["subject"]) == (
        "ada@harbor.example",
        "muster@harbor.example",
        "SEV1: Störung",
    )
    assert item["text"].strip() == "Åda: http://127.0.0.1/p/9"
    assert item["links"] == ["http://127.0.0.1/p/9"]
    assert "<a href=" in item["html"]
    assert ["To", "Ada <ada@harbor.example>"] in item["headers"]
    raw = peer.http.get(f"{peer.url}/api/mail/{item['sid']}/raw").text
    assert "Subject: SEV1: =?utf-8?" in raw


def test_each_recipient_has_a_copy(peer: Peer) -> None:
    send(peer, mail(to="ada@harbor.example, vic@harbor.example"))
    assert [item["to"] for item in peer.get("mail")["items"]] == ["ada@harbor.example", "vic@harbor.example"]
    assert len(peer.get("mail", to="vic@harbor.example")["items"]) == 1


def test_a_mail_of_html_alone_has_a_text(peer: Peer) -> None:
    message = mail()
    message.clear_content()
    message.set_content(
        "<style>p{}</style><p>Open&nbsp;<a href='http://127.0.0.1/x'>it</a></p><p>Now</p>", subtype="html"
    )
    send(peer, message)
    (item,) = peer.get("mail")["items"]
    assert item["text"].splitlines() == ["Open http://127.0.0.1/x it", "Now"]


@pytest.mark.parametrize("status", [550, 451])
def test_an_address_is_refused(peer: Peer, status: int) -> None:
    peer.put("script", {"ada@harbor.example": {"smtp": [status]}})
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        send(peer, mail())
    assert refused.value.recipients["ada@harbor.example"][0] == status
    assert peer.get("mail")["items"] == []
    send(peer, mail())
    assert len(peer.get("mail")["items"]) == 1


def test_a_slow_server(peer: Peer) -> None:
    peer.put("script", {"ada@harbor.example": {"delay_s": 0.5}})
    began = monotonic()
    send(peer, mail())
    assert monotonic() - began >= 0.5


def test_commands_may_come_pipelined(peer: Peer) -> None:
    with socket.create_connection(("127.0.0.1", peer.smtp_port), timeout=5) as connection:
        lines = connection.makefile("rb")
        lines.readline()
        connection.sendall(b"EHLO here\r\n")
        offers = []
        while not (line := lines.readline()).startswith(b"250 "):
            offers.append(line.strip())
        assert b"250-PIPELINING" in offers
        connection.sendall(b"MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n")
        assert [lines.readline()[:3] for _ in range(3)] == [b"250", b"250", b"354"]
        connection.sendall(b"Subject: x\r\n\r\nbody\r\n.\r\nQUIT\r\n")
        assert [lines.readline()[:3] for _ in range(2)] == [b"250", b"221"]
        lines.close()
    assert len(peer.get("mail", to="c@d.example")["items"]) == 1


def test_the_html_of_a_mail_can_run_nothing(peer: Peer) -> None:
    send(peer, mail(html="<script>alert(1)</script><p>x</p>"))
    (item,) = peer.get("mail")["items"]
    response = peer.http.get(f"{peer.url}/api/mail/{item['sid']}/html")
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy

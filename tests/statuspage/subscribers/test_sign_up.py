"""Sign-up by form and by JSON: who is written, who is active when, and what nobody learns."""

from __future__ import annotations

import json
import re
import statistics
import time
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from engine import clock
from notifications.strangers import Text
from statuspage.models import FormUse, Letter, StatusPage, Subscriber
from statuspage.public_forms import form_token
from statuspage.subscribers import tokens
from statuspage.subscribers.asking import FORM
from statuspage.subscribers.by_text import hear
from statuspage.subscribers.letters import send_letters
from tests.phones import Phones
from tests.statuspage.builders import make_component, make_page
from tests.statuspage.subscribers.mail_server import Mailbox
from tests.statuspage.subscribers.subscribing import make_subscriber

pytestmark = pytest.mark.django_db(transaction=True)


def filled(page: StatusPage, **fields: Any) -> dict[str, Any]:
    shown_at = clock.now() - timedelta(seconds=5)
    usual = {"channel": "email", "address": "ada@customer.example", "scope": "all", "minimum_impact": "none"}
    return {**usual, "token": form_token(purpose=FORM, page_id=page.pk, now=shown_at), **fields}


def ask(page: StatusPage, **fields: Any) -> Any:
    return Client().post(f"/status-pages/{page.pk}/subscribe", filled(page, **fields))


def post_letters() -> None:
    while send_letters(now=clock.now()):
        pass


def link_in(mailbox: Mailbox, purpose: str, to: str = "ada@customer.example") -> str:
    body = [mail for mail in mailbox.mails() if mail["To"] == to][-1].get_body(("plain",))
    assert body is not None
    found = re.search(rf"http://testserver(/status-pages/{purpose}/\S+)", body.get_content())
    assert found, body.get_content()
    return found[1]


def test_the_static_pages_form_leads_to_ours_and_does_nothing_yet() -> None:
    page = make_page()
    answer = Client().post(
        f"/status-pages/{page.pk}/subscribe", {"channel": "email", "address": "ada@customer.example"}
    )
    assert answer.status_code == 200
    assert 'value="ada@customer.example"' in answer.content.decode()
    assert 'name="token"' in answer.content.decode()
    assert not Subscriber.objects.exists()
    assert not answer.cookies


def test_a_subscriber_confirms_chooses_and_leaves(mailbox: Mailbox) -> None:
    page = make_page(languages=["de"])
    web, mail = make_component(page, "Web"), make_component(page, "Mail")
    client = Client()

    assert "ada@customer.example" in ask(page, scope="some", components=[web.pk], language="de").content.decode()
    ada = Subscriber.objects.get()
    assert ada.state == "pending"
    post_letters()

    confirm = link_in(mailbox, "confirm")
    assert client.get(confirm).status_code == 200  # a scanner, a preview
    assert client.head(confirm).status_code == 200
    ada.refresh_from_db()
    assert ada.state == "pending"
    done = client.post(confirm)
    ada.refresh_from_db()
    assert (ada.state, ada.language, ada.all_components) == ("active", "de", False)
    assert list(ada.components.all()) == [web]
    assert not done.cookies
    assert client.post(confirm).status_code == 200, "a second press changes nothing"

    manage = re.search(r"http://testserver(/status-pages/manage/[\w-]+)", done.content.decode())
    assert manage
    saved = client.post(
        manage[1], {"scope": "some", "components": [mail.pk], "minimum_impact": "major", "language": "en"}
    )
    assert saved.status_code == 200
    ada.refresh_from_db()
    assert (list(ada.components.all()), ada.minimum_impact, ada.language) == ([mail], "major", "en")
    assert client.post(manage[1], {"scope": "some", "minimum_impact": "major"}).status_code == 422

    unsubscribe = f"/status-pages/unsubscribe/{tokens.sign('unsubscribe', ada.pk)}"
    client.get(unsubscribe)
    ada.refresh_from_db()
    assert ada.state == "active"
    answer = client.post(unsubscribe, {"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/plain; charset=utf-8")
    ada.refresh_from_db()
    assert ada.state == "ended"
    assert client.post(confirm).status_code == 409, "an old letter brings nobody back"

    ask(page)
    post_letters()
    client.post(link_in(mailbox, "confirm"))
    ada.refresh_from_db()
    assert ada.state == "active"


def test_whoever_is_subscribed_gets_a_letter_that_changes_nothing(mailbox: Mailbox) -> None:
    page = make_page(languages=["de"])
    ada = make_subscriber(page, "ada@customer.example", minimum_impact="major")
    ask(page, language="de", minimum_impact="none")
    post_letters()
    body = mailbox.to("ada@customer.example").as_string()
    assert "/status-pages/manage/" in body
    assert "/status-pages/confirm/" not in body
    ada.refresh_from_db()
    assert (ada.language, ada.minimum_impact) == ("en", "major")


def test_links_are_for_one_purpose_one_subscriber_and_seven_days(mailbox: Mailbox) -> None:
    page = make_page()
    ada = make_subscriber(page, "ada@customer.example")
    manage = tokens.sign("manage", ada.pk)
    client = Client()
    assert client.get(f"/status-pages/manage/{manage}").status_code == 200
    assert client.post(f"/status-pages/unsubscribe/{manage}").status_code == 404
    assert client.post(f"/status-pages/confirm/{manage}").status_code == 404
    changed = ("B" if manage[0] == "A" else "A") + manage[1:]
    assert client.get(f"/status-pages/manage/{changed}").status_code == 404
    ask(page, address="bob@customer.example")
    letter = Letter.objects.get()
    old = tokens.sign_letter(letter.pk, expires_at=clock.now() - timedelta(seconds=1))
    assert client.post(f"/status-pages/confirm/{old}").status_code == 410
    assert Subscriber.objects.get(address="bob@customer.example").state == "pending"


def test_a_robot_a_hasty_one_and_another_site_get_nothing_done() -> None:
    page = make_page()
    assert ask(page, website="http://spam.example").status_code == 200
    assert ask(page, token=form_token(purpose=FORM, page_id=page.pk, now=clock.now())).status_code == 422
    assert ask(page, token="forged:token").status_code == 200  # our form once more
    foreign = Client().post(
        f"/status-pages/{page.pk}/subscribe", filled(page), headers={"origin": "https://evil.example"}
    )
    assert foreign.status_code == 403
    assert not Letter.objects.exists()


def test_a_flood_is_stopped_for_the_address_and_for_the_sender() -> None:
    page = make_page()
    statuses = [ask(page).status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    assert Letter.objects.count() == 3
    answers = [ask(page, address=f"reader{n}@customer.example") for n in range(60)]
    assert answers[0].status_code == 200
    assert answers[-1].status_code == 429
    assert int(answers[-1]["Retry-After"]) > 0
    assert Letter.objects.count() <= 30
    stored = json.dumps(list(FormUse.objects.values_list("digest", "purpose", "counter")))
    assert "customer.example" not in stored


def test_others_are_not_held_up_by_a_flood_from_one_place() -> None:
    page = make_page()
    for number in range(40):
        ask(page, address=f"reader{number}@customer.example")
    elsewhere = Client(REMOTE_ADDR="203.0.113.9").post(
        f"/status-pages/{page.pk}/subscribe", filled(page, address="eve@customer.example")
    )
    assert elsewhere.status_code == 200
    assert Subscriber.objects.filter(address="eve@customer.example").exists()


@pytest.mark.parametrize(
    "typed",
    [
        "nobody",
        "a@b",
        "ada@customer.example\r\nBcc: all@customer.example",
        "ada@customer.example\nX: y",
        '"ada\r\n"@customer.example',
        "ada@customer.example>",
        "ada@customer.example,bob@customer.example",
        "<script>alert(1)</script>@customer.example",
        f"{'a' * 300}@customer.example",
        "ada\0@customer.example",
    ],
)
def test_what_could_break_a_mail_is_no_address(typed: str) -> None:
    page = make_page()
    answer = ask(page, address=typed)
    stored = set(Subscriber.objects.values_list("address", flat=True))
    assert stored <= {"ada@customer.example"}
    if not stored:
        assert answer.status_code == 422
        assert "<script>alert" not in answer.content.decode()


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/hook",
        "http://127.1/hook",
        "http://2130706433/hook",
        "http://[::1]/hook",
        "http://[::ffff:10.0.0.1]/hook",
        "http://[64:ff9b::10.0.0.1]/hook",
        "http://[2002:a00:1::]/hook",
        "http://[::10.0.0.1]/hook",
        "http://[fec0::1]/hook",
        "http://192.0.0.192/opc/v2/",
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.5:8080/",
        "http://localhost/hook",
        "http://db.internal/hook",
        "ftp://customer.example/",
        "http://user:pass@customer.example/",
        "https://customer.example/\r\nX: y",
    ],
)
def test_a_webhook_inside_our_network_is_refused(url: str) -> None:
    page = make_page()
    answer = ask(page, channel="webhook", address=url, contact="ada@customer.example")
    assert answer.status_code == 422
    assert not Subscriber.objects.exists()


def test_a_webhook_whose_name_leads_inside_is_refused_when_it_is_confirmed(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = make_page()
    ask(page, channel="webhook", address="https://hook.customer.example/x", contact="ada@customer.example")
    post_letters()
    confirm = link_in(mailbox, "confirm")
    monkeypatch.setattr("socket.getaddrinfo", lambda *_a, **_k: [(2, 1, 6, "", ("10.1.2.3", 443))])
    answer = Client().post(confirm)
    assert answer.status_code == 422
    assert "private network" in answer.content.decode()
    assert Subscriber.objects.get().state == "pending"


def test_nobody_takes_over_a_webhook_that_somebody_else_set_up(mailbox: Mailbox) -> None:
    page = make_page()
    make_subscriber(page, "https://hook.customer.example/x", channel="webhook", contact="ada@customer.example")
    ask(page, channel="webhook", address="https://hook.customer.example/x", contact="eve@customer.example")
    post_letters()
    assert not mailbox.raw
    assert Letter.objects.get().state == "dropped"


def shape(answer: Any) -> tuple[Any, ...]:
    text = re.sub(r"[a-z0-9]+@customer\.example", "ADDRESS", answer.content.decode())
    text = re.sub(r'content="20[^"]+"', "NOW", text)
    headers = tuple(sorted(name for name in answer.headers if name != "X-Request-ID"))
    return answer.status_code, re.sub(r'name="token"\s+value="[^"]+"', "TOKEN", text), headers


def test_the_answer_has_the_same_shape_and_takes_as_long_for_known_and_unknown() -> None:
    page = make_page()
    known = [
        make_subscriber(page, f"known{n}@customer.example", state=s) for n, s in enumerate(["active", "ended"] * 20)
    ]
    times: dict[bool, list[float]] = {True: [], False: []}
    shapes = set()
    for number, subscriber in enumerate(known):
        client = Client(REMOTE_ADDR=f"198.51.100.{number}")
        pair = [(True, subscriber.address), (False, f"new{number}@customer.example")]
        for is_known, address in pair if number % 2 else reversed(pair):
            fields = filled(page, address=address)
            began = time.perf_counter()
            answer = client.post(f"/status-pages/{page.pk}/subscribe", fields)
            times[is_known].append(time.perf_counter() - began)
            shapes.add(shape(answer))
    assert len(shapes) == 1
    assert {status for status, _text, _headers in shapes} == {200}
    medians = {is_known: statistics.median(values[5:]) for is_known, values in times.items()}
    spread = statistics.stdev(sorted(times[False])[:-4])
    assert abs(medians[True] - medians[False]) < max(spread, 0.15 * medians[False]), medians


def test_the_json_address_takes_what_statuspages_takes(mailbox: Mailbox) -> None:
    page = make_page()
    web = make_component(page, "Web")
    client = Client()
    form = client.post("/status/api/v2/subscribers.json", {"subscriber[email]": "ada@customer.example"})
    assert form.status_code == 201
    assert set(form.json()) == {"page", "can_select_components", "mode"}
    assert form.json()["mode"] == "email_sms"
    assert form["Access-Control-Allow-Origin"] == "*"
    content = {"subscriber": {"phone_number": "206-555-0142", "phone_country": "us"}, "component_ids": [web.pk]}
    assert client.post("/status/api/v2/subscribers.json", content, content_type="application/json").status_code == 201
    hook = {"subscriber": {"endpoint": "https://hook.customer.example/", "email": "bob@customer.example"}}
    answer = client.post("/status/api/v2/subscribers.json", hook, content_type="application/json")
    assert answer.json()["mode"] == "webhook"
    assert set(Subscriber.objects.values_list("channel", "address", "state")) == {
        ("email", "ada@customer.example", "pending"),
        ("sms", "+12065550142", "pending"),
        ("webhook", "https://hook.customer.example/", "pending"),
    }
    assert client.options("/status/api/v2/subscribers.json").status_code == 204


def test_the_json_address_says_what_is_wrong_and_never_who_is_known(mailbox: Mailbox) -> None:
    page = make_page()
    make_subscriber(page, "ada@customer.example")
    client = Client()
    url = "/status/api/v2/subscribers.json"
    answers = [
        client.post(url, {"subscriber[email]": each}) for each in ("ada@customer.example", "new@customer.example")
    ]
    assert answers[0].json() == answers[1].json()
    ends = [
        client.delete(url, f"subscriber[email]={each}", content_type="application/x-www-form-urlencoded")
        for each in ("ada@customer.example", "nobody@customer.example")
    ]
    assert [each.status_code for each in ends] == [200, 200]
    assert ends[0].json() == ends[1].json()
    post_letters()
    ended = [mail for mail in mailbox.mails() if "/status-pages/unsubscribe/" in mail.as_string()]
    assert [mail["To"] for mail in ended] == ["ada@customer.example"]
    assert Subscriber.objects.get(address="ada@customer.example").state == "active", "only its owner ends it"
    assert client.post(url, {"subscriber[email]": "x"}).status_code == 422
    assert client.post(url, "{", content_type="application/json").status_code == 422
    assert client.post(url, {}).status_code == 422
    assert client.post(url, {"subscriber[email]": "x" * 200_000}).status_code == 413
    assert client.post("/status/pages/none/api/v2/subscribers.json", {}).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        "[" * 30_000,
        '{"subscriber": {"email": "ada@customer.example"}, "component_ids": ["\\ud800"]}',
        '{"subscriber": {"email": "ada@customer.example"}, "component_ids": ["\\u0000", [[]]]}',
        '{"subscriber": {"email": "ada\\ud800@customer.example"}}',
    ],
)
def test_the_json_address_refuses_what_nothing_can_store_in_json(body: str) -> None:
    page = make_page()
    answer = Client().post(f"/status-pages/{page.pk}/api/v2/subscribers.json", body, content_type="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/json")
    assert not Subscriber.objects.exists()


def test_a_secret_pages_address_works_and_a_page_without_subscribers_has_none() -> None:
    make_page("Root", takes_subscribers=False)
    page = make_page("Secret", slug="secret-page", audience="secret", secret="s3cr3t-f0lder-name")
    client = Client()
    assert (
        client.post("/status/api/v2/subscribers.json", {"subscriber[email]": "a@customer.example"}).status_code == 404
    )
    answer = client.post(
        "/status/pages/s3cr3t-f0lder-name/api/v2/subscribers.json", {"subscriber[email]": "a@customer.example"}
    )
    assert answer.json()["page"]["id"] == page.pk


def test_yes_by_text_confirms_and_stop_ends(phones: Phones) -> None:
    page = make_page()
    ask(page, channel="sms", address="+1 206 555 0177")
    post_letters()
    (text,) = phones.wait_for("messages", to="+12065550177")
    assert "Reply YES" in text["text"]
    assert Subscriber.objects.get().state == "pending"
    assert "You now get status updates" in phones.reply(text, "Yes!")
    assert Subscriber.objects.get().state == "active"
    assert "Reply STOP" in phones.reply(text, "Hilfe")
    assert phones.reply(text, "help") == "", "the provider answers that by itself"
    assert phones.reply(text, "lovely weather") == ""
    phones.reply(text, "STOP")
    assert Subscriber.objects.get().state == "ended"
    phones.reply(text, "yes")
    assert Subscriber.objects.get().state == "ended", "an old letter brings nobody back"


def test_texts_of_numbers_that_nobody_knows_are_left_alone() -> None:
    text = Text(number="+12065550199", body="yes", verb="acknowledge", answered=False, now=clock.now())
    assert hear(text) is None


def test_forms_in_another_language_find_their_style(client: Client) -> None:
    page = make_page(languages=["de"])
    body = client.get(f"/status-pages/{page.pk}/subscribe?language=de").content.decode()
    assert '<html lang="de"' in body
    assert 'href="/static/statuspage/site/site.css"' in body

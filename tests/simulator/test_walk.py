"""TwiML: which words are heard, which keys go where."""

import pytest

from simulator.phone.twiml import NotTwiML, read, sentences
from tests.simulator.customer import Peer

THANKS = "<Response><Say>Thanks.</Say></Response>"


def gather(**attributes: str) -> str:
    given = " ".join(f'{name}="{value}"' for name, value in attributes.items())
    return f"<Response><Gather {given}><Say>Press.</Say></Gather><Say>None.</Say></Response>"


@pytest.mark.parametrize(
    ("attributes", "keys", "digits", "finished_by"),
    [
        ({"numDigits": "1"}, "1", "1", ""),
        ({"numDigits": "4"}, "4711", "4711", ""),
        ({"numDigits": "4"}, "47#", "47", "#"),
        ({}, "4711#99", "4711", "#"),
        ({"finishOnKey": "*"}, "12#3*", "12#3", "*"),
        ({"finishOnKey": ""}, "12#", "12#", ""),
    ],
)
def test_gather_collects(peer: Peer, attributes: dict[str, str], keys: str, digits: str, finished_by: str) -> None:
    peer.customer.answers |= {"/answer": gather(action="/keys", **attributes), "/keys": THANKS}
    assert peer.answer(peer.call(), keys)["said"] == ["Press.", "Thanks."]
    (form,) = peer.customer.forms("/keys")
    assert (form["Digits"], form["FinishedOnKey"]) == (digits, finished_by)


def test_without_keys_the_walk_goes_on_below(peer: Peer) -> None:
    peer.customer.answers["/answer"] = gather(action="/keys")
    assert peer.answer(peer.call())["said"] == ["Press.", "None."]


def test_an_empty_result_goes_to_the_action_where_asked(peer: Peer) -> None:
    peer.customer.answers |= {"/answer": gather(action="/keys", actionOnEmptyResult="true"), "/keys": THANKS}
    assert peer.answer(peer.call())["said"] == ["Press.", "Thanks."]
    assert peer.customer.forms("/keys")[0]["Digits"] == ""


def test_several_questions_take_several_keys_and_w_passes_one(peer: Peer) -> None:
    peer.customer.answers["/answer"] = (
        '<Response><Gather numDigits="1" action="/a"/><Gather numDigits="1" action="/b"/></Response>'
    )
    peer.customer.answers["/b"] = '<Response><Gather numDigits="1" action="/c"/></Response>'
    peer.answer(peer.call(), "w21")
    assert not peer.customer.at("/a")
    assert peer.customer.forms("/b")[0]["Digits"] == "2"
    assert peer.customer.forms("/c")[0]["Digits"] == "1"


def test_gather_without_action_asks_the_same_document_again(peer: Peer) -> None:
    peer.customer.answers["/answer"] = gather(numDigits="1")
    peer.answer(peer.call(), "3")
    assert [form.get("Digits") for form in peer.customer.forms("/answer")] == [None, "3"]


def test_a_get_action_is_signed_with_its_query(peer: Peer) -> None:
    peer.customer.answers |= {"/answer": gather(numDigits="1", action="/keys?task=a%20b", method="GET")}
    peer.answer(peer.call(), "1")
    (received,) = peer.customer.at("/keys")
    assert received.method == "GET"
    assert received.form["task"] == "a b"
    assert received.form["Digits"] == "1"
    assert received.signed


def test_an_odd_address_arrives_as_it_was_signed(peer: Peer) -> None:
    odd = "/keys/%7Eada?token=a%2Fb%3D%3D&amp;n=%C3%A5"
    peer.customer.answers |= {"/answer": gather(numDigits="1", action=odd)}
    peer.answer(peer.call(), "1")
    assert peer.customer.received[-1].signed


def test_a_redirect_to_itself_ends(peer: Peer) -> None:
    peer.customer.answers["/answer"] = "<Response><Say>Again.</Say><Redirect/></Response>"
    ended = peer.answer(peer.call())
    assert ended["state"] == "completed"
    assert len(peer.customer.at("/answer")) == 20
    assert "hung up after 20 documents" in ended["warnings"]


def test_redirect_play_pause_and_dial_are_heard(peer: Peer) -> None:
    peer.customer.answers |= {
        "/answer": "<Response><Pause/><Play>http://example.org/a.mp3</Play><Redirect>/next</Redirect></Response>",
        "/next": '<Response><Dial action="/after"><Conference>bridge-1042</Conference></Dial></Response>',
        "/after": THANKS,
    }
    said = peer.answer(peer.call())["said"]
    assert said == ["[plays http://example.org/a.mp3]", "[joins conference bridge-1042]", "Thanks."]


def test_hangup_silences_what_follows(peer: Peer) -> None:
    sid = peer.call(twiml="<Response><Say>One.</Say><Hangup/><Say>Two.</Say></Response>")
    assert peer.answer(sid)["said"] == ["One."]


@pytest.mark.parametrize(
    "text", ["no xml", "<Say>alone</Say>", '<!DOCTYPE x [<!ENTITY a "b">]><Response>&a;</Response>']
)
def test_what_is_no_twiml_is_refused(peer: Peer, text: str) -> None:
    with pytest.raises(NotTwiML, match=r"^12[12]00 "):
        read(text)
    assert sentences(text) == ""
    assert "application error" in peer.answer(peer.call(twiml=text))["text"]


def test_unknown_verbs_are_warnings(peer: Peer) -> None:
    ended = peer.answer(
        peer.call(twiml="<Response><Shout>x</Shout><Say>Quiet <emphasis>words</emphasis>.</Say></Response>")
    )
    assert ended["said"] == ["Quiet words."]
    assert "Shout" in ended["warnings"][0]


def test_the_language_of_words_is_kept(peer: Peer) -> None:
    ended = peer.answer(peer.call(twiml='<Response><Say language="sv-SE">Tryck ett.</Say><Say>One.</Say></Response>'))
    assert [(heard["text"], heard["language"]) for heard in ended["heard"]] == [("Tryck ett.", "sv-SE"), ("One.", "")]

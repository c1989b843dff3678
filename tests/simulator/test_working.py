"""Whether anything still goes on: who empties what was called back asks first."""

from tests.simulator.customer import Customer, Peer, eventually


def test_what_is_still_to_be_told_counts(peer: Peer, customer: Customer) -> None:
    assert peer.get("working") == {"under_way": 0}
    peer.script(callbacks="late", callback_delay_s=0.3)
    message = peer.text(status_callback=f"{customer.url}/status")
    peer.wait_for_message(message, "delivered")
    assert peer.get("working")["under_way"] > 0
    eventually(lambda: peer.get("working")["under_way"] == 0)
    assert customer.states()[-1] == "delivered"

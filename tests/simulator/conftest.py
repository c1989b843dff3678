"""A simulator and a customer for each test. Neither Django nor a database is touched."""

from collections.abc import Iterator

import pytest

from tests.simulator.customer import Customer, Loop, Peer, peer_of, serving


@pytest.fixture
def loop() -> Iterator[Loop]:
    loop = Loop()
    yield loop
    loop.close()


@pytest.fixture
def customer(loop: Loop) -> Iterator[Customer]:
    customer = Customer()
    with serving(customer.take, loop=loop) as url:
        customer.url = url
        yield customer


@pytest.fixture
def peer(customer: Customer, loop: Loop) -> Iterator[Peer]:
    with peer_of(customer, loop=loop) as peer:
        yield peer

"""What unlocks when: a table of shapes, and what must hold for every graph."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eap.rules.unlocking import Node, Stand, downstream, is_over, met, unlock, waits_for_a_person

W, L, P, B, H, C = Stand.WAITING, Stand.LIVING, Stand.PASSED, Stand.BYPASSED, Stand.HELD, Stand.CANCELLED


@pytest.mark.parametrize(
    ("join", "needs", "answer"),
    [
        ("all", (), "yes"),
        ("all", (P,), "yes"),
        ("all", (P, P), "yes"),
        ("all", (P, L), "not yet"),
        ("all", (P, B), "yes"),
        ("all", (B, B), "bypassed"),
        ("all", (B, L), "not yet"),
        ("all", (P, H), "not yet"),
        ("all", (H,), "not yet"),
        ("all", (P, C), "not yet"),
        ("all", (W,), "not yet"),
        ("any", (), "yes"),
        ("any", (P, L), "yes"),
        ("any", (P, H), "yes"),
        ("any", (L, W), "not yet"),
        ("any", (B, L), "not yet"),
        ("any", (B, B), "bypassed"),
        ("any", (B, H), "not yet"),
        ("any", (H, H), "not yet"),
    ],
)
def test_whether_needs_are_met(join: str, needs: tuple[Stand, ...], answer: str) -> None:
    names = tuple(f"n{number}" for number in range(len(needs)))
    node = Node(key="it", needs=names, join=join)  # type: ignore[arg-type]
    assert met(node, {**dict(zip(names, needs, strict=True)), "it": W}) == answer


def test_a_condition_that_does_not_hold_leaves_out_what_needs_only_it() -> None:
    nodes = [Node("a"), Node("b", ("a",)), Node("c", ("b",)), Node("d", ("c", "e")), Node("e")]
    stands = {"a": P, "b": W, "c": W, "d": W, "e": L}
    asked: list[str] = []

    def wanted(key: str) -> bool:
        asked.append(key)
        return key != "b"

    found = unlock(nodes, stands, wanted=wanted)
    assert (found.begin, found.bypass) == ((), ("b", "c"))
    assert asked == ["b"], "a condition is asked when its needs are met, and once"


def test_a_join_of_any_begins_with_the_first_and_not_again() -> None:
    nodes = [Node("a"), Node("b"), Node("c", ("a", "b"), "any")]
    found = unlock(nodes, {"a": P, "b": L, "c": W}, wanted=lambda _: True)
    assert found.begin == ("c",)
    assert unlock(nodes, {"a": P, "b": P, "c": L}, wanted=lambda _: True).begin == ()


@pytest.mark.parametrize(
    ("stands", "over", "waits"),
    [
        ((P, B, C), True, False),
        ((P, H), False, True),
        ((H, L), False, False),
        ((H, W), False, True),
        ((W, L), False, False),
        ((), True, False),
    ],
)
def test_when_all_is_over_and_when_a_person_is_needed(stands: tuple[Stand, ...], over: bool, waits: bool) -> None:
    assert (is_over(stands), waits_for_a_person(stands)) == (over, waits)


def test_what_comes_after_a_step() -> None:
    nodes = [Node("a"), Node("b", ("a",)), Node("c", ("b",)), Node("d")]
    assert downstream(nodes, "a") == {"b", "c"}


@st.composite
def graphs(draw: st.DrawFn) -> list[Node]:
    """Return graphs without cycles: each step needs some of those before it."""
    count = draw(st.integers(1, 12))
    nodes = []
    for number in range(count):
        before = [f"s{n}" for n in range(number)]
        needs = draw(st.lists(st.sampled_from(before), unique=True, max_size=3)) if before else []
        nodes.append(Node(f"s{number}", tuple(needs), draw(st.sampled_from(["all", "any"]))))
    return draw(st.permutations(nodes))


def walk(nodes: list[Node], *, wanted: Callable[[str], bool], end: Callable[[str], Stand]) -> dict[str, Stand]:
    """Carry a run out: begin what unlocks, end one living step after the other; check each step of the way."""
    stands = {node.key: W for node in nodes}
    by_key = {node.key: node for node in nodes}
    for _ in range(10 * len(nodes) + 10):
        found = unlock(nodes, stands, wanted=wanted)
        assert not set(found.begin) & set(found.bypass)
        stands |= dict.fromkeys(found.bypass, B)
        for key in found.begin:
            needs = [stands[need] for need in by_key[key].needs]
            assert not needs or P in needs, f"{key} began before anything let it through: {needs}"
            if by_key[key].join == "all":
                assert all(stand in (P, B) for stand in needs), f"{key} began before its needs: {needs}"
            stands[key] = L
        again = unlock(nodes, stands, wanted=wanted)
        assert again.begin == again.bypass == (), "one look finds all there is"
        living = [key for key, stand in stands.items() if stand is L]
        if not living:
            return stands
        stands[living[0]] = end(living[0])
    raise AssertionError("The run never ends.")


@settings(max_examples=300, deadline=None)
@given(nodes=graphs(), unwanted=st.sets(st.integers(0, 11)))
def test_every_run_whose_steps_end_well_ends(nodes: list[Node], unwanted: set[int]) -> None:
    refused = {f"s{number}" for number in unwanted}
    stands = walk(nodes, wanted=lambda key: key not in refused, end=lambda _: P)
    assert is_over(stands.values()), stands
    assert all(stands[key] is B for key in refused & stands.keys())


@settings(max_examples=300, deadline=None)
@given(nodes=graphs(), broken=st.sets(st.integers(0, 11)))
def test_a_failed_step_holds_up_what_needs_it_and_nothing_else(nodes: list[Node], broken: set[int]) -> None:
    fails = {f"s{number}" for number in broken}
    stands = walk(nodes, wanted=lambda _: True, end=lambda key: H if key in fails else P)
    held = [key for key, stand in stands.items() if stand is H]
    assert set(held) <= fails
    behind = set().union(*(downstream(nodes, key) for key in held))
    waiting = {key for key, stand in stands.items() if stand is W}
    assert waiting <= behind
    if not held:
        assert is_over(stands.values())
    # A person settles what failed: then the run ends.
    for key in held:
        stands[key] = P
    assert is_over(_go_on(nodes, stands).values())


def _go_on(nodes: list[Node], stands: dict[str, Stand]) -> dict[str, Stand]:
    while True:
        found = unlock(nodes, stands, wanted=lambda _: True)
        if not found.begin and not found.bypass:
            return stands
        stands |= {**dict.fromkeys(found.begin, P), **dict.fromkeys(found.bypass, B)}

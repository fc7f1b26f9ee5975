"""Pairings that do not hold, and what is no invitation to one: refused on both sides alike."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miss.protocol.crypto.codes import compose_code
from miss.protocol.crypto.keys import UserKey
from miss.protocol.crypto.links import Link, Op
from miss.protocol.crypto.pairing import (
    compose_answer,
    compose_offer,
    compose_pairing_uri,
    parse_pairing_uri,
)
from miss.protocol.crypto.primitives import seal
from tests.cross_language.cases import Case, both_refuse, outcome_of
from tests.cross_language.core import Core
from tests.cross_language.personal import (
    Pairing,
    answer_case,
    offer_case,
)
from tests.cross_language.world import Change, World, link_bytes, new_device
from tests.miss.protocol.people import BY_DEVICE, NOW_MS, ON_PAPER

CODE = "0123456789ABCDEFGHJKMNPQRS"

S, C = "s=https%3A%2F%2Fchat.example", f"c={CODE}"
URIS = [
    "",
    "miss:pair",
    f"miss:pair?{S}",
    f"miss:pair?{S}&{C}&x=1",
    f"miss:pair?{S}&{C}&{S}",
    f"miss:pair?{S}&{S}",
    f"miss:pair?{S}&c=",
    f"miss:pair?s=&{C}",
    f"miss:pair?{S}&c",
    f"miss:pair??{S}&{C}",
    f"miss:pair?{S}&{C}0",
    f"miss:pair?{S}&c=U",
    f"miss:join?{S}&{C}",
    f"https://chat.example?{S}&{C}",
    f"miss:pair?{S}{'a' * 2048}&{C}",
]
SERVERS = [
    "chat.example", "//chat.example", "ftp://chat.example", "https:", "https://", "https:///path", "https://:443",
    "https://chat.example:0", "https://chat.example:65536", "https://chat.example:x", "https://chat.example:-1",
    "https://a:b:c", "https://u@chat.example", "https://u:p@chat.example", "https://@chat.example",
    "javascript:alert(1)", "https://chat.example?x=1", "https://chat.example#x", "https://chat.example?", "https://chat.example#",
    "https://[::1", "https://::1]", "https://[]", "https://chat.example\n", "https://chat\texample",
    "https://chat.example/\u202e", "https://chat.example/a b", " https://chat.example", "https://chat.example ",
    "https://chat。example", "https://ch℀t.example", "https://chat.example/\ufffd", "https://é.example:443/é",
    "https:/chat.example", "https:\\\\chat.example", "HTTP://CHAT.EXAMPLE", "https://chat.example/%2F", "\x85https://a",
]  # fmt: skip


@pytest.mark.parametrize("text", URIS)
def test_pairing_uris(core: Core, text: str) -> None:
    here = outcome_of(lambda: parse_pairing_uri(text))
    assert here.refused in ("bad_pairing_uri", "bad_pairing_code")
    assert core.ask("parsePairingUri", text=text) == here


@pytest.mark.parametrize("server", SERVERS)
def test_addresses_of_servers_in_a_pairing_uri(core: Core, server: str) -> None:
    here = outcome_of(lambda: compose_pairing_uri(server, CODE))
    assert core.ask("composePairingUri", server_url=server, code=CODE) == here
    assert here.refused in (None, "bad_pairing_uri")


CHARACTERS = st.characters(max_codepoint=0xFFFF, blacklist_categories=("Cn", "Cs"))
"""Assigned in every version of Unicode that a Python or a Node may have."""


@settings(max_examples=300, deadline=None)
@given(edits=st.lists(st.tuples(st.integers(0, 80), st.integers(0, 3), st.text(CHARACTERS, max_size=2)), max_size=3))
def test_pairing_uris_edited_anywhere(core: Core, edits: list[tuple[int, int, str]]) -> None:
    text = f"miss:pair?{S}%3A8443%2Fa&{C}"
    for place, taken, put in edits:
        text = text[:place] + put + text[place + taken :]
    here, there = outcome_of(lambda: parse_pairing_uri(text)), core.ask("parsePairingUri", text=text)
    # Of two reasons to refuse an address either may be named.
    assert (there.answer, there.refused) == (here.answer, here.refused)


def _answered(world: World, link: Callable[[Pairing], Link] | None = None, **fields: Any) -> Case:
    """An answer with another link or other parts, sealed by who knows the code."""
    pairing = Pairing(world)
    made = {name: value(pairing) if callable(value) else value for name, value in fields.items()}
    return answer_case(pairing, pairing.answer(link(pairing) if link else None, **made))


def _echoed(pairing: Pairing) -> Case:
    """The offer, sent back."""
    return answer_case(pairing, pairing.offer)


def _enormous(pairing: Pairing) -> Case:
    """More than an answer may hold, under the right key."""
    sealed = seal(pairing.keys.key, bytes(1024 * 1024), pairing.answer_ad(), pairing.world.random)
    return answer_case(pairing, sealed)


def _revoking(pairing: Pairing) -> Link:
    """The linked device's wish that another one leaves."""
    alice, random = pairing.person, pairing.world.random
    key = UserKey.generate(alice.user_key.generation + 1, random)
    change = Change(Op.REVOKE, alice.device, pairing.by, key, BY_DEVICE, alice.changes[0].who)
    return change.compose(alice.uid, alice.chain)


ANSWERS: dict[str, tuple[Callable[[World], Case], str]] = {
    "under another code": (
        lambda world: answer_case(Pairing(world), code=compose_code(world.random)),
        "pairing_unreadable",
    ),
    "to another offer": (lambda world: answer_case(Pairing(world), offer=world.random(1400)), "pairing_unreadable"),
    "an offer as an answer": (lambda world: _echoed(Pairing(world)), "pairing_unreadable"),
    "far too long": (lambda world: answer_case(Pairing(world), bytes(1024 * 1024 + 1)), "pairing_unreadable"),
    "sealed, and far too long": (lambda world: _enormous(Pairing(world)), "pairing_unreadable"),
    "another root": (lambda world: _answered(world, root=world.random(32)), "bad_opcert"),
    "no certificates": (lambda world: _answered(world, opcerts=[]), "link_not_countersigned"),
    "no links": (lambda world: _answered(world, links=[]), "link_out_of_order"),
    "a link too few": (lambda world: _answered(world, links=link_bytes(world.alice.links[:-1])), "link_out_of_order"),
    "somebody else's links": (lambda world: _answered(world, links=link_bytes(world.bob.links)), "link_out_of_order"),
    "from the future": (lambda world: answer_case(Pairing(world), now_ms=NOW_MS - 400_000), "link_not_allowed"),
    "another device": (
        lambda world: _answered(world, lambda pairing: pairing.add(new_device(world.random).public)),
        "pairing_mismatch",
    ),
    "another name for that device": (
        lambda world: _answered(
            world, lambda pairing: pairing.add(replace(pairing.device.public, did=new_device(world.random).did))
        ),
        "pairing_mismatch",
    ),
    "another key of that device": (
        lambda world: _answered(
            world, lambda pairing: pairing.add(replace(pairing.device.public, ik=new_device(world.random).public.ik))
        ),
        "pairing_mismatch",
    ),
    "another sealing key of that device": (
        lambda world: _answered(
            world, lambda pairing: pairing.add(replace(pairing.device.public, ek=new_device(world.random).public.ek))
        ),
        "pairing_mismatch",
    ),
    "on paper": (lambda world: _answered(world, lambda pairing: pairing.add(proof=ON_PAPER)), "pairing_mismatch"),
    "a revocation": (lambda world: _answered(world, _revoking), "pairing_mismatch"),
    "not vouched for": (
        lambda world: _answered(world, lambda pairing: replace(pairing.link, by_sig=bytes(64))),
        "link_forged",
    ),
    "a user key that the chain does not state": (
        lambda world: _answered(
            world,
            user_key_box=lambda pairing: pairing.box_for(
                pairing.device, replace(world.alice, user_key=UserKey(3, world.random(32)))
            ),
        ),
        "pairing_mismatch",
    ),
    "the user key for another device": (
        lambda world: _answered(world, user_key_box=lambda pairing: pairing.box_for(new_device(world.random))),
        "pairing_mismatch",
    ),
    "the user key of another generation": (
        lambda world: _answered(
            world,
            user_key_box=lambda pairing: pairing.box_for(
                pairing.device, replace(world.alice, user_key=UserKey(1, world.alice.user_key.secret))
            ),
        ),
        "pairing_mismatch",
    ),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_answers(core: Core, world: World, name: str) -> None:
    build, code = ANSWERS[name]
    assert both_refuse(core, build(world)).refused == code


def test_an_offer_under_another_code(core: Core, world: World) -> None:
    case = offer_case(world, code=compose_code(world.random))
    assert both_refuse(core, case).refused == "pairing_unreadable"


def test_what_is_not_offered_or_answered(core: Core, world: World) -> None:
    pairing = Pairing(world)
    there = core.ask("composeOffer", code=pairing.code, device=pairing.device.public, name="é" * 81, random=bytes(24))
    here = outcome_of(lambda: compose_offer(pairing.keys, pairing.device.public, "é" * 81, bytes))
    assert (here.refused, there) == ("bad_pairing", here)
    parts = {**pairing.parts(), "links": [bytes(1024 * 1024)]}
    there = core.ask(
        "composeAnswer",
        code=pairing.code,
        offer=pairing.offer,
        link=pairing.link.to_bytes(),
        random=bytes(24),
        **parts,
    )
    here = outcome_of(
        lambda: compose_answer(pairing.keys, pairing.offer, link=pairing.link, **parts, random_bytes=bytes)
    )
    assert (here.refused, here.why, there) == ("bad_pairing", "too_long", here)

"""Identities: verified against the pinned root, pinned, and never rewritten."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from nacl.signing import SigningKey

from miss.base.clock import MovableClock, from_ms
from miss.client.errors import CertifiedIdentityMismatch, ChainWithdrawn, NotReachable
from miss.client.events import Announcer, ContactChanged
from miss.client.people.identities import Identities
from miss.client.server_time import ServerTime
from miss.client.store import Store
from miss.protocol.crypto.changes import compose_add
from miss.protocol.crypto.commits import Policy, Role
from miss.protocol.crypto.links import cosign, countersign
from miss.protocol.crypto.membership import compose_commit
from miss.protocol.errors import BadOpCert, LinkNotCountersigned, LinkOutOfOrder, UnknownLinkHead
from tests.miss.client.devices import linked_store
from tests.miss.client.doubles import Server
from tests.miss.protocol.people import (
    ALICE,
    BOB,
    BY_DEVICE,
    CAROL,
    NOW_MS,
    OPERATOR,
    Operator,
    Person,
    Stream,
    chains,
    new_device,
)


def with_second_device(person: Person) -> Person:
    device, keys = new_device(0x77)
    link = compose_add(
        person.chain, device=device, by=person.did, by_keys=person.keys, proof=BY_DEVICE, ts_ms=NOW_MS + 1
    )
    return person.after(cosign(link, keys))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[SimpleNamespace]:
    """Alice's store, which has met nobody, and a server that shows what it is told."""
    store, server, announcer = linked_store(tmp_path / "alice.db", ALICE), Server(), Announcer()
    yield SimpleNamespace(store=store, server=server, announcer=announcer, identities=make(store, server, announcer))
    store.close()


def make(store: Store, server: Server, announcer: Announcer, root: bytes = OPERATOR.root_public) -> Identities:
    time = ServerTime(MovableClock(from_ms(NOW_MS + 1000)))
    return Identities(store, root, server.api(ALICE), time, announcer)


async def test_a_first_meeting_is_verified_and_pinned(house: SimpleNamespace) -> None:
    house.server.shows_chain(BOB)
    assert house.identities.find(BOB.uid) is None

    chain = await house.identities.get(BOB.uid)

    assert chain.who == BOB.who
    again = make(house.store, Server(), house.announcer)
    found = again.find(BOB.uid)
    assert found is not None
    assert found.head == chain.head


async def test_an_operator_of_another_root_is_refused(house: SimpleNamespace) -> None:
    house.server.shows_chain(BOB)
    identities = make(house.store, house.server, house.announcer, bytes(SigningKey(b"X" * 32).verify_key))

    with pytest.raises(BadOpCert):
        await identities.get(BOB.uid)


async def test_a_link_the_operator_did_not_sign_is_refused(house: SimpleNamespace) -> None:
    device, keys = new_device(0x77)
    link = compose_add(BOB.chain, device=device, by=BOB.did, by_keys=BOB.keys, proof=BY_DEVICE, ts_ms=NOW_MS + 1)
    links = [BOB.links[0].to_bytes(), cosign(link, keys).to_bytes()]
    house.server.shows_chain(BOB, links=links)

    with pytest.raises(LinkNotCountersigned):
        await house.identities.get(BOB.uid)
    assert house.store.people.links(BOB.uid) == []


async def test_the_chain_of_somebody_else_is_refused(house: SimpleNamespace) -> None:
    house.server.shows_chain(BOB, links=[CAROL.links[0].to_bytes()])

    with pytest.raises(CertifiedIdentityMismatch):
        await house.identities.get(BOB.uid)


async def test_a_chain_grows_and_the_contact_is_announced(house: SimpleNamespace) -> None:
    house.server.shows_chain(BOB)
    await house.identities.get(BOB.uid)
    events = house.announcer.stream()
    grown = with_second_device(BOB)
    house.server.shows_chain(grown)

    assert (await house.identities.refresh(BOB.uid)).head == grown.chain.head
    assert await anext(events) == ContactChanged(BOB.uid, 0)


@pytest.mark.parametrize("shown", [[], [CAROL.links[0].to_bytes()]])
async def test_a_chain_that_shrinks_or_changes_is_refused_and_the_pinned_one_stays(
    house: SimpleNamespace, shown: list[bytes]
) -> None:
    house.server.shows_chain(BOB)
    pinned = await house.identities.get(BOB.uid)
    house.server.shows_chain(BOB, links=shown)

    with pytest.raises(ChainWithdrawn):
        await house.identities.refresh(BOB.uid)
    assert house.identities.find(BOB.uid) == pinned


async def test_somebody_without_a_device(house: SimpleNamespace) -> None:
    with pytest.raises(NotReachable):
        await house.identities.get(BOB.uid)


async def test_an_announced_link_is_taken_or_the_whole_chain_asked_for(house: SimpleNamespace) -> None:
    house.server.shows_chain(BOB)
    await house.identities.get(BOB.uid)
    grown = with_second_device(BOB)
    link = grown.links[1].to_bytes()

    await house.identities.take_link(BOB.uid, link)
    assert house.identities.find(BOB.uid).head == grown.chain.head
    requests = len(house.server.requests)

    house.server.shows_chain(grown)
    await house.identities.take_link(BOB.uid, link)
    assert len(house.server.requests) == requests + 1
    assert house.identities.find(BOB.uid).head == grown.chain.head

    await house.identities.take_link(CAROL.uid, CAROL.links[0].to_bytes())
    assert house.identities.find(CAROL.uid) is None


async def test_a_link_under_a_certificate_of_today_is_taken(house: SimpleNamespace) -> None:
    house.server.shows_chain(BOB)
    await house.identities.get(BOB.uid)
    today = Operator(op=SigningKey(b"N" * 32))
    grown = with_second_device(BOB)
    link = countersign(grown.links[1], today.op).to_bytes()
    shown = {"links": [BOB.links[0].to_bytes(), link], "opcerts": [OPERATOR.cert().raw, today.cert().raw]}
    house.server.answers[f"/api/chat/users/{BOB.uid.hex()}/chain"] = 200, shown

    await house.identities.take_link(BOB.uid, link)
    assert house.identities.find(BOB.uid).head == grown.chain.head


@pytest.mark.parametrize("grows", [False, True])
async def test_a_link_that_the_chain_does_not_hold_is_forged(house: SimpleNamespace, grows: bool) -> None:
    house.server.shows_chain(BOB)
    await house.identities.get(BOB.uid)
    grown = with_second_device(BOB)
    forged = countersign(grown.links[1], SigningKey(b"X" * 32)).to_bytes()
    house.server.shows_chain(grown if grows else BOB)

    with pytest.raises(LinkNotCountersigned):
        await house.identities.take_link(BOB.uid, forged)
    assert house.identities.find(BOB.uid).head == (grown if grows else BOB).chain.head
    again = CAROL.links[0].to_bytes()
    with pytest.raises(LinkOutOfOrder):
        await house.identities.take_link(BOB.uid, again)


async def test_a_commit_that_names_a_state_nobody_shows(house: SimpleNamespace) -> None:
    grown = with_second_device(BOB)
    commit, _ = compose_commit(
        author=ALICE.author,
        members={ALICE.uid: Role.ADMIN, BOB.uid: Role.MEMBER},
        policy=Policy(),
        chains=chains(ALICE, grown),
        random_bytes=Stream("c"),
    )
    house.server.shows_chain(BOB)
    with pytest.raises(UnknownLinkHead):
        await house.identities.chains_for(commit)

    house.server.shows_chain(grown)
    assert (await house.identities.chains_for(commit))[BOB.uid].head == grown.chain.head


async def test_chains_of_many_are_pinned_in_one_transaction(house: SimpleNamespace) -> None:
    people = (BOB, CAROL)
    for person in people:
        house.server.shows_chain(person)
    statements: list[str] = []
    house.store._file._connection.set_trace_callback(statements.append)
    await house.identities.refresh_all([person.uid for person in people])
    house.store._file._connection.set_trace_callback(None)
    # The operator's certificates, then everybody: however many they are.
    assert sum(said.startswith("INSERT INTO link") for said in statements) == len(people)
    assert statements.count("COMMIT") == 1

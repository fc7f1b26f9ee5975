"""What the load reads in an XMPP stream."""

import asyncio
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bench.load.spec import Protocol, Spec
from bench.load.xmpp_target import XmppClient, XmppTarget
from bench.rows import Mode

SPEC = Spec(
    protocol=Protocol.XMPP,
    mode=Mode.RATE,
    ports=(1,),
    server_pids=(),
    users=20,
    group=10,
    domain="localhost",
    rooms_domain="conference.localhost",
)


def stanza(number: int, text: str = "a") -> bytes:
    """As a room sends it on: attributes in any order, an identifier of the archive inside."""
    return (
        f"<message xml:lang='en' to='u1@localhost/bench' from='g0@conference.localhost/u2' type='groupchat' "
        f"id='m{number}' xmlns='jabber:client'><stanza-id id='m9' by='g0'/><body>{text}</body></message>"
    ).encode()


async def counted(data: bytes, cuts: list[int], *, timed: bool = True) -> XmppTarget:
    """Of three messages: the first two by somebody else, the last by the reader."""
    target = XmppTarget(SPEC)
    target.sent += [(2, 1.0), (3, 1.0), (1, 1.0)]
    client = XmppClient(target, 1, timed)
    client._counts = True
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    for start, stop in pairwise(edges):
        client.data_received(data[start:stop])
    return target


@given(st.lists(st.integers(0, 2**16)))
def test_messages_are_counted_wherever_the_stream_is_cut(cuts: list[int]) -> None:
    data = b"<presence from='x'/>" + stanza(0) + stanza(1) + stanza(2)
    score = asyncio.run(counted(data, cuts)).score
    assert (score.delivered, score.accepted, len(score.times_s)) == (2, 1, 2)
    assert not score.problems


def test_refusals_are_problems() -> None:
    data = b"<message type='error' id='m0' from='g0'><error/></message>"
    score = asyncio.run(counted(data, [])).score
    assert (score.delivered, score.accepted) == (0, 0)
    assert score.problems


def test_untimed_clients_only_count() -> None:
    score = asyncio.run(counted(stanza(0), [], timed=False)).score
    assert score.delivered == 1
    assert not score.times_s


def test_people_are_in_the_room_of_their_group() -> None:
    target = XmppTarget(SPEC)
    assert target.room_of(9) == "g0@conference.localhost"
    assert target.room_of(10) == "g1@conference.localhost"

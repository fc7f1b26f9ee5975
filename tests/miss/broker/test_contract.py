"""The broker's contract, on every broker."""

import asyncio

from miss.broker import Broker
from tests.conditions import WAIT_S

PAYLOADS = [b"first", b"\x00\xff second", b"third"]


async def test_payloads_reach_every_listener_in_order(broker: Broker) -> None:
    received: dict[str, list[bytes]] = {"a": [], "b": []}
    complete = asyncio.Event()

    async def hear_a(payload: bytes) -> None:
        received["a"].append(payload)

    async def hear_b(payload: bytes) -> None:
        received["b"].append(payload)
        if len(received["b"]) == len(PAYLOADS):
            complete.set()

    await broker.listen("frames", hear_a)
    await broker.listen("frames", hear_b)
    for payload in PAYLOADS:
        await broker.publish("frames", payload)
    async with asyncio.timeout(WAIT_S):
        await complete.wait()
    assert received == {"a": PAYLOADS, "b": PAYLOADS}


async def test_a_channel_hears_only_its_own(broker: Broker) -> None:
    heard: asyncio.Queue[bytes] = asyncio.Queue()
    await broker.listen("ours", heard.put)
    await broker.publish("theirs", b"not for us")
    await broker.publish("ours", b"for us")
    async with asyncio.timeout(WAIT_S):
        assert await heard.get() == b"for us"
    assert heard.empty()


async def test_a_handler_that_fails_does_not_stop_the_others(broker: Broker) -> None:
    heard: asyncio.Queue[bytes] = asyncio.Queue()

    async def fail(_payload: bytes) -> None:
        raise RuntimeError("a bug in a listener")

    await broker.listen("frames", fail)
    await broker.listen("frames", heard.put)
    await broker.publish("frames", b"one")
    await broker.publish("frames", b"two")
    async with asyncio.timeout(WAIT_S):
        assert [await heard.get(), await heard.get()] == [b"one", b"two"]


async def test_a_closed_broker_is_not_connected(broker: Broker) -> None:
    assert broker.connected
    await broker.close()
    assert not broker.connected

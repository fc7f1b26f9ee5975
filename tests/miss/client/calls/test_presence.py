"""Who is there and who is writing: told to the others, stored nowhere."""

import asyncio

from miss.client.events import PresenceChanged, TypingChanged
from miss.client.model import Presence
from miss.directory.sample.people import ANNE_MODELE, PAUL_EXEMPLE
from tests.conditions import WAIT_S
from tests.miss.client.chat_server import ChatServer, Proxy, until_true


async def test_typing_and_presence_reach_the_others(server: ChatServer) -> None:
    _, bob_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as alice, server.online(PAUL_EXEMPLE) as bob:
        cid = await alice.create_conversation([bob_uid])
        await until_true(bob, lambda: bob.conversations())
        heard = bob.events()
        alice.set_presence(Presence.ON_DUTY)
        for _ in range(50):
            alice.typing(cid)  # at every key: said once
        alice.typing(cid, False)
        alice.typing(cid, False)
        await alice.wait_sent(alice.send_text(cid, "voilà"))
        await until_true(bob, lambda: bob.messages(cid))

        told = [await anext(heard) for _ in range(heard._queue.qsize())]
        assert [event for event in told if isinstance(event, TypingChanged | PresenceChanged)] == [
            PresenceChanged(alice.uid, Presence.ON_DUTY),
            TypingChanged(cid, alice.uid, True),
            TypingChanged(cid, alice.uid, False),
        ]


async def test_presence_is_said_again_on_a_new_connection(server: ChatServer) -> None:
    _, bob_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with (
        Proxy(server) as proxy,
        server.online(ANNE_MODELE, proxy.url) as alice,
        server.online(PAUL_EXEMPLE) as bob,
        asyncio.timeout(WAIT_S),
    ):
        cid = await alice.create_conversation([bob_uid])
        await until_true(bob, lambda: bob.conversations())
        heard = bob.events()
        alice.typing(cid)
        alice.set_presence(Presence.DO_NOT_DISTURB)
        said = PresenceChanged(alice.uid, Presence.DO_NOT_DISTURB)
        while await anext(heard) != said:
            pass
        proxy.cut()
        alice.typing(cid, False)  # perhaps nobody to tell, nothing to raise
        while await anext(heard) != said:
            pass

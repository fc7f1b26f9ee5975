"""Clients through the real server, over real sockets."""

import asyncio
import io
import json
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from PIL import Image

from miss.base.clock import MovableClock, SystemClock
from miss.base.ids import ConversationId
from miss.directory.sample.people import ANNE_MODELE, CLAIRE_TEMOIN, PAUL_EXEMPLE
from miss.directory.signer.folder import VALIDITY
from tests.conditions import WAIT_S
from tests.miss.client.chat_server import ChatServer, Proxy, until_true
from tests.miss.client.device import REPORT
from tests.miss.client.devices import texts
from tests.miss.client.files.test_photo import jpeg

CANARY = "CANARI-7F3A"


async def test_a_care_team_talks(server: ChatServer) -> None:
    _, bob_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)

    async with server.online(ANNE_MODELE) as alice, server.online(PAUL_EXEMPLE) as bob:
        found = [entry for entry in await alice.directory("EXEMPLE") if entry.uid == bob_uid]
        assert [entry.rpps for entry in found] == [PAUL_EXEMPLE]

        cid = await alice.create_conversation([bob_uid], name="Plaie du talon")
        await alice.wait_sent(alice.send_text(cid, "Bonjour Paul"))
        await until_true(bob, lambda: texts(bob, cid) == ["Bonjour Paul"])
        seen = bob.conversation(cid)
        assert seen.name == "Plaie du talon"
        assert {member.who.rpps for member in seen.members} == {ANNE_MODELE, PAUL_EXEMPLE}
        assert (seen.unread, seen.is_member) == (2, True)

        await bob.send_photo(cid, jpeg((2000, 1500)), "la voici")
        await until_true(alice, lambda: texts(alice, cid) == ["Bonjour Paul", "la voici"])
        photo = alice.messages(cid)[-1]
        fetched = await alice.fetch_photo(photo)
        assert Image.open(io.BytesIO(fetched)).size == (1600, 1200)
        assert len(fetched) <= 400_000
        assert b"Exif" not in fetched

        alice.mark_read(cid, photo.seq)
        await until_true(bob, lambda: bob.read_by(cid) == {alice.uid: photo.seq})
        assert bob.delivered_to(cid) == {alice.uid: photo.seq}
        assert alice.conversation(cid).unread == 0


async def test_a_device_takes_the_operators_renewed_certificate(server: ChatServer) -> None:
    _, bob_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as alice:
        cid = await alice.create_conversation([bob_uid])
        await alice.wait_sent(alice.send_text(cid, "avant"))
    await server.stop()
    server.clock = MovableClock(SystemClock().now() + VALIDITY + timedelta(days=1))
    await server.start()
    async with server.online(ANNE_MODELE) as alice:
        assert await alice.wait_sent(alice.send_text(cid, "après")) == 2


async def test_nothing_readable_reaches_the_server(server: ChatServer) -> None:
    _, bob_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as alice, server.online(PAUL_EXEMPLE) as bob:
        cid = await alice.create_conversation([bob_uid], name=f"nom {CANARY}")
        await alice.wait_sent(alice.send_text(cid, f"texte {CANARY}"))
        await alice.wait_sent(await alice.send_photo(cid, jpeg(), f"légende {CANARY}"))
        await until_true(bob, lambda: len(bob.messages(cid)) == 3)
        sent = await bob.fetch_photo(bob.messages(cid)[-1])
    await server.stop()

    files = [path for path in server.folder.rglob("*") if path.is_file()]
    assert any("blobs" in path.parts for path in files)
    for path in files:
        content = path.read_bytes()
        assert CANARY.encode() not in content, path
        assert sent[100:200] not in content, path


class Device:
    """A client in a process of its own (`device.py`), driven line by line."""

    def __init__(self, store: Path, url: str) -> None:
        command = [sys.executable, "-m", "tests.miss.client.device", str(store), url]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    async def ask(self, **command: object) -> object:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(command).encode() + b"\n")
        self._process.stdin.flush()
        async with asyncio.timeout(WAIT_S):
            return json.loads(await asyncio.to_thread(self._process.stdout.readline))

    def kill(self) -> None:
        """SIGKILL: nothing is flushed, closed or said goodbye to."""
        self._process.send_signal(signal.SIGKILL)
        self._end()

    def _end(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.wait()


async def start_conversation(server: ChatServer) -> ConversationId:
    """Bob's conversation with Alice, whose device is going to be killed."""
    alice_uid, _ = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(PAUL_EXEMPLE) as bob:
        cid = await bob.create_conversation([alice_uid])
        await bob.wait_sent(bob.send_text(cid, "début"))
    return cid


async def test_killed_between_deposit_and_acknowledgement(server: ChatServer) -> None:
    cid = await start_conversation(server)
    async with server.online(PAUL_EXEMPLE) as bob, Proxy(server) as proxy:
        device = Device(server.store_path(ANNE_MODELE), proxy.url)
        assert await device.ask(do="texts", cid=cid.hex()) == ["début"]
        proxy.quiet = True
        await device.ask(do="send", cid=cid.hex(), text="déposé")
        await until_true(bob, lambda: texts(bob, cid) == ["début", "déposé"])
        assert await device.ask(do="outgoing", cid=cid.hex()) == ["déposé"]  # it does not know yet
        device.kill()
        proxy.cut()
        proxy.quiet = False

        device = Device(server.store_path(ANNE_MODELE), proxy.url)
        await device.ask(do="send", cid=cid.hex(), text="suite", wait=True)
        assert await device.ask(do="outgoing", cid=cid.hex()) == []
        assert await device.ask(do="texts", cid=cid.hex()) == ["début", "déposé", "suite"]
        await until_true(bob, lambda: texts(bob, cid) == ["début", "déposé", "suite"])
        device.kill()


async def test_killed_before_the_deposit(server: ChatServer) -> None:
    cid = await start_conversation(server)
    device = Device(server.store_path(ANNE_MODELE), server.url)
    assert await device.ask(do="texts", cid=cid.hex()) == ["début"]
    await server.stop()
    await device.ask(do="send", cid=cid.hex(), text="écrit hors ligne")
    device.kill()
    await server.start()

    async with server.online(PAUL_EXEMPLE) as bob:
        device = Device(server.store_path(ANNE_MODELE), server.url)
        await until_true(bob, lambda: texts(bob, cid) == ["début", "écrit hors ligne"])
        device.kill()


async def test_killed_again_and_again_while_both_write(server: ChatServer) -> None:
    cid = await start_conversation(server)
    count = 12
    async with server.online(PAUL_EXEMPLE) as bob:
        for round_ in range(3):
            device = Device(server.store_path(ANNE_MODELE), server.url)
            for number in range(count // 3):
                bob.send_text(cid, f"bob {round_ * count // 3 + number}")
                await device.ask(do="send", cid=cid.hex(), text=f"alice {round_ * count // 3 + number}")
            device.kill()
        await until_true(bob, lambda: bob.outgoing(cid) == [])

        device = Device(server.store_path(ANNE_MODELE), server.url)
        await device.ask(do="send", cid=cid.hex(), text="fin", wait=True)
        await until_true(bob, lambda: "fin" in texts(bob, cid))
        hers = await device.ask(do="texts", cid=cid.hex())
        device.kill()
        his = texts(bob, cid)

    assert hers == his
    for name in ("alice", "bob"):
        assert [text for text in his if text.startswith(name)] == [f"{name} {number}" for number in range(count)]


async def test_killed_in_the_middle_of_an_upload(server: ChatServer) -> None:
    cid = await start_conversation(server)
    async with server.online(PAUL_EXEMPLE) as bob:
        device = Device(server.store_path(ANNE_MODELE), server.url)
        for text in ("avant", "CANARI"):
            await device.ask(do="send", cid=cid.hex(), text=text)
        await device.ask(do="send_file", cid=cid.hex(), name="long.pdf")
        await device.ask(do="send", cid=cid.hex(), text="après")
        await until_true(bob, lambda: "CANARI" in texts(bob, cid))
        device.kill()

        device = Device(server.store_path(ANNE_MODELE), server.url)
        await device.ask(do="send", cid=cid.hex(), text="fin", wait=True)
        await until_true(bob, lambda: "fin" in texts(bob, cid))
        assert texts(bob, cid) == ["début", "avant", "CANARI", "", "après", "fin"]
        assert await bob.fetch_file(bob.messages(cid)[3]) == REPORT
        device.kill()


async def test_offline_and_back(server: ChatServer) -> None:
    _, bob_uid, carol_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE, CLAIRE_TEMOIN)
    async with server.online(ANNE_MODELE) as alice:
        cid = await alice.create_conversation([bob_uid, carol_uid])
        sent = [f"message {number}" for number in range(30)]
        for text in sent:
            alice.send_text(cid, text)
        await until_true(alice, lambda: alice.outgoing(cid) == [])

    async with server.online(PAUL_EXEMPLE) as bob:
        assert texts(bob, cid) == sent
    async with server.online(PAUL_EXEMPLE) as bob, server.online(CLAIRE_TEMOIN) as carol:
        assert texts(bob, cid) == texts(carol, cid) == sent

"""What is written in the chat is nowhere on the server: not in the database, the blobs, the courier or the logs."""

from pathlib import Path

import structlog

from miss.base.clock import to_ms
from miss.broker import MemoryBroker
from miss.protocol.crypto.attachments import Attachment, blob_bytes, encrypt_blob
from miss.protocol.crypto.receipts import compose_read_receipt
from miss.protocol.wire.frames import Ack, Msg, Read
from tests.miss.chat.kit import Place, post, running
from tests.miss.chat.world import Template

CANARY = "CANARI-7f3a-plaie-du-pied-gauche"
PHOTO_CANARY = b"CANARI-PHOTO-" * 50


class ListeningBroker(MemoryBroker):
    """Keeps what it carries."""

    def __init__(self) -> None:
        super().__init__()
        self.carried = b""

    async def publish(self, channel: str, payload: bytes) -> None:
        self.carried += payload
        await super().publish(channel, payload)


def traces(folder: Path, needle: bytes) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and needle in path.read_bytes()]


async def test_the_server_holds_no_plaintext(place: Place, template: Template, tmp_path: Path) -> None:
    broker = ListeningBroker()
    await broker.start()
    with structlog.testing.capture_logs() as logs:
        async with running(place, broker) as process:
            world = template.world.at(process, place)
            team = world.team
            key, prefix = place.random_bytes(32), place.random_bytes(16)
            sealed = b"".join(encrypt_blob([PHOTO_CANARY], len(PHOTO_CANARY), key, prefix))
            assert len(sealed) == blob_bytes(len(PHOTO_CANARY))
            blob = (await post(process, "blobs", sealed, world.anne.token(process)))["id"]
            async with world.anne.connected(process) as anne, world.paul.connected(process) as paul:
                photo = Attachment(blob, key, len(PHOTO_CANARY), b"h" * 32, "image/jpeg", name=f"{CANARY}.jpg")
                plain = team.body(CANARY)
                body = type(plain)(plain.mid, plain.ts, plain.type, CANARY, None, (photo,))
                ack = await anne.send(body.mid, team.cid, team.seal(world.anne, body))
                assert isinstance(ack, Ack)
                assert team.read((await paul.next(Msg)).env) == CANARY
                receipt = compose_read_receipt(
                    cid=team.cid,
                    seq=1,
                    log=b"l" * 32,
                    uid=world.paul.uid,
                    did=world.paul.did,
                    ts_ms=to_ms(place.clock.now()),
                    ik=world.paul.keys.ik,
                ).raw
                paul.session.report(Read(team.cid, 1, receipt))
                await paul.flush()
                await anne.next(Read)
                # A frame that is refused is logged and counted without its content.
                await anne.websocket.send(b"\xc1" + CANARY.encode())
                await anne.closed()
    await broker.close()
    assert broker.carried
    assert traces(tmp_path, sealed)
    for needle in (CANARY.encode(), PHOTO_CANARY[:26]):
        assert traces(tmp_path, needle) == []
        assert needle not in broker.carried
    assert CANARY not in repr(logs)

"""Photos and files through the real server: cut, resumed, in ranges, given up."""

import asyncio
import io
import random

import pytest
from PIL import Image

from miss.client.errors import FileNotSupported, FileTooLarge, NoAttachment, PhotoNotSupported
from miss.client.events import DownloadProgress, UploadProgress
from miss.client.files import downloads
from miss.client.outgoing import uploads
from miss.directory.sample.people import ANNE_MODELE, PAUL_EXEMPLE
from miss.protocol.crypto.attachments import blob_bytes
from miss.protocol.limits import MAX_BLOB_BYTES
from tests.miss.client.chat_server import ChatServer, Proxy, until_true
from tests.miss.client.devices import texts
from tests.miss.client.files.test_pdf import PDF
from tests.miss.client.files.test_photo import HEIC

REPORT = b"%PDF-1.7\n" + random.Random(1).randbytes(1_500_000) + b"\n%%EOF\n"


async def test_a_pdf_and_a_heic_arrive(server: ChatServer) -> None:
    _, bob_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as alice, server.online(PAUL_EXEMPLE) as bob:
        cid = await alice.create_conversation([bob_uid])
        await alice.wait_sent(await alice.send_file(cid, PDF, "/tmp/Écho.pdf", "le compte rendu", urgent=True))
        await alice.wait_sent(await alice.send_photo(cid, HEIC, "la plaie"))
        await until_true(bob, lambda: texts(bob, cid) == ["le compte rendu", "la plaie"])
        report, photo = bob.messages(cid)
        (file,) = report.attachments
        assert (file.name, file.mime, file.size, report.urgent) == ("Écho.pdf", "application/pdf", len(PDF), True)
        assert await bob.fetch_file(report) == PDF
        assert Image.open(io.BytesIO(await bob.fetch_photo(photo))).size == (200, 400)
        with pytest.raises(NoAttachment):
            await bob.fetch_file(report, 1)
        with pytest.raises(FileNotSupported):
            await alice.send_file(cid, b"PK\x03\x04", "lettre.docx")
        with pytest.raises(FileTooLarge):
            await alice.send_file(cid, bytes(MAX_BLOB_BYTES), "scanner.pdf")
        with pytest.raises(PhotoNotSupported):
            await alice.send_photo(cid, PDF)
        assert alice.outgoing(cid) == []


async def test_a_range_is_read_without_the_rest(server: ChatServer) -> None:
    _, bob_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as alice:
        cid = await alice.create_conversation([bob_uid])
        await alice.wait_sent(await alice.send_file(cid, REPORT, "long.pdf"))
        message = alice.messages(cid)[0]
        for start, stop in ((0, 9), (700_000, 700_100), (65_530, 131_080), (len(REPORT) - 7, len(REPORT))):
            assert await alice.fetch_range(message, start, stop) == REPORT[start:stop]


async def test_an_upload_that_was_cut_goes_on_where_it_stopped(server: ChatServer) -> None:
    _, bob_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    size = blob_bytes(len(REPORT))
    async with server.online(ANNE_MODELE) as alice:
        cid = await alice.create_conversation([bob_uid])
    async with Proxy(server) as proxy, server.online(ANNE_MODELE, proxy.url) as alice:
        heard = alice.events()
        mid = await alice.send_file(cid, REPORT, "long.pdf")
        alice.send_text(cid, "après")
        while not isinstance(event := await anext(heard), UploadProgress) or event.sent_bytes < size // 2:
            pass
        proxy.cut()
    # Another process, another day: the server says how much it has.
    async with server.online(ANNE_MODELE) as alice, server.online(PAUL_EXEMPLE) as bob:
        heard = alice.events()
        assert await alice.wait_sent(mid) == 1
        sent = [event.sent_bytes for event in _drain(heard) if isinstance(event, UploadProgress)]
        assert sent == sorted(sent)
        assert len(sent) <= 1 + (size // 2) // uploads.PART_BYTES
        assert sent[-1] == size
        await until_true(bob, lambda: texts(bob, cid) == ["", "après"])
        assert await bob.fetch_file(bob.messages(cid)[0]) == REPORT


def _drain(events) -> list[object]:  # type: ignore[no-untyped-def]
    return [events._queue.get_nowait() for _ in range(events._queue.qsize())]


async def test_an_upload_is_given_up_with_its_message(server: ChatServer) -> None:
    _, bob_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as alice:
        cid = await alice.create_conversation([bob_uid])
        heard = alice.events()
        mid = await alice.send_file(cid, REPORT, "long.pdf")
        after = alice.send_text(cid, "finalement non")
        while not isinstance(await anext(heard), UploadProgress):
            pass
        alice.discard(mid)
        assert await alice.wait_sent(after) == 1
        assert texts(alice, cid) == ["finalement non"]


async def test_a_large_file_keeps_no_other_conversation_waiting(server: ChatServer) -> None:
    _, bob_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as alice:
        slow, quick = [await alice.create_conversation([bob_uid]) for _ in range(2)]
        heard = alice.events()
        long = await alice.send_file(slow, REPORT, "long.pdf")
        while not isinstance(await anext(heard), UploadProgress):
            pass
        await alice.wait_sent(alice.send_text(quick, "tout de suite"))
        assert [waiting.mid for waiting in alice.outgoing(slow)] == [long]
        assert await alice.wait_sent(long) == 1


async def test_a_download_that_was_cancelled_goes_on(server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "PART_BYTES", 100_000)
    _, bob_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as alice:
        cid = await alice.create_conversation([bob_uid])
        await alice.wait_sent(await alice.send_file(cid, REPORT, "long.pdf"))
    async with server.online(PAUL_EXEMPLE) as bob:
        heard, message = bob.events(), bob.messages(cid)[0]
        fetching = asyncio.create_task(bob.fetch_file(message))
        while not isinstance(event := await anext(heard), DownloadProgress) or event.received_bytes < 700_000:
            pass
        fetching.cancel()
        await asyncio.gather(fetching, return_exceptions=True)
    async with server.online(PAUL_EXEMPLE) as bob:
        heard = bob.events()
        assert await bob.fetch_file(message) == REPORT
        received = [event for event in _drain(heard) if isinstance(event, DownloadProgress)]
        assert received[0].received_bytes > 700_000
        assert received[-1].received_bytes == received[-1].size_bytes == blob_bytes(len(REPORT))
        assert bob._store.downloads.size_of(message.attachments[0].blob) == 0

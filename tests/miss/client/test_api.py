"""The endpoints: what is sent, and that a token is asked for with the device's signature."""

from datetime import date

import httpx
import msgspec
import pytest

from miss.base.ids import BlobId, ConversationId
from miss.client.errors import ServerUnreachable
from miss.protocol.crypto.auth import verify_auth
from miss.protocol.crypto.primitives import hash_
from tests.miss.client.doubles import Server
from tests.miss.protocol.people import ALICE

CID = ConversationId(b"c" * 32)


async def test_heads_and_commits() -> None:
    server = Server()
    server.answers["/api/chat/conversations"] = 200, {"conversations": [[CID, 5, 3, 2]]}
    commits = {"commits": [b"one", b"two"], "boxes": [b"box", None], "histories": [None, b"old"]}
    server.answers[f"/api/chat/conversations/{CID.hex()}/commits"] = 200, commits
    api = server.api(ALICE)

    (head,) = await api.fetch_heads()
    answer = await api.fetch_commits(CID, 4)

    assert (head.cid, head.last_seq, head.read_seq, head.epoch) == (CID, 5, 3, 2)
    assert answer.lines == [(b"one", b"box", None), (b"two", None, b"old")]
    assert server.requests[1].url.params["from_epoch"] == "4"
    assert server.requests[1].headers["authorization"] == "Bearer a-token"


async def test_blobs_travel_raw() -> None:
    server = Server()
    server.answers["/api/chat/blobs"] = 200, {"id": b"b" * 16}
    server.answers[f"/api/chat/blobs/{(b'b' * 16).hex()}"] = 200, b"\x00raw"
    api = server.api(ALICE)

    blob_id = await api.upload_blob(b"\x00raw")

    assert server.requests[0].content == b"\x00raw"
    assert blob_id == b"b" * 16
    assert await api.fetch_blob(BlobId(b"b" * 16)) == b"\x00raw"


async def test_directory_lines_may_lack_fields() -> None:
    server = Server()
    line = {"uid": None, "rpps": None, "family": "EXEMPLE", "given": "Paul", "profession": "Médecin"}
    server.answers["/api/chat/directory"] = 200, {"entries": [line | {"specialty": None, "town": ""}]}

    (found,) = await server.api(ALICE).search_directory("exemple", 5)

    assert (found.uid, found.family, found.specialty) == (None, "EXEMPLE", None)
    assert found.successor is None
    assert found.away_until is None


async def test_a_directory_line_may_name_a_successor() -> None:
    server = Server()
    line = {"uid": b"u" * 16, "rpps": None, "family": "EXEMPLE", "given": "Paul"}
    successor = {"uid": None, "rpps": "99900000011", "family": "MODELE", "given": "Anne", "until_ms": 5}
    server.answers["/api/chat/directory"] = 200, {"entries": [line | {"successor": successor}]}

    (found,) = await server.api(ALICE).search_directory("exemple", 5)

    assert found.successor is not None
    assert (found.successor.family, found.successor.uid, found.successor.until_ms) == ("MODELE", None, 5)


async def test_a_directory_line_may_name_the_last_day_of_an_absence() -> None:
    server = Server()
    line = {"uid": b"u" * 16, "rpps": None, "family": "EXEMPLE", "given": "Paul"}
    server.answers["/api/chat/directory"] = 200, {"entries": [line | {"away_until": "2026-11-23"}]}

    (found,) = await server.api(ALICE).search_directory("exemple", 5)

    assert found.away_until == date(2026, 11, 23)
    server.answers["/api/chat/directory"] = 200, {"entries": [line | {"away_until": "lundi"}]}
    with pytest.raises(ServerUnreachable, match="unreadable_answer"):
        await server.api(ALICE).search_directory("exemple", 5)


async def test_a_refused_token_is_replaced_by_one_signed_for() -> None:
    server = Server()
    server.answers["/api/chat/conversations"] = 401, {"code": "token_refused", "text": "", "params": {}}

    def renew(_: httpx.Request) -> tuple[int, dict[str, object]]:
        server.answers["/api/chat/conversations"] = 200, {"conversations": []}
        return 200, {"token": "second", "expires_at": 1}

    server.answers["/api/chat/token"] = renew

    assert await server.api(ALICE).fetch_heads() == ()

    asked = msgspec.msgpack.decode(server.requests[1].content)
    nonce = hash_("http-token", ALICE.did + asked["ts"].to_bytes(8, "big"))
    assert asked["did"] == ALICE.did
    assert verify_auth(ALICE.keys.ik_public, nonce, "chat.example", asked["sig"])
    assert server.requests[2].headers["authorization"] == "Bearer second"

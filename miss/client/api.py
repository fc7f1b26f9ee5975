"""The server's HTTP endpoints for chat, one method each.  docs/protocol.md §7

Decodes and nothing more: what comes back is as trustworthy as the server, until `identity` and `epochs` have
verified it.
"""

from collections.abc import Sequence

import msgspec

from miss.base.ids import AccountId, BlobId, ConversationId, DeviceId
from miss.client.http import HttpExchange
from miss.client.server_time import ServerTime
from miss.protocol.crypto.auth import sign_auth
from miss.protocol.crypto.keys import DeviceKeys
from miss.protocol.crypto.primitives import hash_
from miss.protocol.wire.frames import Head


class WhoFields(msgspec.Struct, frozen=True):
    """An identity as the directory has it."""

    rpps: str
    family: str
    given: str
    profession: str


class ActivationAnswer(msgspec.Struct, frozen=True):
    """Who an activation code is for, and the keys to check the server by."""

    uid: bytes
    who: WhoFields
    root: bytes
    opcerts: tuple[bytes, ...]
    server_ts: int


class ChainAnswer(msgspec.Struct, frozen=True):
    """A person's links as sent, oldest first."""

    links: tuple[bytes, ...]
    opcerts: tuple[bytes, ...]


class DirectoryLine(msgspec.Struct, frozen=True):
    """One person found."""

    uid: bytes | None
    rpps: str | None
    family: str
    given: str
    profession: str | None = None
    specialty: str | None = None
    town: str | None = None


class CommitsAnswer(msgspec.Struct, frozen=True):
    """Commits in order, digests in place of boxes, and the asker's own boxes."""

    commits: tuple[bytes, ...]
    boxes: tuple[bytes | None, ...]
    histories: tuple[bytes | None, ...]

    @property
    def lines(self) -> list[tuple[bytes, bytes | None, bytes | None]]:
        """Commit, box and history of each epoch."""
        return list(zip(self.commits, self.boxes, self.histories, strict=False))


class ReceiptAnswer(msgspec.Struct, frozen=True):
    """A deposit receipt, the envelope it is about (empty: deleted), and the certificates to check it by."""

    receipt: bytes
    env: bytes
    opcerts: tuple[bytes, ...]


class _Linked(msgspec.Struct, frozen=True):
    link: bytes


class _Directory(msgspec.Struct, frozen=True):
    entries: tuple[DirectoryLine, ...]


class _Committed(msgspec.Struct, frozen=True):
    cid: bytes
    epoch: int


class _Conversations(msgspec.Struct, frozen=True):
    conversations: tuple[Head, ...]


class _Blob(msgspec.Struct, frozen=True):
    id: bytes


class _Token(msgspec.Struct, frozen=True):
    token: str


async def check_activation(http: HttpExchange, rpps: str, code: str) -> ActivationAnswer:
    """Who the code is for.  Raises ServerRefused (`wrong_activation_code`…), ServerUnreachable."""
    body = {"rpps": rpps, "code": code}
    return await http.exchange("POST", "/api/chat/activation", ActivationAnswer, body=body)


async def link_device(http: HttpExchange, rpps: str, code: str, link: bytes, name: str) -> bytes:
    """The link, countersigned; the code is used up.  Raises ServerRefused, ServerUnreachable."""
    body = {"rpps": rpps, "code": code, "link": link, "name": name}
    return (await http.exchange("POST", "/api/chat/devices", _Linked, body=body)).link


class ServerApi:
    """What a linked device may ask.  Every method raises ServerRefused and ServerUnreachable."""

    def __init__(self, http: HttpExchange, *, did: DeviceId, keys: DeviceKeys, host: str, time: ServerTime) -> None:
        """`host`: the server's name, which signatures cover (lower case, no port)."""
        self._http = http
        self._did = did
        self._keys = keys
        self._host = host
        self._time = time
        self._token = ""

    def take_token(self, token: str) -> None:
        """The connection's `ready` brought a fresh one."""
        self._token = token

    async def _get_token(self, renew: bool) -> str:
        if renew or not self._token:
            ts_ms = self._time.now_ms()
            nonce = hash_("http-token", self._did + ts_ms.to_bytes(8, "big"))
            body = {"did": self._did, "ts": ts_ms, "sig": sign_auth(self._keys.ik, nonce, self._host)}
            self._token = (await self._http.exchange("POST", "/api/chat/token", _Token, body=body)).token
        return self._token

    async def fetch_chain(self, uid: AccountId) -> ChainAnswer:
        return await self._http.exchange(
            "GET", f"/api/chat/users/{uid.hex()}/chain", ChainAnswer, token=self._get_token
        )

    async def search_directory(self, text: str, limit: int) -> Sequence[DirectoryLine]:
        query: dict[str, str | int] = {"q": text, "limit": limit}
        answer = await self._http.exchange("GET", "/api/chat/directory", _Directory, query=query, token=self._get_token)
        return answer.entries

    async def send_commit(self, commit: bytes) -> None:
        """Compare-and-swap: refused with `stale_epoch` or `stale_link` if something moved meanwhile."""
        body = {"commit": commit}
        await self._http.exchange("POST", "/api/chat/commits", _Committed, body=body, token=self._get_token)

    async def fetch_heads(self) -> Sequence[Head]:
        path = "/api/chat/conversations"
        return (await self._http.exchange("GET", path, _Conversations, token=self._get_token)).conversations

    async def fetch_commits(self, cid: ConversationId, from_epoch: int) -> CommitsAnswer:
        path = f"/api/chat/conversations/{cid.hex()}/commits"
        query: dict[str, str | int] = {"from_epoch": from_epoch}
        return await self._http.exchange("GET", path, CommitsAnswer, query=query, token=self._get_token)

    async def fetch_receipt(self, cid: ConversationId, seq: int) -> ReceiptAnswer:
        path = f"/api/chat/conversations/{cid.hex()}/receipts/{seq}"
        return await self._http.exchange("GET", path, ReceiptAnswer, token=self._get_token)

    async def upload_blob(self, content: bytes) -> BlobId:
        answer = await self._http.exchange("POST", "/api/chat/blobs", _Blob, content=content, token=self._get_token)
        return BlobId(answer.id)

    async def fetch_blob(self, blob_id: BlobId) -> bytes:
        return await self._http.fetch_bytes(f"/api/chat/blobs/{blob_id.hex()}", token=self._get_token)

"""The server's HTTP endpoints for conversations and people, one method each; `identity_api` has the others.  §7

Decodes and nothing more: what comes back is as trustworthy as the server, until `identity` and `epochs` have
verified it.
"""

from collections.abc import Sequence
from datetime import date

import msgspec

from miss.base.ids import AccountId, BlobId, ConversationId, DeviceId
from miss.client.http import HttpExchange
from miss.client.identity_api import IdentityApi
from miss.client.server_time import ServerTime
from miss.protocol.crypto.auth import sign_auth
from miss.protocol.crypto.keys import DeviceKeys
from miss.protocol.crypto.primitives import hash_
from miss.protocol.ids import Cid, Ordinal
from miss.protocol.wire.frames import Head, Tombstone


class ChainAnswer(msgspec.Struct, frozen=True):
    """A person's links as sent, oldest first."""

    links: tuple[bytes, ...]
    opcerts: tuple[bytes, ...]


class SuccessorLine(msgspec.Struct, frozen=True):
    """Whom to write to instead of somebody who has left."""

    uid: bytes | None
    family: str
    given: str
    until_ms: int


class DirectoryLine(msgspec.Struct, frozen=True):
    """One person found."""

    uid: bytes | None
    rpps: str | None
    family: str
    given: str
    profession: str | None = None
    specialty: str | None = None
    town: str | None = None
    successor: SuccessorLine | None = None
    away_until: date | None = None


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


class DeletionsAnswer(msgspec.Struct, frozen=True):
    """Tombstones by conversation and place, oldest first; `cursor`: where the next page begins."""

    deletions: tuple[tuple[Cid, Ordinal, Tombstone], ...]
    more: bool
    cursor: str


class _Restorations(msgspec.Struct, frozen=True):
    restorations: tuple[bytes, ...]


class _Imposed(msgspec.Struct, frozen=True):
    lock_after_min_max: int | None


class _Added(msgspec.Struct, frozen=True):
    added: int


class _Directory(msgspec.Struct, frozen=True):
    entries: tuple[DirectoryLine, ...]


class _Committed(msgspec.Struct, frozen=True):
    cid: bytes
    epoch: int


class _Conversations(msgspec.Struct, frozen=True):
    conversations: tuple[Head, ...]


class _Blob(msgspec.Struct, frozen=True):
    id: bytes


class _Offset(msgspec.Struct, frozen=True):
    offset: int


class _Nothing(msgspec.Struct, frozen=True):
    pass


class _Token(msgspec.Struct, frozen=True):
    token: str


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
        self.identity = IdentityApi(http, self._get_token)

    def take_token(self, token: str) -> None:
        """The connection's `ready` brought a fresh one."""
        self._token = token

    async def _get_token(self, renew: bool) -> str:
        if renew or not self._token:
            body = self._signed("http-token")
            self._token = (await self._http.exchange("POST", "/api/chat/token", _Token, body=body)).token
        return self._token

    async def http_token(self, *, renew: bool = False) -> str:
        """A token for what other services of this server ask of a device; `renew`: the last one was refused."""
        return await self._get_token(renew)

    def _signed(self, label: str) -> dict[str, object]:
        """What stands for a token where there is none: the device's signature over this moment, for one use."""
        ts_ms = self._time.now_ms()
        nonce = hash_(label, self._did + ts_ms.to_bytes(8, "big"))
        return {"did": self._did, "ts": ts_ms, "sig": sign_auth(self._keys.ik, nonce, self._host)}

    async def fetch_own_chain(self) -> ChainAnswer:
        """The owner's own chain; answered to a revoked device as well, which reads there that it was."""
        return await self._http.exchange("POST", "/api/chat/own-chain", ChainAnswer, body=self._signed("own-chain"))

    async def fetch_chain(self, uid: AccountId) -> ChainAnswer:
        return await self._http.exchange(
            "GET", f"/api/chat/users/{uid.hex()}/chain", ChainAnswer, token=self._get_token
        )

    async def search_directory(self, text: str, limit: int) -> Sequence[DirectoryLine]:
        query: dict[str, str | int] = {"q": text, "limit": limit}
        answer = await self._http.exchange("GET", "/api/chat/directory", _Directory, query=query, token=self._get_token)
        return answer.entries

    async def fetch_lock_limit(self) -> int | None:
        """Minutes after which this person's devices lock at the latest; None: nobody says."""
        answer = await self._http.exchange("GET", "/api/chat/imposed", _Imposed, token=self._get_token)
        return answer.lock_after_min_max

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

    async def fetch_deletions(self, since_ms: int, cursor: str) -> DeletionsAnswer:
        """What authors deleted since an instant, where this person may read; `cursor`: of the page before, or empty."""
        query: dict[str, str | int] = {"since": since_ms, "after": cursor}
        return await self._http.exchange(
            "GET", "/api/chat/deletions", DeletionsAnswer, query=query, token=self._get_token
        )

    async def fetch_receipt(self, cid: ConversationId, seq: int) -> ReceiptAnswer:
        path = f"/api/chat/conversations/{cid.hex()}/receipts/{seq}"
        return await self._http.exchange("GET", path, ReceiptAnswer, token=self._get_token)

    async def fetch_restorations(self, after: int) -> Sequence[bytes]:
        """The operator's statements of restores after that epoch; asked without a token."""
        path = "/api/chat/restorations"
        query: dict[str, str | int] = {"after": after}
        return (await self._http.exchange("GET", path, _Restorations, query=query)).restorations

    async def put_back_links(self, links: Sequence[bytes]) -> int:
        """Give back links that a restore lost, in the order of their chain; how many were missing.  Without a token."""
        path, body = "/api/chat/restored-links", {"links": links}
        return (await self._http.exchange("POST", path, _Added, body=body)).added

    async def upload_blob(self, content: bytes) -> BlobId:
        answer = await self._http.exchange("POST", "/api/chat/blobs", _Blob, content=content, token=self._get_token)
        return BlobId(answer.id)

    async def begin_upload(self, size_bytes: int) -> BlobId:
        """A blob of that size, to be sent in parts."""
        query: dict[str, str | int] = {"size": size_bytes}
        answer = await self._http.exchange("POST", "/api/chat/blobs", _Blob, query=query, token=self._get_token)
        return BlobId(answer.id)

    async def send_part(self, blob_id: BlobId, offset: int, content: bytes) -> int:
        """How much the server has now; refused with `upload_offset` if it has not what comes before `offset`."""
        path, headers = f"/api/chat/blobs/{blob_id.hex()}", {"Upload-Offset": str(offset)}
        answer = await self._http.exchange(
            "PATCH", path, _Offset, content=content, headers=headers, token=self._get_token
        )
        return answer.offset

    async def fetch_offset(self, blob_id: BlobId) -> int:
        """How much of a blob of ours the server has."""
        path = f"/api/chat/blobs/{blob_id.hex()}/upload"
        return (await self._http.exchange("GET", path, _Offset, token=self._get_token)).offset

    async def fetch_blob_part(self, blob_id: BlobId, start: int, stop: int) -> bytes:
        """The bytes of a blob from `start` up to `stop`."""
        headers = {"Range": f"bytes={start}-{stop - 1}"}
        return await self._http.fetch_bytes(f"/api/chat/blobs/{blob_id.hex()}", token=self._get_token, headers=headers)

    async def acknowledge(self, cid: ConversationId, seq: int, acknowledgement: bytes) -> None:
        """Stop the alarm at `seq`; the first acknowledgement stands, later ones change nothing."""
        path = f"/api/chat/conversations/{cid.hex()}/alarms/{seq}/acknowledgement"
        body = {"acknowledgement": acknowledgement}
        await self._http.exchange("POST", path, _Nothing, body=body, token=self._get_token)

    async def fetch_blob(self, blob_id: BlobId) -> bytes:
        return await self._http.fetch_bytes(f"/api/chat/blobs/{blob_id.hex()}", token=self._get_token)

"""The chat's doors: HTTP with MessagePack bodies, and one WebSocket.  No rules here: each asks a room.

Every route but `activation`, `devices` and `token`, which prove their caller by other means, needs a device's token.
"""

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from miss.base.clock import to_ms
from miss.base.ids import AccountId, BlobId, ConversationId
from miss.chat.blobs.model import parse_range
from miss.chat.http import (
    Endpoint,
    announced_bytes,
    answer,
    caller,
    path_bytes,
    path_number,
    query_number,
    read_body,
    spoken,
)
from miss.chat.search import find_people
from miss.chat.service import Chat
from miss.chat.socket import Connection
from miss.protocol.errors import BlobTooLarge
from miss.protocol.ids import Did, Millis, Signature
from miss.protocol.limits import MAX_BLOB_BYTES, MAX_COMMIT_BYTES, MAX_INTEGER, MAX_LINK_BYTES
from miss.protocol.wire.frames import SUBPROTOCOL

MAX_ENTRIES = 20
Short = Annotated[str, Meta(max_length=200)]


class ActivationAsked(msgspec.Struct):
    """POST activation."""

    rpps: Short
    code: Short


class LinkingAsked(msgspec.Struct):
    """POST devices."""

    rpps: Short
    code: Short
    link: Annotated[bytes, Meta(max_length=MAX_LINK_BYTES)]
    name: Short


class TokenAsked(msgspec.Struct):
    """POST token."""

    did: Did
    ts: Millis
    sig: Signature


class LinkSent(msgspec.Struct):
    """POST links."""

    link: Annotated[bytes, Meta(max_length=MAX_LINK_BYTES)]


class CommitSent(msgspec.Struct):
    """POST commits."""

    commit: Annotated[bytes, Meta(max_length=MAX_COMMIT_BYTES)]


def chat_routes(chat: Chat) -> list[BaseRoute]:
    """Everything under /api/chat."""
    doors = _Doors(chat)
    http: Sequence[tuple[str, str, Endpoint]] = (
        ("POST", "activation", doors.activation),
        ("POST", "devices", doors.link_device),
        ("POST", "token", doors.renew_token),
        ("POST", "links", doors.append_link),
        ("GET", "users/{uid}/chain", doors.chain),
        ("GET", "directory", doors.directory),
        ("POST", "commits", doors.commit),
        ("GET", "conversations", doors.list_conversations),
        ("GET", "conversations/{cid}/commits", doors.list_commits),
        ("GET", "conversations/{cid}/receipts/{seq}", doors.receipt),
        ("POST", "blobs", doors.upload),
        ("GET", "blobs/{blob}", doors.download),
    )
    routes: list[BaseRoute] = [
        Route(f"/api/chat/{path}", spoken(endpoint, chat.metrics), methods=[method]) for method, path, endpoint in http
    ]
    return [*routes, WebSocketRoute("/api/chat/socket", doors.socket)]


class _Doors:
    """The endpoints."""

    def __init__(self, chat: Chat) -> None:
        self._chat = chat

    # Who has no token yet

    async def activation(self, request: Request) -> Response:
        """Who a device with this code would speak for, and the operator to pin.  Uses nothing up."""
        asked = await read_body(request, ActivationAsked)
        found = await self._chat.devices.activation(asked.rpps, asked.code)
        who = found.who
        return answer(
            {
                "uid": found.uid,
                "who": {"rpps": who.rpps, "family": who.family, "given": who.given, "profession": who.profession},
                "root": found.root,
                "opcerts": found.opcerts,
                "server_ts": to_ms(self._chat.desk.clock.now()),
            }
        )

    async def link_device(self, request: Request) -> Response:
        asked = await read_body(request, LinkingAsked)
        link = await self._chat.devices.link(asked.rpps, asked.code, asked.link, asked.name)
        return answer({"link": link})

    async def renew_token(self, request: Request) -> Response:
        asked = await read_body(request, TokenAsked)
        token, expires_at = await self._chat.devices.renew_token(asked.did, asked.ts, asked.sig)
        return answer({"token": token, "expires_at": to_ms(expires_at)})

    # Devices and people

    async def append_link(self, request: Request) -> Response:
        by = await caller(request, self._chat.devices)
        sent = await read_body(request, LinkSent)
        return answer({"link": await self._chat.devices.append(by, sent.link)})

    async def chain(self, request: Request) -> Response:
        await caller(request, self._chat.devices)
        uid = AccountId(path_bytes(request, "uid", 16))
        return answer({"links": await self._chat.devices.list_links(uid), "opcerts": self._chat.signer.opcerts})

    async def directory(self, request: Request) -> Response:
        await caller(request, self._chat.devices)
        limit = query_number(request, "limit", MAX_ENTRIES, 1, MAX_ENTRIES)
        entries = await find_people(self._chat, request.query_params.get("q", ""), limit)
        return answer({"entries": entries})

    # Conversations

    async def commit(self, request: Request) -> Response:
        by = await caller(request, self._chat.devices)
        sent = await read_body(request, CommitSent, MAX_COMMIT_BYTES + 64)
        accepted = await self._chat.conversations.commit(by, sent.commit)
        return answer({"cid": accepted.cid, "epoch": accepted.epoch})

    async def list_conversations(self, request: Request) -> Response:
        by = await caller(request, self._chat.devices)
        heads = await self._chat.conversations.list_heads(by.uid)
        return answer({"conversations": [(head.cid, head.last_seq, head.read_seq, head.epoch) for head in heads]})

    async def list_commits(self, request: Request) -> Response:
        """Commits from an epoch on, at most 200, each with the caller's own boxes."""
        by = await caller(request, self._chat.devices)
        cid = ConversationId(path_bytes(request, "cid", 32))
        from_epoch = query_number(request, "from_epoch", 1, 1, MAX_INTEGER)
        commits = await self._chat.conversations.list_commits(by.uid, cid, from_epoch)
        return answer(
            {
                "commits": [commit.commit for commit in commits],
                "boxes": [commit.box for commit in commits],
                "histories": [commit.history for commit in commits],
            }
        )

    async def receipt(self, request: Request) -> Response:
        by = await caller(request, self._chat.devices)
        cid = ConversationId(path_bytes(request, "cid", 32))
        found = await self._chat.receipts.get(by.uid, cid, path_number(request, "seq"))
        return answer({"receipt": found.receipt, "env": found.env, "opcerts": self._chat.signer.opcerts})

    # Blobs

    async def upload(self, request: Request) -> Response:
        by = await caller(request, self._chat.devices)
        size_bytes = announced_bytes(request)
        if size_bytes > MAX_BLOB_BYTES:
            raise BlobTooLarge(size_bytes=size_bytes, max_bytes=MAX_BLOB_BYTES)
        return answer({"id": await self._chat.blobs.upload(by.uid, request.stream())})

    async def download(self, request: Request) -> Response:
        by = await caller(request, self._chat.devices)
        blob = await self._chat.blobs.get(by.uid, BlobId(path_bytes(request, "blob", 16)))
        part = parse_range(request.headers.get("range"), blob.size_bytes)
        headers = {"Accept-Ranges": "bytes", "Cache-Control": "private, immutable, max-age=31536000"}
        if part is not None:
            headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{blob.size_bytes}"
        content = await self._chat.blobs.read(blob, part)
        return Response(content, 206 if part else 200, headers, media_type="application/octet-stream")

    # The socket

    async def socket(self, websocket: WebSocket) -> None:
        origin = websocket.headers.get("origin")
        # A browser always says where it comes from; a page of another site is turned away before accept (CSWSH).
        is_foreign = origin is not None and origin.lower() != self._chat.public_origin
        if is_foreign or SUBPROTOCOL not in websocket.scope["subprotocols"]:
            await websocket.close()
            return
        await Connection(websocket, self._chat.desk).run()

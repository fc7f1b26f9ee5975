"""The doors of conversations: commits, the log, deletions, receipts.  No rules here: each asks the room."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from miss.base.ids import ConversationId
from miss.chat.delivery.model import Cursor
from miss.chat.errors import BadRequest
from miss.chat.http import Door, Pace, answer, caller, path_bytes, path_number, query_number, read_body
from miss.protocol.limits import MAX_COMMIT_BYTES, MAX_INTEGER, MAX_PAGE_ITEMS
from miss.protocol.wire.frames import Pull

if TYPE_CHECKING:
    from miss.chat.service import Chat


class CommitSent(msgspec.Struct):
    """POST commits."""

    commit: Annotated[bytes, Meta(max_length=MAX_COMMIT_BYTES)]


class ConversationDoors:
    """The endpoints of this room."""

    def __init__(self, chat: "Chat") -> None:
        self._chat = chat

    def doors(self) -> Sequence[Door]:
        """Every one of them."""
        return (
            Door("POST", "commits", self.commit),
            Door("GET", "conversations", self.list_conversations),
            Door("GET", "conversations/{cid}/commits", self.list_commits),
            Door("GET", "conversations/{cid}/messages", self.messages),
            Door("GET", "conversations/{cid}/receipts/{seq}", self.receipt),
            Door("GET", "deletions", self.deletions),
        )

    async def commit(self, request: Request) -> Response:
        """The next commit of a conversation, or its first; its epoch.  Raises as `Conversations.commit`."""
        by = await caller(request, self._chat.devices)
        sent = await read_body(request, CommitSent, MAX_COMMIT_BYTES + 64)
        if not await self._chat.conversations.is_free(by, sent.commit):
            self._chat.gate.count(by.did, Pace.COMMITS)
        accepted = await self._chat.conversations.commit(by, sent.commit)
        return answer({"cid": accepted.cid, "epoch": accepted.epoch})

    async def list_conversations(self, request: Request) -> Response:
        """Those of the caller: identifier, last and last read place, epoch."""
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

    async def messages(self, request: Request) -> Response:
        """A page of the log, as a socket's `pull` gets it."""
        by = await caller(request, self._chat.devices)
        cid = ConversationId(path_bytes(request, "cid", 32))
        from_seq = query_number(request, "from_seq", 1, 1, MAX_INTEGER)
        to_seq = query_number(request, "to_seq", MAX_INTEGER, 1, MAX_INTEGER)
        limit = query_number(request, "limit", MAX_PAGE_ITEMS, 1, MAX_PAGE_ITEMS)
        page = await self._chat.desk.pages.pull(by.uid, Pull(0, cid, from_seq, to_seq, limit))
        return answer({"items": page.items, "more": page.more})

    async def deletions(self, request: Request) -> Response:
        """What authors deleted since an instant, wherever the caller may read."""
        by = await caller(request, self._chat.devices)
        since_ms = query_number(request, "since", 0, 0, MAX_INTEGER)
        limit = query_number(request, "limit", MAX_PAGE_ITEMS, 1, MAX_PAGE_ITEMS)
        after = _cursor(request.query_params.get("after", ""))
        graves, more = await self._chat.desk.pages.list_deletions(by.uid, since_ms, after, limit)
        return answer(
            {
                "deletions": [(grave.cid, grave.seq, grave.tombstone) for grave in graves],
                "more": more,
                "cursor": graves[-1].cursor if graves else "",
            }
        )

    async def receipt(self, request: Request) -> Response:
        """The signed receipt of a place and the envelope that it is for, with operator certificates to check both."""
        by = await caller(request, self._chat.devices)
        cid = ConversationId(path_bytes(request, "cid", 32))
        found = await self._chat.receipts.get(by.uid, cid, path_number(request, "seq"))
        return answer({"receipt": found.receipt, "env": found.env, "opcerts": self._chat.signer.opcerts})


def _cursor(text: str) -> Cursor | None:
    """Where an earlier answer ended (`Grave.cursor`); None for the beginning.  Raises BadRequest."""
    if not text:
        return None
    try:
        stored_ms, cid, seq = text.split("-")
        cursor = int(stored_ms), ConversationId(bytes.fromhex(cid)), int(seq)
    except ValueError:
        raise BadRequest from None
    if not (0 <= cursor[0] <= MAX_INTEGER and 0 <= cursor[2] <= MAX_INTEGER):
        raise BadRequest
    return cursor

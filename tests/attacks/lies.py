"""The lies by subject: chains, commits, items of the log, wherever the server shows them."""

from collections.abc import Callable, Iterable, Sequence

import msgspec

from miss.base.ids import ConversationId
from miss.protocol.wire.frames import EpochChanged, Frame, Item, Msg, Page
from tests.attacks.middle import Body, Call, Lie, Said

Links = Sequence[bytes]
CommitLine = tuple[bytes, bytes | None, bytes | None]
"""A commit without boxes, the reader's own box, the reader's history."""


class ChainLie(Lie):
    """About the chain of one person, wherever it is asked for: whole, or from a link on."""

    def __init__(self, uid: bytes, links: Links, change: Callable[[Links], Links | None]) -> None:
        """`links`: the true ones."""
        super().__init__()
        self._uid, self._links, self._change = uid, links, change

    def answer(self, call: Call, body: Body) -> Body | None:
        if call.matches(f"GET users/{self._uid.hex()}/chain"):
            self.told += 1
            links = self._change(self._links)
            return None if links is None else body | {"links": links}
        if call.matches("POST chains") and any(uid == self._uid for uid, _ in call.body["want"]):
            self.told += 1
            known = next(seq for uid, seq in call.body["want"] if uid == self._uid)
            shown = (self._change(self._links) or [])[known:]
            return body | {"chains": [(uid, shown if uid == self._uid else links) for uid, links in body["chains"]]}
        return body


class CommitLie(Lie):
    """About commits from `first_epoch` on, announced or asked for; None: kept back."""

    def __init__(
        self, change: Callable[[bytes, bytes | None, bytes | None], CommitLine | None], first_epoch: int = 1
    ) -> None:
        super().__init__()
        self._change, self._first_epoch = change, first_epoch

    def say(self, frame: Frame) -> Iterable[Said]:
        if not isinstance(frame, EpochChanged) or frame.epoch < self._first_epoch:
            return [frame]
        line = self._change(frame.commit, frame.box, frame.history)
        self.told += 1
        if line is None:
            return []
        commit, box, history = line
        return [msgspec.structs.replace(frame, commit=commit, box=box, history=history)]

    def answer(self, call: Call, body: Body) -> Body | None:
        if not call.matches("GET conversations/.*/commits"):
            return body
        epoch = int(call.query.rpartition("from_epoch=")[2].split("&")[0])
        changed: list[CommitLine] = []
        for number, line in enumerate(zip(body["commits"], body["boxes"], body["histories"], strict=True), epoch):
            if number < self._first_epoch:
                changed.append(line)
                continue
            self.told += 1
            if (after := self._change(*line)) is not None:
                changed.append(after)
        columns = [list(column) for column in zip(*changed, strict=True)] or [[], [], []]
        return body | dict(zip(("commits", "boxes", "histories"), columns, strict=True))


class LogLie(Lie):
    """About the places of a conversation's log after `after_seq`, whichever way they come."""

    def __init__(
        self, cid: ConversationId, change: Callable[[Item], Sequence[Item]], after_seq: int = 3, times: int = 10**6
    ) -> None:
        super().__init__()
        self._cid, self._change, self._after_seq, self._times = cid, change, after_seq, times

    def _altered(self, item: Item) -> Sequence[Item]:
        if item.seq <= self._after_seq or self.told >= self._times:
            return [item]
        items = self._change(item)
        self.told += list(items) != [item]
        return items

    def say(self, frame: Frame) -> Iterable[Said]:
        if isinstance(frame, Msg) and frame.cid == self._cid:
            items = self._altered(Item(frame.seq, frame.env, frame.ts))
            # A live frame holds no empty envelope: a blanked place shows when it is pulled.
            return [Msg(self._cid, one.seq, one.env, one.ts) for one in items if one.env]
        if isinstance(frame, Page) and frame.cid == self._cid:
            items = [after for item in frame.items for after in self._altered(item)]
            return [msgspec.structs.replace(frame, items=tuple(items))]
        return [frame]

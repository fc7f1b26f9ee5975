"""What happens while the crowd writes: counts, and events to wait for instead of sleeping."""

import asyncio
from collections import Counter
from collections.abc import Collection, Hashable
from time import perf_counter


def now_s() -> float:
    """The clock of every interval here."""
    return perf_counter()


class Watch:
    """Waits until each of some writers was answered on something sent (or repeated) after `since_s`."""

    def __init__(self, writers: Collection[Hashable], since_s: float) -> None:
        self.since_s = since_s
        self._waiting = set(writers)
        self._served: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        if not self._waiting:
            self._served.set_result(since_s)

    def note(self, writer: Hashable, sent_s: float, at_s: float) -> None:
        """`writer` was answered on what it sent at `sent_s`."""
        if sent_s >= self.since_s:
            self._waiting.discard(writer)
            if not self._waiting and not self._served.done():
                self._served.set_result(at_s)

    @property
    def is_over(self) -> bool:
        return self._served.done()

    async def served(self) -> float:
        """Seconds from `since_s` until the last of them was answered."""
        return await asyncio.shield(self._served) - self.since_s


class Tally:
    """One for all clients of a run."""

    def __init__(self) -> None:
        self.sent = 0
        self.acked = 0
        self.dups = 0
        self.shown = 0
        self.is_writing = True
        self.events: Counter[str] = Counter()
        """What the protocol foresees: refusals by code, `lag`, connections lost, pages."""
        self.problems: Counter[str] = Counter()
        """What it does not."""
        self._watches: list[Watch] = []
        self._waiting: list[tuple[str, int, asyncio.Future[None]]] = []

    def watch(self, writers: Collection[Hashable], since_s: float) -> Watch:
        """A watch that begins now."""
        watch = Watch(writers, since_s)
        self._watches.append(watch)
        return watch

    def note_ack(self, writer: Hashable, sent_s: float) -> None:
        """A writer got its answer."""
        self.acked += 1
        if self._watches:
            at_s = now_s()
            for watch in self._watches:
                watch.note(writer, sent_s, at_s)
            self._watches = [watch for watch in self._watches if not watch.is_over]
        self._wake("acks", self.acked)

    def note_event(self, event: str) -> None:
        """One more of these."""
        self.events[event] += 1
        self._wake(event, self.events[event])

    def note_shown(self, count: int) -> None:
        """A reader shows so many more messages."""
        if count:
            self.shown += count
            self._wake("shown", self.shown)

    async def more_acks(self, count: int) -> None:
        """Return after that many more acknowledgements."""
        await self._wait(("acks", self.acked + count))

    async def reach_acks(self, total: int) -> None:
        """Return once there are so many in all."""
        if self.acked < total:
            await self._wait(("acks", total))

    async def more_events(self, event: str, count: int = 1) -> None:
        """Return after that many more of these events."""
        await self._wait((event, self.events[event] + count))

    async def progress(self) -> None:
        """Return with the next acknowledgement, or when a reader shows something."""
        await self._wait(("acks", self.acked + 1), ("shown", self.shown + 1))

    async def _wait(self, *any_of: tuple[str, int]) -> None:
        reached: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting += [(what, count, reached) for what, count in any_of]
        await reached

    def _wake(self, what: str, count: int) -> None:
        if not self._waiting:
            return
        for name, wanted, reached in self._waiting:
            if name == what and count >= wanted and not reached.done():
                reached.set_result(None)
        self._waiting = [one for one in self._waiting if not one[2].done()]

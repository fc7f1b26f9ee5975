"""Questions that come while another one is under way wait for it, and are asked together.

A thousand devices that come back at once each need the same few things from the database.  Asked one by one, that is
a thousand times the way there and back; here the first one goes alone and the rest in a few batches.  Nothing is
kept: every answer was read after its question was asked.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Generic, TypeVar

from miss.storage.errors import DatabaseUnreachable

K = TypeVar("K")
V = TypeVar("V")


class Gathered(Generic[K, V]):
    """One kind of question."""

    def __init__(self, read: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]], *, most: int) -> None:
        """`read`: answers at most `most` questions; one that has no answer is absent."""
        self._read = read
        self._most = most
        self._waiting: list[tuple[K, asyncio.Future[V | None]]] = []
        self._task: asyncio.Task[None] | None = None

    async def find(self, key: K) -> V | None:
        """The answer, read from now on; None if there is none.  Raises as `read`."""
        answer: asyncio.Future[V | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((key, answer))
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="miss.chat.gathered")
        return await answer

    async def _run(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
                await self._answer(batch)
        finally:
            self._task = None

    async def _answer(self, batch: Sequence[tuple[K, "asyncio.Future[V | None]"]]) -> None:
        try:
            answers = await self._read([key for key, _ in batch])
        except Exception as error:
            if len(batch) == 1 or isinstance(error, DatabaseUnreachable):
                for _, answer in batch:
                    if not answer.done():
                        answer.set_exception(error)
                return
            # Whatever one of them stumbles over is no concern of the others.
            for one in batch:
                await self._answer([one])
            return
        for key, answer in batch:
            if not answer.done():  # else whoever asked has left
                answer.set_result(answers.get(key))

"""Questions are asked together, and each gets its own answer, or its own error."""

import asyncio
from collections.abc import Sequence

import pytest

from miss.chat.gathered import Gathered
from miss.storage.errors import DatabaseUnreachable
from tests.conditions import WAIT_S


class Book:
    """Answers when it is opened; remembers what was asked together."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []
        self.was_asked = asyncio.Event()
        self.opened = asyncio.Event()
        self.fails_for: frozenset[int] = frozenset()
        self.is_away = False

    async def read(self, keys: Sequence[int]) -> dict[int, str]:
        self.asked.append(list(keys))
        self.was_asked.set()
        await self.opened.wait()
        if self.is_away:
            raise DatabaseUnreachable
        if self.fails_for & set(keys):
            raise ValueError("a page is torn")
        return {key: f"page {key}" for key in keys if key < 100}


async def test_who_asks_meanwhile_is_answered_together() -> None:
    book = Book()
    gathered = Gathered(book.read, most=3)
    first = asyncio.create_task(gathered.find(1))
    await book.was_asked.wait()
    rest = [asyncio.create_task(gathered.find(number)) for number in (2, 3, 4, 500)]
    await asyncio.sleep(0)
    book.opened.set()
    assert await first == "page 1"
    assert await asyncio.gather(*rest) == ["page 2", "page 3", "page 4", None]
    assert book.asked == [[1], [2, 3, 4], [500]]
    assert await gathered.find(7) == "page 7"


async def test_an_error_concerns_only_the_one_who_asked() -> None:
    book = Book()
    book.opened.set()
    book.fails_for = frozenset({2})
    gathered = Gathered(book.read, most=10)
    answers = await asyncio.gather(*map(gathered.find, (1, 2, 3)), return_exceptions=True)
    assert (answers[0], answers[2]) == ("page 1", "page 3")
    assert isinstance(answers[1], ValueError)


async def test_a_database_that_is_away_is_not_asked_once_for_each() -> None:
    book = Book()
    book.opened.set()
    book.is_away = True
    gathered = Gathered(book.read, most=10)
    answers = await asyncio.gather(*map(gathered.find, range(5)), return_exceptions=True)
    assert all(isinstance(answer, DatabaseUnreachable) for answer in answers)
    assert book.asked == [[0, 1, 2, 3, 4]]
    book.is_away = False
    assert await gathered.find(1) == "page 1"


async def test_somebody_who_leaves_takes_nothing_from_the_others() -> None:
    book = Book()
    gathered = Gathered(book.read, most=10)
    leaving, staying = asyncio.create_task(gathered.find(1)), asyncio.create_task(gathered.find(2))
    await book.was_asked.wait()
    leaving.cancel()
    await asyncio.sleep(0)
    book.opened.set()
    assert await asyncio.wait_for(staying, WAIT_S) == "page 2"
    with pytest.raises(asyncio.CancelledError):
        await leaving

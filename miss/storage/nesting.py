"""Refuse that a task asks for a second connection of a database while it holds one.

A pool has so many connections: as many tasks that hold one each and want another wait for each other, until each gives
up.  It takes a rush to happen, so tests look for its cause instead (`tests/conftest.py`): whoever is called from inside
a transaction takes it as an argument (`Database.reading`).  In production nothing is refused: what might stop in a rush
would stop always.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar
from weakref import WeakSet


class NestedTransaction(RuntimeError):
    """A mistake of the program's: pass the transaction that is open on to what is called."""


class Holders:
    """The tasks that hold a connection of one database."""

    is_one_enough: ClassVar[bool] = False
    """True: a second one is refused."""

    def __init__(self) -> None:
        self._tasks: WeakSet[asyncio.Task[Any]] = WeakSet()

    @contextmanager
    def one(self) -> Iterator[None]:
        """While the block holds a connection.  Raises NestedTransaction."""
        task = asyncio.current_task() if self.is_one_enough else None
        if task is None:
            yield
            return
        if task in self._tasks:
            raise NestedTransaction("this task holds a connection of that database already")
        self._tasks.add(task)
        try:
            yield
        finally:
            self._tasks.discard(task)

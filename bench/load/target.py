"""What a client can do, whatever the server speaks."""

from typing import Protocol

from bench.load.score import Score


class Client(Protocol):
    """One person's connection, logged in and able to receive the messages of their group."""

    def send(self, intended_s: float) -> None:
        """Send one message to the person's group."""
        ...

    def close(self) -> None:
        """Cut the connection."""
        ...


class Target(Protocol):
    """One server as a crowd of clients sees it."""

    score: Score

    async def open(self, user: int, *, timed: bool = False, join: bool = True) -> Client:
        """Log a person in.  `timed`: their deliveries are timed; `join`: they receive their group's messages.

        Raises OSError or ValueError if the server refuses.
        """
        ...

    async def catch_up(self, user: int, count: int) -> float:
        """Log a person in who has missed `count` messages, fetch them; seconds from the asking to the last one.

        Raises ValueError if another number came.
        """
        ...

    async def list_(self, user: int) -> float:
        """Seconds from the TCP connect until the person has the list of all their conversations."""
        ...

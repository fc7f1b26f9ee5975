"""Whether a socket has acknowledged what it was sent: a telephone in a pocket falls silent long before its line does.

Costs nothing while messages pass: a mark on the way out, one taken away on the way in; time is looked at when it passes
for the socket anyway.
"""


class Debt:
    """Of one socket."""

    __slots__ = ("_is_told", "_patience_s", "_since_s", "is_owed")

    def __init__(self, patience_s: float) -> None:
        """`patience_s`: how long the client may take."""
        self._patience_s = patience_s
        self.is_owed = False
        self._since_s: float | None = None
        self._is_told = False

    def owe(self) -> None:
        """Something was sent that has to be acknowledged."""
        self.is_owed = True

    def settle(self) -> bool:
        """An acknowledgement came; True if it had been given up."""
        was_told, self._is_told = self._is_told, False
        self.is_owed, self._since_s = False, None
        return was_told

    def falls_due(self, now_s: float) -> bool:
        """True once: when an acknowledgement has been missing for too long."""
        if not self.is_owed or self._is_told:
            return False
        if self._since_s is None:
            self._since_s = now_s
        self._is_told = now_s - self._since_s >= self._patience_s
        return self._is_told

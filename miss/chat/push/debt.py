"""What a socket was sent and has not acknowledged: a telephone in a pocket falls silent long before its line does.

An acknowledgement says how far one conversation was received (protocol §7, `recv`), so what is sent while it travels
stays owed.  Costs next to nothing while messages pass: a place noted on the way out, taken away on the way in; time is
looked at when it passes for the socket anyway.
"""

from miss.base.ids import ConversationId


class Debt:
    """Of one socket."""

    __slots__ = ("_is_told", "_owed", "_patience_s", "_since_s")

    def __init__(self, patience_s: float) -> None:
        """`patience_s`: how long the client may be silent."""
        self._patience_s = patience_s
        self._owed: dict[ConversationId, int] = {}
        self._since_s: float | None = None
        self._is_told = False

    @property
    def is_owed(self) -> bool:
        """True if something was sent that was neither acknowledged nor told to be due."""
        return bool(self._owed)

    def owe(self, cid: ConversationId, seq: int) -> None:
        """Messages of `cid` were sent, the last of them at `seq`."""
        self._owed[cid] = seq

    def settle(self, cid: ConversationId, seq: int) -> bool:
        """Everything of `cid` up to `seq` was received; True if the client had been given up."""
        if self._owed.get(cid, 0) <= seq:
            self._owed.pop(cid, None)
        was_told, self._is_told = self._is_told, False
        self._since_s = None
        return was_told

    def falls_due(self, now_s: float) -> bool:
        """True once: when nothing was acknowledged for too long, though something was owed; the device is woken for
        that, and no longer owes it."""
        if not self._owed or self._is_told:
            return False
        if self._since_s is None:
            self._since_s = now_s
        if now_s - self._since_s < self._patience_s:
            return False
        self._is_told = True
        self._owed.clear()
        return True

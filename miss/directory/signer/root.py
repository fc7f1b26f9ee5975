"""What ROOT has signed about restores, kept beside ROOT's own key, wherever that lies.  protocol §5, Restoration

A restore takes the database back, and may take back what it knew of earlier restores.  The key it has to be signed
with is not on the server, so the list goes with the key: ROOT never says two things about the same restore.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from nacl.signing import SigningKey

from miss.base.clock import Clock, to_ms
from miss.directory.signer.errors import OperatorKeysUnusable
from miss.directory.signer.folder import append_line, read_key, read_lines
from miss.protocol.crypto.restorations import Restoration, compose_restoration, verify_restorations

LIST: Final = "restorations"
"""The file beside `root.key`: one statement a line, in base64, oldest first."""


class RootLedger:
    """ROOT's key and its list, open for the time of one signature."""

    def __init__(self, path: Path, root_public: bytes, clock: Clock) -> None:
        """`path`: of `root.key`; `root_public`: the one that clients pin.

        Raises OperatorKeysUnusable if the file is missing, malformed, open to others or another root's.
        """
        self._key = SigningKey(read_key(path))
        if bytes(self._key.verify_key) != root_public:
            raise OperatorKeysUnusable(path=path, reason="elle ne correspond pas à root.pub")
        self._root_public = root_public
        self._list = path.parent / LIST
        self._clock = clock

    def declare(self, restored_to_ms: int, elsewhere: Sequence[bytes] = ()) -> list[Restoration]:
        """The whole list, with the statement of this restore at its end, written down before it is returned.

        `elsewhere`: the list as the database has it, where it may be longer than here.  The same call again, after a
        crash, signs nothing new.  Raises RestorationError if what is here or there is no list of this root's.
        """
        now_ms = to_ms(self._clock.now())
        here = read_lines(self._list)
        known = here if len(here) >= len(elsewhere) else list(elsewhere)
        statements = verify_restorations(known, self._root_public, now_ms)
        last = statements[-1] if statements else None
        if last is None or last.restored_to_ms != restored_to_ms or len(elsewhere) >= len(statements):
            statements.append(
                compose_restoration(self._key, previous=last, restored_to_ms=restored_to_ms, ts_ms=now_ms)
            )
        for one in statements[len(here) :]:
            append_line(self._list, one.raw)
        return statements

"""Keys of the numbers that name a person or a structure, and hashes of what is told of them.  Pure."""

from functools import lru_cache
from hashlib import blake2b

from miss.directory.register.remarks import Findings, LineRefused, Reason
from miss.documents.identities import ADELI_PREFIX, RPPS_PREFIX, NumberVerdict, check_adeli, check_finess, check_rpps

_CHECKS = {RPPS_PREFIX: check_rpps, ADELI_PREFIX: check_adeli}
_ACCEPTED = (NumberVerdict.OK, NumberVerdict.KEY_UNCHECKED)


class PersonNumbers:
    """Checks who a line is about; consecutive lines of one person cost one check."""

    def __init__(self, findings: Findings, *, is_test: bool = False) -> None:
        """`is_test`: a wrong key is remarked upon, not refused: those of published test sets often fail."""
        self._findings = findings
        self._is_test = is_test
        self._last = ("", "", "")

    def check(self, number: int, kind: str, identifier: str, national_id: str) -> str:
        """The national identifier of line `number`.  Raises LineRefused."""
        if self._last == (kind, identifier, national_id):
            return national_id
        check = _CHECKS.get(kind)
        if check is None:
            raise LineRefused(Reason.IDENTIFIER_TYPE)
        verdict = check(identifier)
        if verdict not in _ACCEPTED:
            if not (self._is_test and verdict is NumberVerdict.WRONG_KEY):
                raise LineRefused(Reason.IDENTIFIER)
            self._findings.doubtful.add(number, Reason.IDENTIFIER_TEST_KEY)
        if national_id != kind + identifier:
            raise LineRefused(Reason.IDENTIFIER_MISMATCH)
        self._last = (kind, identifier, national_id)
        return national_id


class CloseNumbers:
    """Numbers that lie close together, as a register gives them out: a bit each, where a set takes ninety bytes."""

    _BITS = 1_024

    def __init__(self) -> None:
        self._pages: dict[int, int] = {}

    def add(self, number: int) -> bool:
        """True if it was not there."""
        page, bit = divmod(number, self._BITS)
        bits = self._pages.get(page, 0)
        if bits >> bit & 1:
            return False
        self._pages[page] = bits | 1 << bit
        return True


@lru_cache(maxsize=65_536)
def is_finess(text: str) -> bool:
    """True for a FINESS number with its key."""
    return check_finess(text) in _ACCEPTED


def hash64(text: str) -> int:
    """A number that stands for `text`, the same in every process and on every machine."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)

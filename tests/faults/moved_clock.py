"""The `miss` command whose clock is moved from outside: `python -m tests.faults.moved_clock FILE serve`.

Nothing in MiSS reads the machine's clock but `SystemClock` (ruff sees to that), so replacing its one method moves the
whole server.  The product has no switch for it: this module stands in the tests.  FILE holds the offset in seconds, a
little-endian double; other clocks (monotonic, the file system's, PostgreSQL's) stay where they are.

libfaketime would do the same to any program, but slows a server with threads by seconds.
"""

import mmap
import struct
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from miss.base.clock import SystemClock
from miss.server.cli import main
from tests.faults.told import answer_when_asked


def move_clock(file: Path) -> None:
    """From now on every `SystemClock` of this process differs from the machine's by what `file` says."""
    with file.open("rb") as opened:
        offset = mmap.mmap(opened.fileno(), 0, prot=mmap.PROT_READ)

    def now(_clock: SystemClock) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=struct.unpack("<d", offset)[0])

    SystemClock.now = now  # type: ignore[method-assign, assignment]


if __name__ == "__main__":
    answer_when_asked()
    move_clock(Path(sys.argv.pop(1)))
    main()

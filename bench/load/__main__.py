"""`python -m bench.load`: a specification in JSON on standard input, what was measured in JSON on standard output."""

import asyncio
import gc
import sys

import msgspec

from bench.load.modes import measure
from bench.load.spec import Spec


def main() -> None:
    """Measure once."""
    spec = msgspec.json.decode(sys.stdin.buffer.read(), type=Spec)
    # Nothing here makes cycles in numbers; pauses of the collector would count as the server's.
    gc.disable()
    measured = asyncio.run(measure(spec))
    sys.stdout.buffer.write(msgspec.json.encode(measured))


if __name__ == "__main__":
    main()

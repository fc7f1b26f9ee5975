"""The commands of docs/operations.md, out of its blocks: « ```sh NAME »."""

import re
from pathlib import Path
from types import MappingProxyType

PAGE = Path(__file__).resolve().parents[2] / "docs" / "operations.md"
_BLOCK = re.compile(r"^```sh ([a-z]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def read_blocks(page: Path = PAGE) -> MappingProxyType[str, str]:
    """The shell text of each named block, in the order of the page.  Raises ValueError if a name comes twice."""
    found = _BLOCK.findall(page.read_text())
    blocks = dict(found)
    if len(blocks) != len(found):
        raise ValueError(f"{page} has two blocks of one name: {[name for name, _ in found]}")
    return MappingProxyType(blocks)

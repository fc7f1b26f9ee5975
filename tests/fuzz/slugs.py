"""A target's name as that of a folder."""

import re


def slug(name: str) -> str:
    """`link in a chain` → `link-in-a-chain`."""
    return re.sub(r"\W+", "-", name)

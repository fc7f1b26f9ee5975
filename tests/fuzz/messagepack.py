"""MessagePack as a tree that can be changed anywhere and written again, lies included.

Signed objects carry their core packed inside a byte string; such a string is a branch of the tree too, so that a
change reaches the innermost field of a proof.
"""

from dataclasses import dataclass
from typing import Any

import msgspec

Path = tuple[Any, ...]


@dataclass(frozen=True)
class Packed:
    """A byte string that holds MessagePack itself."""

    value: Any


@dataclass(frozen=True)
class Verbatim:
    """Bytes to be written as they are, whatever they mean."""

    raw: bytes


def read_tree(data: bytes) -> Any:
    """The tree in `data`; None if `data` is no MessagePack."""
    try:
        return _unfold(msgspec.msgpack.decode(data))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def _unfold(value: Any) -> Any:
    if isinstance(value, list):
        return [_unfold(item) for item in value]
    if isinstance(value, dict):
        return {key: _unfold(item) for key, item in value.items()}
    if isinstance(value, bytes) and len(value) > 1 and (0x90 < value[0] <= 0x9F or value[0] == 0xDC):
        inner = read_tree(value)
        if isinstance(inner, list) and write_tree(inner) == value:
            return Packed(inner)
    return value


def write_tree(tree: Any) -> bytes:
    """The bytes of `tree`, headers in their shortest form."""
    if isinstance(tree, Verbatim):
        return tree.raw
    if isinstance(tree, Packed):
        return msgspec.msgpack.encode(write_tree(tree.value))
    if isinstance(tree, list):
        return msgspec.msgpack.encode([None] * len(tree))[: -len(tree) or None] + b"".join(map(write_tree, tree))
    if isinstance(tree, dict):
        short = len(tree) < 16
        header = bytes([0x80 | len(tree)]) if short else b"\xdf" + len(tree).to_bytes(4, "big")
        return header + b"".join(write_tree(key) + write_tree(item) for key, item in tree.items())
    return msgspec.msgpack.encode(tree)


def paths(tree: Any, at: Path = ()) -> list[Path]:
    """Every place in `tree`, the root first."""
    found = [at]
    if isinstance(tree, Packed):
        return found + paths(tree.value, (*at, 0))
    items = enumerate(tree) if isinstance(tree, list) else tree.items() if isinstance(tree, dict) else ()
    for key, item in items:
        found += paths(item, (*at, key))
    return found


def value_at(tree: Any, path: Path) -> Any:
    """What stands there."""
    for key in path:
        tree = tree.value if isinstance(tree, Packed) else tree[key]
    return tree


def with_value(tree: Any, path: Path, value: Any) -> Any:
    """A copy of `tree` with `value` at `path`."""
    if not path:
        return value
    key, rest = path[0], path[1:]
    if isinstance(tree, Packed):
        return Packed(with_value(tree.value, rest, value))
    if isinstance(tree, dict):
        return {**tree, key: with_value(tree[key], rest, value)}
    return [with_value(item, rest, value) if place == key else item for place, item in enumerate(tree)]

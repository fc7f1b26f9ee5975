"""Hostile variants of a genuine object: what a lying server, a broken client or a bad disk would hand over.

Either the bytes are changed blindly, or the MessagePack in them is changed with its structure in view: types, lengths,
counts, nesting, order, headers that promise more than follows; JSON and lines of text likewise (`texts`).
"""

from collections.abc import Callable, Iterator
from random import Random
from typing import Any, Final

from tests.fuzz.messagepack import Packed, Verbatim, paths, read_tree, value_at, with_value, write_tree
from tests.fuzz.texts import change_json, change_lines

MOST: Final = 2**32 - 1
PROMISES: Final = tuple(mark + MOST.to_bytes(4, "big") for mark in (b"\xdd", b"\xdf", b"\xc6", b"\xdb"))
"""Headers of an array, a map, a byte string and a string of 2³² − 1 elements, of which none follows."""
ODD_VALUES: Final[tuple[Any, ...]] = (
    None, True, False, 0, 1, -1, 127, 128, 2**31, 2**32, 2**53 - 1, 2**53, 2**63 - 1, -(2**63), 2**64 - 1,
    0.0, -0.0, float("nan"), float("inf"), 1e308, "", "a", "\0", "é" * 40, "‮", "a" * 70_000,
    b"", b"\0", b"\xff" * 16, b"\xff" * 31, b"\xff" * 32, b"\xff" * 33, b"\xff" * 64, b"\0" * 70_000, [], {}, {"a": 1},
)  # fmt: skip
ODD_BYTES: Final = (
    b"\xc1",  # the one byte that means nothing
    b"\xd9\x01a",  # a string in a longer form than it needs
    b"\xcc\x05",
    b"\xdc\x00\x00",
    b"\xa2\xff\xfe",  # no UTF-8
    b"\xd6\xff\x00\x00\x00\x00",  # a timestamp
    b"\xc7\x00\x05",  # an extension of our own
    *PROMISES,
)


def mutate(data: bytes, rng: Random) -> bytes:
    """A variant of `data`; now and then `data` itself."""
    tree = read_tree(data)
    if rng.random() < 0.25:
        return _change_bytes(data, rng)
    if tree is None:
        return change_json(data, rng) or (change_lines if rng.random() < 0.6 else _change_bytes)(data, rng)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        path = rng.choice(paths(tree))
        tree = with_value(tree, path, rng.choice(_CHANGES)(value_at(tree, path), rng))
    return write_tree(tree)


def promising(data: bytes) -> Iterator[bytes]:
    """`data` with, at each place in turn, a header that promises 2³² − 1 elements."""
    tree = read_tree(data)
    if tree is None:
        return
    for path in paths(tree):
        for promise in PROMISES:
            yield write_tree(with_value(tree, path, Verbatim(promise)))


def flooded(data: bytes, count: int) -> Iterator[bytes]:
    """`data` with, at each place in turn, `count` elements of one byte."""
    tree = read_tree(data)
    for path in paths(tree) if tree is not None else ():
        for element in (b"\x01", b"\x90", b"\xa0"):
            yield write_tree(with_value(tree, path, Verbatim(b"\xdd" + count.to_bytes(4, "big") + element * count)))


def nested(data: bytes, depth: int) -> Iterator[bytes]:
    """`data` with, at each place in turn and beside it, `depth` arrays inside each other."""
    tree = read_tree(data)
    deep = Verbatim(b"\x91" * depth + b"\xc0")
    for path in paths(tree) if tree is not None else ():
        yield write_tree(with_value(tree, path, deep))
        # Where a reader skips what it does not know.
        match value_at(tree, path):
            case list(items):
                yield write_tree(with_value(tree, path, [*items, deep]))
            case dict(items):
                yield write_tree(with_value(tree, path, {**items, "more": deep}))


def _change_bytes(data: bytes, rng: Random) -> bytes:
    """Flip, cut, repeat, insert or leave out, anywhere."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 4))):
        start = rng.randrange(len(changed) + 1)
        stop = min(len(changed), start + rng.choice((1, 1, 2, 16, 300)))
        match rng.randrange(6):
            case 0:
                del changed[start:stop]
            case 1:
                changed[start:stop] = changed[start:stop] * 2
            case 2:
                changed[start:start] = rng.choice(ODD_BYTES)
            case 3:
                changed[start:stop] = rng.randbytes(stop - start)
            case 4:
                del changed[start:]
            case _ if start < len(changed):
                changed[start] ^= 1 << rng.randrange(8)
            case _:
                changed += rng.randbytes(rng.choice((1, 40)))
    return bytes(changed)


def _replace(_value: Any, rng: Random) -> Any:
    return rng.choice(ODD_VALUES)


def _misspell(_value: Any, rng: Random) -> Any:
    return Verbatim(rng.choice(ODD_BYTES))


def _wrap(value: Any, rng: Random) -> Any:
    """The same, but deeper, or packed once more."""
    match rng.randrange(3):
        case 0:
            return [value]
        case 1:
            return Packed([value])
        case _:
            return Verbatim(b"\x91" * rng.choice((2, 40, 5000)) + write_tree(value))


def _flood(value: Any, rng: Random) -> Any:
    """Far more elements than anybody needs."""
    item = rng.choice((b"\xc0", b"\x01", b"\x90", b"\xa0", write_tree(value)[:200]))
    count = rng.choice((17, 600, 5000))
    return Verbatim(b"\xdd" + count.to_bytes(4, "big") + item * count)


def _change_inside(value: Any, rng: Random) -> Any:
    """One element more, less, twice or elsewhere; one byte or letter more, less or other; a neighbouring number."""
    if isinstance(value, list):
        return _change_list(list(value), rng)
    if isinstance(value, dict):
        keys = list(value)
        gone = rng.choice(keys) if keys else None
        return rng.choice(({**value, "more": 1}, {key: value[key] for key in keys if key != gone}))
    if isinstance(value, Packed):
        return Packed(_change_inside(value.value, rng))
    if isinstance(value, bytes):
        return _change_bytes(value, rng)
    if isinstance(value, str):
        return rng.choice((value[1:], value * 2, value + "\0", value.upper(), value[::-1]))
    if isinstance(value, int) and not isinstance(value, bool):
        return max(-(2**63), min(2**64 - 1, value + rng.choice((-1, 1, 256, 2**53))))
    return _replace(value, rng)


def _change_list(items: list[Any], rng: Random) -> list[Any]:
    place = rng.randrange(len(items) + 1)
    match rng.randrange(4):
        case 0:
            del items[place : place + 1]
        case 1:
            items[place:place] = [rng.choice(ODD_VALUES)]
        case 2:
            items[place : place + 1] = items[place : place + 1] * 2
        case _:
            rng.shuffle(items)
    return items


_CHANGES: Final[tuple[Callable[[Any, Random], Any], ...]] = (
    _replace,
    _misspell,
    _wrap,
    _flood,
    _change_inside,
    _change_inside,
    _change_inside,
)

"""The bodies that the chat's doors take, found in their source, and a genuine body of each."""

import importlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import inspect
from starlette.requests import Request
from starlette.types import Message

from miss.chat.http import read_body

ROOT: Final = Path(__file__).resolve().parents[2]
READS: Final = re.compile(r"\bread_body\(\s*\w+,\s*(\w+)")


def request_shapes() -> list[tuple[type[msgspec.Struct], bytes]]:
    """Every shape that a door reads a body into, and a body."""
    found: dict[str, type[msgspec.Struct]] = {}
    for path in sorted((ROOT / "miss/chat").rglob("*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for name in READS.findall(path.read_text(encoding="utf-8")):
            shape = getattr(importlib.import_module(module), name, None)
            if isinstance(shape, type) and issubclass(shape, msgspec.Struct):
                found[f"{shape.__module__}.{name}"] = shape
    return [(found[name], msgspec.msgpack.encode(example(found[name]))) for name in sorted(found)]


def read_as(shape: type[msgspec.Struct]) -> Callable[[bytes], object]:
    """How a door reads a body of that shape, without a server around it."""

    def read(data: bytes) -> object:
        async def receive() -> Message:
            return {"type": "http.request", "body": data, "more_body": False}

        reading = read_body(Request({"type": "http", "headers": []}, receive), shape)
        try:
            reading.send(None)
        except StopIteration as done:
            return done.value
        finally:
            reading.close()
        raise AssertionError("the whole body was there and it waited for more")

    return read


def example(shape: type[msgspec.Struct], **given: object) -> dict[str, Any]:
    """A body of that shape, with the values of `given` where it has such fields; it is decoded once to be sure."""
    body = _example_of(inspect.type_info(shape))
    body |= {name: value for name, value in given.items() if name in body}
    msgspec.msgpack.decode(msgspec.msgpack.encode(body), type=shape)
    assert isinstance(body, dict)
    return body


def _example_of(kind: inspect.Type) -> Any:
    match kind:
        case inspect.StructType(fields=fields, array_like=array_like):
            values = {field.encode_name: _example_of(field.type) for field in fields}
            return list(values.values()) if array_like else values
        case inspect.BytesType(min_length=least):
            return b"\x07" * (least or 1)
        case inspect.StrType(min_length=least):
            return "a" * (least or 1)
        case inspect.IntType(ge=least):
            return max(least or 0, 1)
        case inspect.FloatType():
            return 1.0
        case inspect.BoolType():
            return True
        case inspect.NoneType():
            return None
        case inspect.LiteralType(values=values):
            return values[0]
        case inspect.EnumType(cls=cls):
            return next(iter(cls)).value
        case inspect.ListType(item_type=item) | inspect.VarTupleType(item_type=item):
            return [_example_of(item)]
        case inspect.TupleType(item_types=items):
            return [_example_of(item) for item in items]
        case inspect.UnionType(types=types):
            return _example_of(types[0])
    raise AssertionError(f"no example of {kind}: add one")

"""Hostile variants of what is text: JSON changed with its structure in view, lines and their fields moved about.

HPRIM, mails, lines of the register and answers in a mail are all lines with fields in them; forms and what is answered
to them are JSON.
"""

import json
from collections.abc import Iterator
from random import Random
from typing import Any, Final

ODD_FIELDS: Final = (
    "", " ", "0", "-1", "1,5", "99999999999", "31/02/2026", "29/02/2024", "20240230", "2026-13-01", "é", "Ÿ", "\0",
    "M", "F", "8", "810000000000", "a@b.example", "<a@b.example>", '"A, B" <a@b.example>', "=?utf-8?b?w6k=?=",
    "=?x?q?=E9?=", "text/plain; charset=utf-16", "multipart/mixed; boundary=x", "base64", "oui", "non", "x" * 300,
)  # fmt: skip
ODD_JSON: Final[tuple[Any, ...]] = (
    None, True, 0, -1, 1.5, 1e999, 10**30, "", "x", "é" * 40, "2026-02-30", "2026-11-23", "2026-11-23T10:00:00Z",
    "http://a.example", [], {}, [[]], {"valueString": "x"}, {"valueDecimal": 1}, {"valueCoding": {"code": "x"}},
    {"valueQuantity": {"value": 1}}, {"valueAttachment": {"url": "x", "contentType": "image/jpeg", "size": 1}},
)  # fmt: skip
_SEPARATORS: Final = ("|", ":", ";", ",", "\t", " ")


def change_json(data: bytes, rng: Random) -> bytes | None:
    """A variant of a JSON document; None: it is none."""
    if data[:1] not in (b"{", b"["):
        return None
    try:
        tree = json.loads(data)
    except (ValueError, RecursionError):
        return None
    places = list(_places(tree))
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        if not places:
            break
        holder, key = rng.choice(places)
        _change_place(holder, key, [holder_[key_] for holder_, key_ in places if _has(holder_, key_)], rng)
    return json.dumps(tree, ensure_ascii=rng.random() < 0.5, separators=(",", ":")).encode("utf-8", "surrogatepass")


def change_lines(data: bytes, rng: Random) -> bytes:
    """A variant of lines: one more, less, twice or elsewhere; one field more, less or other."""
    ending = b"\r\n" if b"\r\n" in data else b"\n" if b"\n" in data else b"\r"
    lines = data.split(ending)
    for _ in range(rng.choice((1, 1, 2, 3))):
        place = rng.randrange(len(lines))
        match rng.randrange(8):
            case 0:
                del lines[place]
            case 1:
                lines.insert(place, lines[place])
            case 2:
                lines.insert(rng.randrange(len(lines)), lines.pop(place))
            case 3:
                lines[place] = b" " + lines[place]
            case _:
                lines[place] = _change_fields(lines[place], lines, rng)
        lines = lines or [b""]
    return rng.choice((ending, ending, ending, b"\r\n", b"\n", b"\r")).join(lines)


def _change_fields(line: bytes, lines: list[bytes], rng: Random) -> bytes:
    separator = rng.choice([mark for mark in _SEPARATORS if mark.encode() in line] or ["|"]).encode()
    fields = line.split(separator)
    place = rng.randrange(len(fields))
    match rng.randrange(5):
        case 0:
            del fields[place]
        case 1:
            fields.insert(place, fields[place])
        case 2:  # what stands elsewhere in the same place
            other = rng.choice(lines).split(separator)
            fields[place] = other[min(place, len(other) - 1)]
        case _:
            fields[place] = rng.choice(ODD_FIELDS).encode(rng.choice(("utf-8", "latin-1")), "replace")
    return separator.join(fields)


def _places(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Every holder and key or index below the root."""
    waiting = [tree]
    while waiting:
        holder = waiting.pop()
        inside = holder.items() if isinstance(holder, dict) else enumerate(holder) if isinstance(holder, list) else ()
        for key, value in inside:
            yield holder, key
            waiting.append(value)


def _change_place(holder: Any, key: Any, others: list[Any], rng: Random) -> None:
    if not _has(holder, key):
        return
    match rng.randrange(5):
        case 0:
            del holder[key]
        case 1 if isinstance(holder, list):
            holder.insert(key, holder[key])
        case 1:
            holder[f"{key}x"] = holder.pop(key)
        case 2:
            holder[key] = json.loads(json.dumps(rng.choice(others)))
        case 3:
            holder[key] = [holder[key]]
        case _:
            holder[key] = rng.choice(ODD_JSON)


def _has(holder: Any, key: Any) -> bool:
    return key in holder if isinstance(holder, dict) else key < len(holder)

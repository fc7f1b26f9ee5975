"""The log in a file: a line of JSON for each anchor and each entry, anchors first.  Pure.

What is hashed and signed can be computed again from what stands in a line, to the microsecond: a reader who changes
anything but spaces finds the chain broken.
"""

import json
from datetime import datetime
from typing import Any

from miss.directory.audit.anchors import Anchor, Mark
from miss.directory.audit.errors import AuditFileUnreadable
from miss.directory.audit.model import Entry, Fact, Subject

MAX_LINE_BYTES = 16_384


def compose_line(one: Entry | Anchor) -> str:
    """One line, without its end."""
    values = _anchor_values(one) if isinstance(one, Anchor) else _entry_values(one)
    return json.dumps(values, ensure_ascii=False)


def parse_line(line: str, place: int) -> Entry | Anchor:
    """What `compose_line` wrote at that place (from 1).  Raises AuditFileUnreadable."""
    try:
        if len(line) > MAX_LINE_BYTES:
            raise ValueError("too long")
        values = json.loads(line)
        return _parse_anchor(values) if values["type"] == "anchor" else _parse_entry(values)
    except (KeyError, TypeError, ValueError, RecursionError):
        raise AuditFileUnreadable(line=place) from None


def _entry_values(entry: Entry) -> dict[str, Any]:
    values: dict[str, Any] = {"type": "entry", "number": entry.number}
    if (fact := entry.fact) is not None:
        values |= {
            "at": fact.at.isoformat(),
            "actor": fact.actor,
            "act": fact.act,
            "subject": [fact.subject.kind, fact.subject.id],
            "detail": fact.detail,
        }
    return values | {"previous": entry.previous.hex(), "hash": entry.hash.hex()}


def _parse_entry(values: dict[str, Any]) -> Entry:
    if values["type"] != "entry":
        raise ValueError("of another kind")
    fact = None
    if "act" in values:
        kind, id_ = values["subject"]
        said = [values["actor"], values["act"], kind, id_, values["detail"]]
        if not all(isinstance(word, str) for word in said):
            raise TypeError
        fact = Fact(_instant(values["at"]), said[0], said[1], Subject(kind, id_), said[4])
    return Entry(_number(values["number"]), fact, _bytes(values["previous"], 32), _bytes(values["hash"], 32))


def _anchor_values(anchor: Anchor) -> dict[str, Any]:
    return {
        "type": "anchor",
        "mark": anchor.mark.value,
        "number": anchor.number,
        "hash": anchor.hash.hex(),
        "entry_at": anchor.entry_at.isoformat(),
        "signed_at": anchor.signed_at.isoformat(),
        "key": anchor.key.hex(),
        "signature": anchor.signature.hex(),
    }


def _parse_anchor(values: dict[str, Any]) -> Anchor:
    return Anchor(
        Mark(values["mark"]),
        _number(values["number"]),
        _bytes(values["hash"], 32),
        _instant(values["entry_at"]),
        _instant(values["signed_at"]),
        _bytes(values["key"], 32),
        _bytes(values["signature"], 64),
    )


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("naive")
    return instant


def _number(value: object) -> int:
    if type(value) is not int or not 0 <= value < 1 << 63:
        raise ValueError("not a number of the log")
    return value


def _bytes(text: str, size_bytes: int) -> bytes:
    data = bytes.fromhex(text)
    if len(data) != size_bytes:
        raise ValueError("of another length")
    return data

"""The operator's word that its server was restored to an older point.  protocol §5, Restoration

Signed by ROOT, which is not on the server: whoever holds the server alone cannot go back behind what it has said.
The statements form a list, each with the hash of the one before, so that none can be taken back or replaced unseen.
Refuses: a date to come, a statement that does not follow the one before.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Final

from msgspec import Meta
from nacl.signing import SigningKey

from miss.protocol.crypto.primitives import HASH_BYTES, VERSION, hash_, sign, verify
from miss.protocol.errors import BadRestoration, RestorationForged, RestorationOutOfOrder
from miss.protocol.ids import Millis, Ordinal, Signature
from miss.protocol.packing import Form, Signed

MAX_RESTORATION_BYTES: Final = 512
FUTURE_TOLERANCE_MS: Final = 5 * 60 * 1000
"""How far a statement's `ts` may run ahead of the reader's clock."""

Previous = Annotated[bytes, Meta(max_length=HASH_BYTES)]


class _Core(Signed, frozen=True):
    v: int
    epoch: Ordinal
    prev: Previous
    restored_to: Millis
    ts: Millis


class _Outer(Signed, frozen=True):
    core: Annotated[bytes, Meta(max_length=MAX_RESTORATION_BYTES)]
    sig: Signature


_CORE = Form(_Core, BadRestoration, MAX_RESTORATION_BYTES, version=VERSION)
_OUTER = Form(_Outer, BadRestoration, MAX_RESTORATION_BYTES)


@dataclass(frozen=True, slots=True)
class Restoration:
    """One restore.  Times in milliseconds since 1970."""

    epoch: int
    """Of the store: how many restores it has seen, this one included."""
    prev: bytes
    """Hash of the statement before; empty in the first."""
    restored_to_ms: int
    """Everything the server had taken by then is there again."""
    ts_ms: int
    """When this was signed."""
    raw: bytes
    """The statement as sent."""
    hash: bytes


def compose_restoration(
    root: SigningKey, *, previous: Restoration | None, restored_to_ms: int, ts_ms: int
) -> Restoration:
    """The statement after `previous`.  Raises BadRestoration, RestorationOutOfOrder if its dates are reversed."""
    epoch, prev = (previous.epoch + 1, previous.hash) if previous else (1, b"")
    core = _CORE.compose(_Core(VERSION, epoch, prev, restored_to_ms, ts_ms))
    made = parse_restoration(_OUTER.compose(_Outer(core, sign(root, "restoration-root", core))))
    _require_next(made, previous)
    return made


def parse_restoration(data: bytes) -> Restoration:
    """The statement in `data`, signature and place unchecked.  Raises BadRestoration, UnsupportedVersion."""
    outer = _OUTER.parse(data)
    core = _CORE.parse(outer.core)
    if len(core.prev) not in (0, HASH_BYTES):
        raise BadRestoration(reason="previous")
    return Restoration(core.epoch, core.prev, core.restored_to, core.ts, data, hash_("restoration", outer.core))


def verify_restorations(
    raws: Iterable[bytes], root_public: bytes, now_ms: int, after: Restoration | None = None
) -> list[Restoration]:
    """The statements that follow `after` (None: the list begins), each signed by ROOT and linked to the one before.

    Raises BadRestoration, UnsupportedVersion, RestorationForged, RestorationOutOfOrder for the first that does not
    hold.
    """
    found: list[Restoration] = []
    for raw in raws:
        statement, outer = parse_restoration(raw), _OUTER.parse(raw)
        if not verify(root_public, "restoration-root", outer.core, outer.sig):
            raise RestorationForged(epoch=statement.epoch)
        _require_next(statement, found[-1] if found else after)
        if statement.ts_ms > now_ms + FUTURE_TOLERANCE_MS:
            raise RestorationOutOfOrder(reason="future", epoch=statement.epoch)
        found.append(statement)
    return found


def _require_next(statement: Restoration, previous: Restoration | None) -> None:
    """Raises RestorationOutOfOrder."""
    expected = (previous.epoch + 1, previous.hash) if previous else (1, b"")
    if (statement.epoch, statement.prev) != expected:
        raise RestorationOutOfOrder(reason="not_next", epoch=statement.epoch)
    earliest_ms = previous.ts_ms if previous else 0
    if statement.restored_to_ms > statement.ts_ms or statement.ts_ms < earliest_ms:
        raise RestorationOutOfOrder(reason="dates", epoch=statement.epoch)

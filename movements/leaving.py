"""What an establishment that leaves takes along of its patient movements: those that can still be read, one a file."""

import json
from collections.abc import AsyncIterator
from typing import Final

import msgspec

from miss.directory.establishments.model import Establishment
from miss.server.reversibility.archive import File, to_json
from miss.storage.errors import DataKeyDestroyed
from movements import store
from movements.model import Kept, State
from movements.parts import Parts, number_of

SLICE: Final = 100


async def leaving_files(parts: Parts, establishment: Establishment) -> AsyncIterator[File]:
    """As `miss.server.reversibility.sources.Leaving.files`."""
    for state in State:
        offset = 0
        while True:
            async with parts.db.snapshot() as tx:
                some = await store.list_in(tx, establishment.id, state, offset=offset, limit=SLICE)
            for kept in some:
                if file := await _file(parts, kept):
                    yield file
            if len(some) < SLICE:
                break
            offset += SLICE


async def _file(parts: Parts, kept: Kept) -> File | None:
    """None: it was destroyed meanwhile."""
    try:
        movement = await parts.open(kept.id, kept.sealed)
    except DataKeyDestroyed:
        return None
    said = {
        "number": number_of(kept.id),
        "state": kept.state.value,
        "told": kept.practitioner_id,
        "received_at": kept.received_at.isoformat(),
        "movement": json.loads(msgspec.json.encode(movement)),
    }
    return File(f"mouvements/{kept.id}.json", to_json(said), "application/json")

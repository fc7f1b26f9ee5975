"""The list of conversations: which, in which order, and how one gets from one to the next.  Pure.

Words are compared without accents, case or punctuation: « lesion » finds « Lésion ».
"""

import unicodedata
from collections.abc import Iterable, Sequence

from clients.desktop.state.model import Row, State
from miss.base.ids import ConversationId


def plain(text: str) -> str:
    """`text` in lower case and without accents, runs of anything else as one space."""
    bare = (one for one in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(one))
    return " ".join("".join(one if one.isalnum() else " " for one in bare).split())


def matches(text: str, wanted: str) -> bool:
    """Every word of `wanted` begins a word of `text`."""
    words = plain(text).split()
    return all(any(word.startswith(one) for word in words) for one in plain(wanted).split())


def ordered(rows: Iterable[Row]) -> list[Row]:
    """Those with an alarm first, then pinned ones, then the latest; ties by identifier, so that nothing jumps."""
    return sorted(
        rows,
        key=lambda row: (
            row.alarms == 0,
            not row.pinned,
            -row.last.at.timestamp() if row.last is not None else 0.0,
            row.cid,
        ),
    )


def visible(state: State) -> list[Row]:
    """What the list shows: filtered by « non lus » and by what was typed; the open one always stays."""
    return [
        row
        for row in ordered(state.rows)
        if (not state.only_unread or row.unread or row.failed or row.alarms or row.cid == state.chosen)
        and (not state.list_text or matches(row.title, state.list_text))
    ]


def neighbour(rows: Sequence[Row], chosen: ConversationId | None, step: int, *, unread: bool) -> ConversationId | None:
    """The conversation `step` (1 or -1) from the chosen one, with something unread if asked; None: there is none."""
    places = [place for place, row in enumerate(rows) if row.unread or not unread]
    here = next((place for place, row in enumerate(rows) if row.cid == chosen), -1 if step > 0 else len(rows))
    later = [place for place in places if (place > here if step > 0 else place < here)]
    if not later:
        # Around the end: whoever asks for the next unread means any.
        later = [place for place in places if place != here] if unread else []
    if not later:
        return None
    return rows[later[0] if step > 0 else later[-1]].cid


def jump(rows: Iterable[Row], text: str, limit: int = 12) -> list[Row]:
    """What Ctrl+K offers: titles with these words, those that begin with them first."""
    wanted = plain(text)
    found = [row for row in ordered(rows) if matches(row.title, text)]
    return sorted(found, key=lambda row: not plain(row.title).startswith(wanted))[:limit]


def unread_total(state: State) -> int:
    """What the tray shows: messages not read, muted conversations apart."""
    return sum(row.unread for row in state.rows if not row.muted)

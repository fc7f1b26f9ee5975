"""Bring the lines of one person together, wherever they stand in the file, in bounded memory.

The extractions are nearly sorted but nothing promises it; an import that took the file's order would count a person
twice.  Rows are sorted by runs that are spilled to temporary files and merged (external merge sort).
"""

import json
from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack
from heapq import merge
from itertools import groupby, islice
from operator import itemgetter
from tempfile import TemporaryFile
from typing import IO

from miss.directory.practitioners.extraction import Row

ROWS_IN_MEMORY = 50_000

_Keyed = tuple[str, int, dict[str, str]]
_sort_key = itemgetter(0, 1)


def grouped(
    rows: Iterable[Row], label: str, *, rows_in_memory: int = ROWS_IN_MEMORY
) -> Generator[tuple[str, Iterator[Row]]]:
    """Each value of the field `label` in ascending order, with its rows in the order of their lines."""
    keyed = ((row[label], number, row) for number, row in rows)
    with ExitStack() as files:
        runs: list[Iterator[_Keyed]] = []
        while run := sorted(islice(keyed, rows_in_memory), key=_sort_key):
            if len(run) < rows_in_memory:
                runs.append(iter(run))
            else:
                runs.append(_spill(run, files.enter_context(TemporaryFile("w+", encoding="utf-8"))))
        for value, members in groupby(merge(*runs, key=_sort_key), key=itemgetter(0)):
            yield value, ((number, row) for _, number, row in members)


def _spill(run: Iterable[_Keyed], file: IO[str]) -> Iterator[_Keyed]:
    for keyed in run:
        json.dump(keyed, file, ensure_ascii=False)
        file.write("\n")
    file.seek(0)
    return ((value, number, row) for value, number, row in map(json.loads, file))

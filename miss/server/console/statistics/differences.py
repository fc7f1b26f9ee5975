"""What a filter would tell by subtraction: a view of all, less a filtered one, is a view of those left out.  Pure.

A number of a filtered view is one of several that add up to a number of the same view without the filter: those of the
other professions, of the other regions.  It is shown only if it would be shown among them, where few people hide one
more number beside their own.  (Statistical disclosure control, linked tables: each row and column is protected, not
every combination of more than two filters.)
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from miss.server.console.statistics.model import Counted, Dimension, Hidden, Month, Place, by_code, show

Filters = Mapping[Dimension, str]
Key = Callable[[Counted], str]
"""Under what a number stands: its month, or its code along a dimension."""


def is_within(place: Place, filters: Filters) -> bool:
    """True if a view with these filters counts `place`."""
    return all(place.code(dimension) == code for dimension, code in filters.items())


def give_away(
    everything: Iterable[Counted], filters: Filters, key: Key, months: Sequence[Month], measure: str
) -> frozenset[str]:
    """The keys whose number in the filtered view would, with another view, tell of few people.

    `everything`: what is counted without a filter.
    """
    counted = list(everything)
    found: set[str] = set()
    for dimension, code in filters.items():
        others = {one: wanted for one, wanted in filters.items() if one is not dimension}
        rows: dict[str, list[Counted]] = defaultdict(list)
        for one in counted:
            if is_within(one.place, others):
                rows[key(one)].append(one)
        for name, beside in rows.items():
            sums = by_code(beside, dimension, months, measure)
            shown = dict(zip(sums, show(list(sums.values())), strict=True))
            if isinstance(shown.get(code), Hidden):
                found.add(name)
    return frozenset(found)

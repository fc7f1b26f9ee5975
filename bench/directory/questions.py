"""What people ask a directory: a mix of realistic questions about people who are in it.  Repeatable."""

import random
from collections.abc import Iterator, Sequence

from miss.directory.search.model import SearchQuery
from tests.miss.directory.synthetic import SPECIALTIES, TOWNS, Person, Synthetic

MIX = (
    ("name", 30),
    ("start of a name", 20),
    ("name and town", 20),
    ("name with a mistake", 10),
    ("specialty and department", 10),
    ("specialty around a town", 10),
)
"""Kind and its share in a hundred questions."""


def questions(register: Synthetic, count: int, seed: int = 7) -> Iterator[tuple[str, SearchQuery]]:
    """Questions of each kind, about people spread over the whole register."""
    rng = random.Random(seed)
    people = _sample(register, 500)
    kinds, weights = [kind for kind, _ in MIX], [weight for _, weight in MIX]
    for kind in rng.choices(kinds, weights, k=count):
        yield kind, _ask(kind, rng.choice(people), rng)


def _sample(register: Synthetic, count: int) -> Sequence[Person]:
    every = max(1, register.people // count)
    return [person for person in register.persons() if person.number % every == 0]


def _ask(kind: str, person: Person, rng: random.Random) -> SearchQuery:
    family = person.family
    town = rng.choice(TOWNS)
    specialty = rng.choice(SPECIALTIES)[0]
    match kind:
        case "name":
            return SearchQuery(text=f"{family} {person.given}")
        case "start of a name":
            return SearchQuery(text=family[: rng.randint(3, 5)])
        case "name and town":
            return SearchQuery(text=f"{family.split('-')[0]} {town[0].split()[0]}")
        case "name with a mistake":
            place = rng.randrange(1, max(len(family) - 1, 2))
            return SearchQuery(text=family[:place] + family[place + 1 :])
        case "specialty and department":
            return SearchQuery(specialty=specialty, department=town[2][:2])
        case _:
            return SearchQuery(specialty=specialty, town=town[2], radius_km=rng.choice((10, 30, 50)))

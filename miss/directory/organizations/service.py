"""Organisations of the register: one by its identifier, those of a town."""

from collections.abc import Sequence

from miss.base.ids import OrganizationId
from miss.directory.organizations import store
from miss.directory.organizations.errors import OrganizationNotFound
from miss.directory.practitioners.model import Organization
from miss.directory.search.question.store import find_communes
from miss.directory.search.words import fold
from miss.storage import Database

MAX_COMMUNES = 20
MAX_LOOKED_AT = 2_000
"""Of one town: words are compared on these."""


class Organizations:
    """Where people practise."""

    def __init__(self, register: Database) -> None:
        """`register`: where the register's tables lie."""
        self._register = register

    async def get(self, identifier: OrganizationId) -> Organization:
        """By the register's technical identifier, FINESS or SIRET number.  Raises OrganizationNotFound."""
        async with self._register.snapshot() as tx:
            found = await store.find(tx, identifier)
        if found is None:
            raise OrganizationNotFound
        return found

    async def list_(self, town: str, name: str = "", *, limit: int = 20) -> Sequence[Organization]:
        """Those of a town (its name, or its INSEE code) with words that begin like those of `name`; each once."""
        async with self._register.snapshot() as tx:
            communes = await find_communes(tx, town, MAX_COMMUNES)
            named = [one for one in communes if fold(one.name) == fold(town)] or communes
            found = await store.list_in(tx, [one.code for one in named], MAX_LOOKED_AT)
        words = fold(name).split()
        once = {one.id: one for one in reversed(found) if _has(one, words)}
        return sorted(once.values(), key=lambda one: (fold(one.name), one.id))[:limit]


def _has(organization: Organization, words: Sequence[str]) -> bool:
    own = fold(organization.name).split()
    return all(any(one.startswith(word) for one in own) for word in words)

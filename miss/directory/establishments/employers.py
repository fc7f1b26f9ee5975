"""For which establishments somebody works."""

from collections.abc import Sequence
from datetime import date

from miss.base.ids import OrganizationId, PractitionerId
from miss.directory.establishments import store
from miss.directory.practitioners.model import is_party_id, organization_of_party
from miss.directory.staff_people.model import finess_of
from miss.storage import Transaction


async def list_establishments_of(tx: Transaction, person: PractitionerId, today: date) -> Sequence[OrganizationId]:
    """On whose lists of staff somebody stands, the one that listed them first at the head.

    Somebody without an RPPS number works for whom numbered them; who acts in an establishment's own name, for that one.
    """
    if is_party_id(person):
        return [organization_of_party(person)]
    if finess := finess_of(person):
        return await store.list_by_finess(tx, finess)
    return await store.list_employers(tx, person, today)

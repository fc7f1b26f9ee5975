"""How a document looks: as the establishment that its letterhead names."""

from miss.base.ids import OrganizationId
from miss.directory.establishments.branding import Brandings
from miss.directory.practitioners.model import Practitioner, is_party_id, organization_of_party
from miss.documents.pdf import Look
from teleexpertise.letters.parties import place_of
from teleexpertise.requests.parts import Parts


async def look_of(parts: Parts, writer: Practitioner) -> Look:
    """Of the establishment that writes, or in which the writer practises."""
    return await Brandings(parts.db, parts.clock).look(_names(writer))


def _names(writer: Practitioner) -> list[OrganizationId]:
    """Under which the establishment may have its record: the register's identifier, or its FINESS number."""
    if is_party_id(writer.id):
        return [organization_of_party(writer.id)]
    place = place_of(writer)
    if place is None:
        return []
    return [place.id, *([OrganizationId(place.finess)] if place.finess else [])]

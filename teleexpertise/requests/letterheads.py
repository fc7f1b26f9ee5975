"""Whose logo stands above a document: of the establishment that its letterhead names."""

from miss.base.ids import OrganizationId
from miss.directory.establishments.branding import Brandings
from miss.directory.practitioners.model import Practitioner, is_party_id, organization_of_party
from teleexpertise.letters.parties import place_of
from teleexpertise.requests.parts import Parts


async def logo_of(parts: Parts, writer: Practitioner) -> bytes:
    """JPEG, of the establishment that writes, or in which the writer practises; empty: it chose none."""
    brandings = Brandings(parts.db, parts.clock)
    for known_as in _names(writer):
        if logo := await brandings.logo(known_as):
            return logo
    return b""


def _names(writer: Practitioner) -> list[OrganizationId]:
    """Under which the establishment may have its record: the register's identifier, or its FINESS number."""
    if is_party_id(writer.id):
        return [organization_of_party(writer.id)]
    place = place_of(writer)
    if place is None:
        return []
    return [place.id, *([OrganizationId(place.finess)] if place.finess else [])]

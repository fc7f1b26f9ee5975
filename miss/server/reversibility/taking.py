"""Taking an archive in, in a deployment that does not know the establishment.

Taken in: its record, contacts, sites and departments, its list of staff.  Checked and left in the archive: what is
over (requests, answers, movements, figures, the access log).  A request that was answered elsewhere would run its
timers and its assignment again; as FHIR, PDF and HPRIM it goes into the record of whoever asked.  Roles are given
anew: who somebody is, this operator has not verified (`membres.json` names them).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from miss.base.errors import MissError
from miss.base.ids import OrganizationId
from miss.directory.audit import Anchor, Entry, Head, Verifier, parse_line
from miss.directory.establishments.errors import EstablishmentNotFound
from miss.directory.establishments.model import Contact, ContactFunction, Establishment, EstablishmentKind
from miss.directory.establishments.service import Establishments
from miss.directory.establishments.staff import UnitKind
from miss.directory.establishments.uploads import Uploads
from miss.mail.proofs import verify_statement
from miss.server.reversibility import house
from miss.server.reversibility.archive import Archive
from miss.server.reversibility.errors import ArchiveFaulty, ArchiveOfOther


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of it."""

    establishment: Establishment
    people: int
    requests: int
    """Whose files were checked."""


def check(source: BinaryIO, fingerprint: str = "") -> Archive:
    """Everything that can be verified without this deployment.

    `fingerprint`: of the operator who made it, where it is known by other ways; without it, whoever made the archive
    may have made all of it up.  Raises ArchiveFaulty, ProofNotGenuine.
    """
    archive = Archive(source)
    if fingerprint:
        verify_statement(archive.manifest_bytes, archive.signature, fingerprint)
    _require_record(archive)
    archive.read_json(house.STAFF)
    _require_log(archive)
    for path in archive.paths:
        if path.endswith(".json"):
            archive.read_json(path)
    return archive


class Taking:
    """Takes archives in."""

    def __init__(self, establishments: Establishments, uploads: Uploads) -> None:
        self._establishments = establishments
        self._uploads = uploads

    async def take(self, source: BinaryIO, by: str) -> Taken:
        """Raises ArchiveFaulty, ArchiveOfOther, StaffFileRefused, UploadHasErrors.

        Interrupted, it leaves a record without all of its list: the staff file of the archive completes it.
        """
        archive = check(source)
        establishment = _require_record(archive)
        try:
            await self._establishments.get(establishment.id)
        except EstablishmentNotFound:
            pass
        else:
            raise ArchiveOfOther(identifier=establishment.id)
        await self._establishments.open(establishment, by)
        await self._establishments.set_contacts(establishment.id, establishment.contacts, by)
        await self._make_units(establishment.id, archive.read_json(house.RECORD), by)
        people = archive.read_json(house.STAFF)
        if people:
            csv = archive.read(house.STAFF_CSV)
            shown = await self._uploads.read(establishment.id, csv, house.STAFF_CSV, by, is_complete=True)
            if not shown.id:
                raise ArchiveFaulty(path=house.STAFF_CSV)
            await self._uploads.confirm(establishment.id, shown.id, by)
        requests = {path.split("/")[1] for path in archive.paths if path.startswith("teleexpertise/demandes/")}
        return Taken(establishment, len(people), len(requests))

    async def _make_units(self, establishment_id: OrganizationId, record: dict[str, Any], by: str) -> None:
        sites: dict[str, str] = {}
        for one in record["sites"]:
            site = await self._establishments.add_unit(
                establishment_id, UnitKind.SITE, one["name"], by, external_id=one["external_id"]
            )
            sites[one["name"]] = site.id
        for one in record["departments"]:
            await self._establishments.add_unit(
                establishment_id,
                UnitKind.DEPARTMENT,
                one["name"],
                by,
                parent_id=sites.get(one["site"], ""),
                external_id=one["external_id"],
            )


def _require_record(archive: Archive) -> Establishment:
    """Raises ArchiveFaulty."""
    said = archive.read_json(house.RECORD)
    try:
        contacts = [
            Contact(ContactFunction(one["function"]), one["name"], one["email"], one["phone"])
            for one in said["contacts"]
        ]
        return Establishment(
            id=OrganizationId(said["id"]),
            name=said["name"],
            kind=EstablishmentKind(said["kind"]),
            finess=said["finess"],
            town=said["town"],
            contacts=tuple(contacts),
        )
    except (KeyError, TypeError, ValueError):
        raise ArchiveFaulty(path=house.RECORD) from None


def _require_log(archive: Archive) -> None:
    """The chain of the access log holds from its first entry to its last.  Raises ArchiveFaulty."""
    try:
        lines = archive.read(house.LOG).decode().splitlines(keepends=True)
        told = [parse_line(line, place) for place, line in enumerate(lines, 1)]
    except (UnicodeDecodeError, MissError):
        raise ArchiveFaulty(path=house.LOG) from None
    entries: Sequence[Entry] = [one for one in told if isinstance(one, Entry)]
    anchors = [one for one in told if isinstance(one, Anchor)]
    if entries:
        first = entries[0]
        verifier = Verifier(anchors, Head(first.number - 1, first.previous))
        for entry in entries:
            verifier.feed(entry)
        if verifier.finish():
            raise ArchiveFaulty(path=house.LOG)

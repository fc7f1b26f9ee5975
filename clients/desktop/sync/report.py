"""An answer as an HPRIM file, for the practice's software: composed here from the FHIR Bundle that the server exports.

The file is written whole beside its name, then given it, so that no reader meets half of it.  Which version of which
answer was handed over is kept: the same one is never written twice, a corrected one is.  The software takes a file
by removing it: then it is « intégré ».
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from clients.desktop.store.desk import Desk
from miss.base.errors import MissError
from miss.base.text import Text
from miss.documents.hprim import compose_hprim
from miss.documents.identities import PatientIdentity
from miss.documents.letter import TLM_CR_CODE, Letter, Party, Section

Resource = Mapping[str, Any]


class NotExported(MissError):
    """An answer cannot be written for the practice's software."""

    code = "desktop_not_exported"
    text = Text(
        fr="La réponse {number} n’a pas pu être déposée pour votre logiciel : {reason}.",
        en="The answer {number} could not be put down for your software: {reason}.",
    )


@dataclass(frozen=True, slots=True)
class Report:
    """One version of an answer."""

    number: str
    version: str
    content: bytes = field(repr=False)

    @property
    def file_name(self) -> str:
        """In the folder of the practice's software."""
        return f"{self.version}.hpr"


def report_of(bundle: Resource) -> Report | None:
    """The answer of a Bundle (`/requests/{number}/fhir`); None while there is none.  Raises NotExported."""
    entries = bundle.get("entry", [])
    by_url = {entry["fullUrl"]: entry["resource"] for entry in entries}
    resources = list(by_url.values())
    report = _first(resources, "DiagnosticReport")
    if report is None:
        return None
    number = str(bundle["identifier"]["value"])
    version = str(report["identifier"][0]["value"])
    patient = _first(resources, "Patient")
    if patient is None:
        raise NotExported(number=number, reason="identité du patient absente")
    request = _first(resources, "ServiceRequest") or {}
    issued = datetime.fromisoformat(str(report["issued"]))
    letter = Letter(
        code=TLM_CR_CODE,
        number=number,
        patient=_identity(patient, number),
        document_date=issued.astimezone().date(),
        sender=_party(by_url, report.get("performer", [{}])[0], number),
        recipient=_party(by_url, request.get("requester", {}), number),
        title="Réponse à une demande d’avis",
        references=(f"Dossier {version}", f"Répondu le {issued.astimezone():%d/%m/%Y à %H:%M}"),
        sections=(Section("", (str(report.get("conclusion", "")),)),),
    )
    try:
        return Report(number, version, compose_hprim(letter))
    except MissError as error:
        raise NotExported(number=number, reason=error.code) from None


def hand_over(report: Report, folder: Path, desk: Desk, now: datetime) -> bool:
    """Put a report into the folder that the software watches; False if that version was put there before.

    Raises NotExported if the folder cannot be written.
    """
    known = desk.report(report.number)
    if known is not None and known[0] == report.version:
        return False
    beside = folder / f".{report.file_name}.part"
    try:
        with beside.open("wb") as file:
            file.write(report.content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(folder / report.file_name)
    except OSError as error:
        raise NotExported(number=report.number, reason=error.strerror or "dossier inaccessible") from None
    desk.put_report(report.number, report.version, report.file_name, now.isoformat())
    return True


def note_taken(folder: Path, desk: Desk, now: datetime) -> list[str]:
    """Numbers of the reports that the software has taken since: their files are gone.

    A folder that is away (a share, a key) takes nothing.
    """
    if not folder.is_dir():
        return []
    taken = [number for number, file, taken_at in desk.reports() if not taken_at and not (folder / file).exists()]
    for number in taken:
        desk.note_taken(number, now.isoformat())
    return taken


def _first(resources: list[Resource], kind: str) -> Resource | None:
    return next((one for one in resources if one.get("resourceType") == kind), None)


def _identity(patient: Resource, number: str) -> PatientIdentity:
    """The traits; a matricule stays out, as the Bundle does not say where its holder was born."""
    [official, *_others] = [one for one in patient["name"] if one.get("use") == "official"]
    address = (patient.get("address") or [{}])[0]
    try:
        return PatientIdentity(
            birth_family_name=str(official["family"]),
            birth_given_names=tuple(official["given"]),
            birth_date=date.fromisoformat(patient["birthDate"]),
            address_lines=tuple(address.get("line", ())),
            postcode=str(address.get("postalCode", "")),
            town=str(address.get("city", "")),
        )
    except (MissError, ValueError) as error:
        raise NotExported(number=number, reason=type(error).__name__) from None


def _party(by_url: Mapping[str, Resource], reference: Resource, number: str) -> Party:
    role = by_url.get(str(reference.get("reference", "")), {})
    person = by_url.get(str(role.get("practitioner", {}).get("reference", "")), {})
    if not person:
        raise NotExported(number=number, reason="auteur ou destinataire absent")
    name = person["name"][0]
    words = [*name.get("prefix", ()), *name.get("given", ()), name["family"]]
    organization = str(role.get("organization", {}).get("display", ""))
    said = " ".join(words)
    return Party(display_name=f"{organization} - {said}" if organization else said, organization=organization)

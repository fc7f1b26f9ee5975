"""The metadata of a document of ours, from the same letter that made it.

Source: ANS, guide « transmission d'un document CDA R2 », table of correspondence between the header and XDS; the hash
is the SHA-1 that XDS §4.2.3.2.10 asks for.
"""

import hashlib
from collections.abc import Iterable
from uuid import NAMESPACE_OID, uuid5

from miss.documents.cda.compose import NORMAL, former_id, version_id
from miss.documents.cda.parties import structure_number
from miss.documents.errors import LetterIncomplete
from miss.documents.identities import PS_ID_NAT_OID, STRUCT_ID_NAT_OID, InsOid, PatientIdentity, Sex, ps_id_nat
from miss.documents.letter import Letter, Party
from miss.documents.nomenclatures.acts import Volet, act_for
from miss.documents.nomenclatures.kinds import KINDS
from miss.documents.xdm.model import DocumentEntry

_SEXES = {Sex.M: "M", Sex.F: "F"}


def entry_of(letter: Letter, cda: bytes, uri: str, volet: Volet = Volet.V2026) -> DocumentEntry:
    """The entry of `cda`, which was composed from `letter` for that volet.  Raises LetterIncomplete."""
    kind = KINDS.get(letter.code)
    if kind is None:
        raise LetterIncomplete(field="code")
    person = _person(letter.sender)
    return DocumentEntry(
        unique_id=version_id(letter),
        title=_one_line(letter.title),
        type=kind.type,
        class_=kind.class_,
        format=kind.format,
        confidentiality=NORMAL,
        facility_type=letter.sender.facility_type,
        practice_setting=letter.sender.practice_setting,
        acts=(act_for(letter.code, letter.act, volet),),
        created_at=letter.written_at,
        service_start=letter.began_at,
        patient_id=_patient_id(letter),
        patient_traits=_traits(letter.patient),
        author_person=person,
        author_institution=_institution(letter.sender),
        author_specialty=_specialty(letter.sender),
        legal_authenticator=person,
        hash=hashlib.sha1(cda, usedforsecurity=False).hexdigest(),
        size_bytes=len(cda),
        uri=uri,
        replaces=entry_uuid(former_id(letter)) if letter.version > 1 else "",
    )


def entry_uuid(unique_id: str) -> str:
    """The ebRIM identifier of a document of ours: the same in its own archive and in that of what replaces it."""
    return f"urn:uuid:{uuid5(NAMESPACE_OID, f'{unique_id} document')}"


def _patient_id(letter: Letter) -> str:
    """CX: the INS of a qualified identity (NH), else the dossier's number (PI)."""
    ins = letter.patient.ins
    if ins is not None:
        return f"{ins.matricule}^^^&{InsOid(ins.oid).value}&ISO^NH"
    return f"{_part(letter.number)}^^^&{letter.set_id}&ISO^PI"


def _traits(who: PatientIdentity) -> tuple[str, ...]:
    names = (who.birth_family_name, who.first_given_name, " ".join(who.birth_given_names), "", "", "", "L")
    birth = who.birth_date
    lines = [f"PID-5|{_joined(names)}", f"PID-7|{birth.year:04}{birth.month:02}{birth.day:02}"]
    lines.append(f"PID-8|{_SEXES.get(who.sex, 'U') if who.sex else 'U'}")
    return tuple(lines)


def _person(party: Party) -> str:
    """XCN: `899900000011^MODELE^Anne^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS`."""
    number = ps_id_nat(party.rpps) if party.rpps else ""
    name = _joined((number, party.family_name, party.given_name))
    return f"{name}^^^^^^&{PS_ID_NAT_OID}&ISO^D^^^IDNPS"


def _institution(party: Party) -> str:
    """XON."""
    return f"{_part(party.organization)}^^^^^&{STRUCT_ID_NAT_OID}&ISO^IDNST^^^{structure_number(party)}"


def _specialty(party: Party) -> str:
    one = party.specialty
    return f"{one.code}^{one.label}^{one.system}" if one else ""


def _joined(parts: Iterable[str]) -> str:
    return "^".join(map(_part, parts))


def _part(text: str) -> str:
    """A component of HL7 V2: its separators become spaces."""
    return " ".join("".join(" " if char in "^~|&\\" else char for char in text).split())


def _one_line(text: str) -> str:
    return " ".join(text.split())

"""A letter as PDF/A-1b: the page that people read, print and keep beside the text that software files.

Letterhead of who sends it, the patient with the traits and status of the identity, who asked and who answered, the
sections, then who validated it and when; photographs on pages of their own.  Everything is told by words and rules,
nothing by colour (`look`): it is printed in grey and faxed.  A matricule is printed only if it may travel
(`PatientIdentity.ins`).  It bears no electronic signature and does not pretend to.

Source: CSP R.6316-4 (what the report of an act at a distance says); MSSanté ECO.2.1.1 (PDF/A-1); RNIV; ADR 34.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from miss.documents.identities import InsOid, InsStatus, PatientIdentity, Sex
from miss.documents.letter import TLM_CR_CODE, TLM_DA_CODE, Letter, Party, Section
from miss.documents.pdf.letter_sheet import LetterSheet
from miss.documents.pdf.look import PLAIN, Look
from miss.documents.pdf.photographs import LetterPhoto, prints_of, write_photographs
from miss.documents.pdf.sheet import french_day, grouped_rpps

PARIS: Final = ZoneInfo("Europe/Paris")
_SEXES: Final = {Sex.M: "masculin", Sex.F: "féminin", Sex.I: "indéterminé"}
_BORN: Final[Mapping[Sex | None, str]] = {Sex.M: "Né le", Sex.F: "Née le"}
_NUMBERS: Final = {
    InsOid.NIR: "NIR",
    InsOid.NIA: "NIA",
    InsOid.TEST: "matricule de test",
    InsOid.DEMO: "matricule de démonstration",
}
_STATUSES: Final = {
    InsStatus.PROVISOIRE: "provisoire : ni pièce d’identité vue, ni téléservice INSi interrogé",
    InsStatus.RECUPEREE: "récupérée par le téléservice INSi, sans pièce d’identité vue",
    InsStatus.VALIDEE: "validée sur pièce d’identité, sans téléservice INSi",
    InsStatus.QUALIFIEE: "qualifiée : pièce d’identité vue et téléservice INSi interrogé",
}
_SENDER_LABELS: Final = {TLM_CR_CODE: "Avis rendu par", TLM_DA_CODE: "Demandé par"}
_RECIPIENT_LABELS: Final = {TLM_CR_CODE: "Demandé par", TLM_DA_CODE: "Adressé à"}


def compose_letter_pdf(
    letter: Letter, *, made_at: datetime, photos: Sequence[LetterPhoto] = (), look: Look = PLAIN
) -> bytes:
    """The PDF, A4, in French; the same arguments give the same bytes.

    `made_at`: aware, when the file is made; the letter's own `written_at` is the instant of its validation if it has
    one.  `look`: of the establishment that the letterhead names.  Raises LetterPhotoRefused.
    """
    prints = prints_of(photos)
    sheet = LetterSheet(letter, made_at.astimezone(PARIS))
    _write_head(sheet, letter, look)
    sheet.write_rows((*_patient_rows(letter.patient), *_party_rows(letter)))
    treatments = Section("Traitements en cours", letter.treatments)
    for section in (*letter.sections, *([treatments] if letter.treatments else [])):
        sheet.write_section(section.heading, section.paragraphs)
    sheet.write_closing(letter.closing)
    sheet.write_frame(_signature(letter, (letter.written_at or made_at).astimezone(PARIS), len(prints)))
    write_photographs(sheet, prints)
    return sheet.finish()


def _write_head(sheet: LetterSheet, letter: Letter, look: Look) -> None:
    if look.logo:
        sheet.write_logo(look.logo)
    sender = letter.sender
    town = " ".join(part for part in (sender.postcode, sender.town) if part)
    lines = (*sender.address_lines, town, sender.phone, sender.mailbox)
    version = [f"Version {letter.version}"] if letter.version > 1 or letter.replaces else []
    sheet.write_letterhead(
        sender.organization or sender.display_name,
        tuple(line for line in lines if line.strip()),
        (f"Dossier {letter.number}", *version, f"Le {french_day(letter.document_date)}"),
        look,
    )
    if letter.replaces:
        sheet.write_frame(("ANNULE ET REMPLACE", f"le document {letter.replaces}, dont il ne faut plus tenir compte."))
    sheet.write_title(letter.title, letter.references)


def _patient_rows(patient: PatientIdentity) -> list[tuple[str, str]]:
    """Traits as the identity has them, and how far it is established."""
    rows = [
        ("Patient", f"{patient.birth_family_name} {patient.first_given_name}"),
        ("Prénoms de naissance", ", ".join(patient.birth_given_names) if len(patient.birth_given_names) > 1 else ""),
        ("Nom utilisé", " ".join(part for part in (patient.used_family_name, patient.used_given_name) if part)),
        (_BORN.get(patient.sex, "Né(e) le"), f"{patient.birth_date:%d/%m/%Y}"),
        ("Sexe", _SEXES[patient.sex] if patient.sex else ""),
        ("Lieu de naissance", f"{patient.birth_place_code} (code INSEE)" if patient.birth_place_code else ""),
    ]
    ins = patient.ins
    if ins is None:
        rows.append(("Identité", f"{_STATUSES[patient.status]} (matricule INS non transmis)"))
    else:
        number = f"{_grouped_matricule(ins.matricule)} ({_NUMBERS[ins.oid]}, OID {ins.oid})"
        rows += [("Matricule INS", number), ("Identité", _STATUSES[patient.status])]
    return [row for row in rows if row[1]]


def _party_rows(letter: Letter) -> list[tuple[str, str]]:
    """Who asked and who answered, in this order; for other letters, who writes and to whom."""
    sender = (_SENDER_LABELS.get(letter.code, "Auteur"), _described(letter.sender))
    recipient = (_RECIPIENT_LABELS.get(letter.code, "Destinataire"), _described(letter.recipient))
    return [recipient, sender] if letter.code == TLM_CR_CODE else [sender, recipient]


def _described(party: Party) -> str:
    """`Dr MODELE Anne, dermatologie, CH Fictif (RPPS 999 0000 0011)`."""
    parts = (_person(party), party.specialty.label if party.specialty else "", _organization(party))
    rpps = f" (RPPS {grouped_rpps(party.rpps)})" if party.rpps else ""
    return ", ".join(part for part in parts if part) + rpps


def _person(party: Party) -> str:
    """By the parts of the name where they are known: a display name may hold the place too."""
    if not party.family_name:
        return party.display_name
    title = {"DR": "Dr", "PR": "Pr"}.get(party.title, "")
    return " ".join(part for part in (title, party.given_name, party.family_name) if part)


def _organization(party: Party) -> str:
    return "" if party.organization.casefold() in _person(party).casefold() else party.organization


def _signature(letter: Letter, validated_at: datetime, photos: int) -> tuple[str, ...]:
    """Who answers for the letter: the first line in bold."""
    instant = f"{french_day(validated_at)} à {validated_at.hour} h {validated_at.minute:02}"
    annex = f", {photos} photographie{'s' if photos > 1 else ''} en annexe" if photos else ""
    lines = [
        f"Document validé par {_person(letter.sender)}",
        f"RPPS {grouped_rpps(letter.sender.rpps)}" if letter.sender.rpps else "",
        f"Le {instant} (heure de Paris), version {letter.version}{annex}",
        f"Annule et remplace le document {letter.replaces}" if letter.replaces else "",
        "Validé par son auteur sur la plateforme, sans signature manuscrite.",
    ]
    return tuple(line for line in lines if line)


def _grouped_matricule(matricule: str) -> str:
    """`1 85 07 59 183 042 24`: as it is read on a card."""
    cuts = (0, 1, 3, 5, 7, 10, 13, 15)
    return " ".join(matricule[start:end] for start, end in pairwise(cuts))

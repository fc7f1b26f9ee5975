"""The grammar that MSSanté puts around a mail: subject, names of files, `X-MSS-…` fields, display name.

Pure text: no mail is built here, nothing is encoded (RFC 2047 is `miss.mail`'s).  A mail is about one patient.

Source: ANS, référentiel socle MSSanté #2 v1.0.1, exigences ECO.2.1.3, 2.1.6, 2.2.7, 2.2.8, 2.4.1 – 2.4.3; volet
« transmission de documents CDA par MSS » for the subject of a report on integration.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from miss.documents.identities import PatientIdentity

PREFIX: Final = "XDM/1.0/DDM"
LABEL_CHARS: Final = 40
REPLACES: Final = "[Annule et remplace]"
ARCHIVE_NAME: Final = "IHE_XDM.ZIP"

CODES_FIELD, INS_FIELD, PRODUCT_FIELD, END_FIELD = "X-MSS-CODECDA", "X-MSS-INS", "X-MSS-NIL", "X-MSS-MES"

_SUBJECT: Final = re.compile(
    r"(?P<ko>\[KO[^\]]{0,60}\]\s*(?:\[(?P<error>90[0-9])\])?)?\s*(?P<replaces>\[Annule et remplace\])?\s*"
    r"XDM/1\.0/DDM\+?\s*(?P<shown>.*)",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True, repr=False)
class MssSubject:
    """A subject in the grammar, read.  Not shown by `repr`: it names a patient."""

    shown: str
    """What a reader shows: without the prefix."""
    replaces: bool = False
    """It announces a version that annuls another."""
    refused: bool = False
    """It brings a report that the document could not be filed."""
    error: str = ""
    """900 to 906; empty if none is given."""


def subject_for(labels: Sequence[str], patient: PatientIdentity, *, replaces: bool = False) -> str:
    """`XDM/1.0/DDM+CR de télémédecine FICTIF BASTIEN 14/07/1985`; several documents are counted, not named."""
    label = labels[0][:LABEL_CHARS].rstrip() if len(labels) == 1 else f"{len(labels)} documents"
    who = f"{_upper(patient.birth_family_name)} {_upper(patient.first_given_name)} {_day(patient.birth_date)}"
    subject = f"{PREFIX}+{_one_line(label)} {who}"
    return f"{REPLACES} {subject}" if replaces else subject


def read_subject(subject: str) -> MssSubject | None:
    """What a subject says; None if it is not in the grammar."""
    form = _SUBJECT.fullmatch(_one_line(subject))
    if form is None:
        return None
    return MssSubject(form["shown"].strip(), bool(form["replaces"]), bool(form["ko"]), form["error"] or "")


def pdf_name(begun_on: date, label: str, patient: PatientIdentity, number: str = "") -> str:
    """`20261120_CR-de-telemedecine_FICTIF_BASTIEN_TE26000417.pdf`: ASCII letters, digits and hyphens between bars."""
    day = f"{begun_on.year:04}{begun_on.month:02}{begun_on.day:02}"
    names = (_upper(patient.birth_family_name), _upper(patient.first_given_name), number)
    parts = [day, _file_part(label)[:LABEL_CHARS].strip("-"), *map(_file_part, names)]
    return "_".join(part for part in parts if part) + ".pdf"


def fields_for(
    codes: Sequence[str], *, has_ins: bool, product: str = "", is_last_word: bool = False
) -> Mapping[str, str]:
    """The `X-MSS-…` fields of a mail.

    `codes`: LOINC of the CDA documents, empty without any: then nothing is said of the INS.  `has_ins`: matricule, OID
    and traits travel.  `product`: the reference of the software at Convergence, on every mail once there is one.
    `is_last_word`: the recipient, a patient, cannot answer.
    """
    fields = {}
    if codes:
        fields[CODES_FIELD] = ",".join(dict.fromkeys(codes))
        fields[INS_FIELD] = "O" if has_ins else "N"
    if product:
        fields[PRODUCT_FIELD] = product
    if is_last_word:
        fields[END_FIELD] = "FIN"
    return fields


def display_name(person: str, entity: str = "") -> str:
    """`Dr Anne MODELE - CH FICTIF` (ECO.2.2.7): who writes, and the entity whose box it is.

    `person`: title, given name, family name in capitals, as the directory writes them.  `@`, angle brackets and what
    is not printed are left out, so that no name passes for an address.
    """
    return " - ".join(part for part in map(_shown_name, (person, entity)) if part)


def _shown_name(text: str) -> str:
    return _one_line("".join(char for char in _one_line(text) if char.isprintable() and char not in "@<>"))


def _upper(text: str) -> str:
    """Capitals without accents."""
    bare = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return _one_line(bare.replace("œ", "oe").replace("æ", "ae").replace("Œ", "OE").replace("Æ", "AE").upper())


def _file_part(text: str) -> str:
    bare = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return re.sub("[^A-Za-z0-9]+", "-", bare.replace("œ", "oe").replace("æ", "ae")).strip("-")


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _day(day: date) -> str:
    return f"{day.day:02}/{day.month:02}/{day.year:04}"

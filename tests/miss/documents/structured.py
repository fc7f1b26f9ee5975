"""Letters with all that structured documents want, and the variants in which they are composed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from miss.documents.cda import compose_report, compose_request
from miss.documents.identities import Finess, InsStatus, Matricule, PatientIdentity, Rpps, Sex
from miss.documents.letter import TLM_DA_CODE, Letter, Party, Section
from miss.documents.nomenclatures.acts import Volet
from miss.documents.nomenclatures.professions import find_specialty
from miss.documents.nomenclatures.structures import find_facility, setting_of
from miss.documents.oids import derived_root, set_id_of
from miss.documents.xdm import Submission
from tests.miss.documents.fictive import LETTER, PATIENT

WINTER = timezone(timedelta(hours=1))
PDF = b"%PDF-1.4\n<pdfaid:part>1</pdfaid:part>\n%%EOF\n"
SET_ID = "1.2.250.1.213.1.1.1.39999.2026.417"
ANNE = Party(
    display_name="Dr Anne MODELE",
    rpps=Rpps("99900000011"),
    organization="CH FICTIF DE DÉMONSTRATION",
    family_name="MODELE",
    given_name="Anne",
    civility="MME",
    title="DR",
    specialty=find_specialty("10", "SM15"),
    insurance_number="751404666",
    finess=Finess("599990009"),
    practice_setting=setting_of("SA01"),
    facility_type=find_facility("SA01"),
    address_lines=("1 RUE DES TESTS",),
    postcode="59140",
    town="DUNKERQUE",
    phone="03 00 00 00 00",
    mailbox="anne.modele@ch-fictif.mssante.example",
)
PAUL = replace(
    ANNE,
    display_name="Dr Paul EXEMPLE",
    rpps=Rpps("99900000029"),
    organization="CABINET FICTIF",
    family_name="EXEMPLE",
    given_name="Paul",
    civility="M",
    specialty=find_specialty("10", "SM54"),
    finess=None,
    siret="12345678900017",
    practice_setting=setting_of("SA07"),
    facility_type=find_facility("SA07"),
    mailbox="paul.exemple@medecin.mssante.example",
)
HOME = replace(
    PAUL, display_name="EHPAD FICTIF", organization="EHPAD FICTIF", finess=Finess("599990017"), siret="",
    mailbox="secretariat@ehpad-dunes.mssante.example",
)  # fmt: skip
"""A professional in the place where they ask; without the family name, the place alone."""
REPORT = replace(
    LETTER, sender=ANNE, recipient=PAUL, set_id=SET_ID, written_at=datetime(2026, 11, 20, 10, 15, tzinfo=WINTER)
)
REQUEST = replace(
    REPORT,
    code=TLM_DA_CODE,
    title="Demande de téléexpertise : dermatologie",
    sender=PAUL,
    recipient=ANNE,
    sections=(
        Section("Question posée", ("Lésion du dos, que faire ?",)),
        Section("Antécédents", ("Aucun.\nPas d’allergie connue.",)),
    ),
    treatments=("PLAVIX 75 mg, 1 comprimé par jour", "Paracétamol à la demande"),
)
SUBMISSION = Submission(
    unique_id=f"{SET_ID}.9",
    source_id="1.2.250.1.213.1.1.1.39999",
    submitted_at=datetime(2026, 11, 20, 10, 16, tzinfo=WINTER),
)
BARE = replace(
    ANNE, insurance_number="", address_lines=(), postcode="", town="", phone="", mailbox="", civility="", title="",
    given_name="",
)  # fmt: skip
UNKNOWN = PatientIdentity(birth_family_name="FICTIF", birth_given_names=("BASTIEN",), birth_date=date(1985, 7, 14))
CHANGES: dict[str, dict[str, Any]] = {
    "whole": {},
    "without-ins": {"patient": replace(PATIENT, status=InsStatus.VALIDEE)},
    "traits-alone": {"patient": UNKNOWN},
    "indeterminate": {"patient": replace(PATIENT, sex=Sex.I)},
    "corsica": {"patient": replace(PATIENT, matricule=Matricule("180032A00400103"), birth_place_code="2A004")},
    "corrected": {"version": 2, "replaces": "TE26000417.1"},
    "bare-author": {"sender": BARE},
    "without-finess": {"sender": PAUL},
    "recipient-by-name": {"recipient": Party(display_name="Dr EXEMPLE Paul")},
    "recipient-organisation": {"recipient": replace(HOME, family_name="")},
    "recipient-of-organisation": {"recipient": replace(HOME, display_name="EHPAD FICTIF - Dr Paul EXEMPLE")},
    "no-treatment-told": {"treatments": ()},
    "derived-oid": {"set_id": set_id_of(derived_root("https://miss.example"), REPORT.code, REPORT.number)},
    "summer": {"written_at": datetime(2026, 7, 1, 8, 0, tzinfo=timezone(timedelta(hours=2)))},
}


def documents() -> Iterator[tuple[str, Letter, bytes]]:
    """Every variant in both shapes: its name, its letter, its bytes."""
    for volet in Volet:
        for name, changes in CHANGES.items():
            report, request = replace(REPORT, **changes), replace(REQUEST, **changes)
            yield f"TLM-CR_{volet.value}_{name}", report, compose_report(report, PDF, volet)
            yield f"TLM-DA_{volet.value}_{name}", request, compose_request(request, volet)


_WORDS = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0x2FFF, exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]),
    min_size=1,
    max_size=12,
)
"""Anything that XML carries and no reader folds: no spaces, no controls."""


@st.composite
def full_letters(draw: st.DrawFn, base: Letter = REPORT) -> Letter:
    """Letters of many values, each of which a document gives back."""
    number = draw(st.integers(1, 99))
    seconds = draw(st.integers(0, 10**9))
    zone = timezone(timedelta(hours=draw(st.integers(-10, 12))))
    return replace(
        base,
        title=" ".join(draw(st.lists(_WORDS, min_size=1, max_size=3))),
        version=number,
        written_at=datetime(2020, 1, 1, tzinfo=zone) + timedelta(seconds=seconds),
        sender=replace(base.sender, family_name=draw(_WORDS), organization=draw(_WORDS), town=draw(_WORDS)),
        recipient=replace(base.recipient, family_name=draw(_WORDS), given_name=draw(_WORDS)),
        patient=replace(
            base.patient,
            birth_family_name=draw(_WORDS),
            birth_given_names=tuple(draw(st.lists(_WORDS, min_size=1, max_size=3))),
            birth_date=draw(st.dates(date(1900, 1, 1), date(2026, 1, 1))),
            sex=draw(st.sampled_from([Sex.M, Sex.F])),
            address_lines=tuple(draw(st.lists(_WORDS, max_size=3))),
        ),
        treatments=tuple(draw(st.lists(_WORDS, max_size=3))),
    )

"""Types of document: a part of JDV_J07 « XdsTypeCode CI-SIS », with the class and format that XDS metadata want.

LOINC: this material contains content from LOINC (http://loinc.org), copyright © Regenstrief Institute, Inc. and the
LOINC Committee, available at no cost under the licence at http://loinc.org/license.

Source: ANS, JDV_J07-XdsTypeCode-CISIS, revision of 29 June 2026; the class of each type by ASS_X04
(CorrespondanceType-Classe-CISIS, revision of 26 April 2024), classes of TRE_A03; formats of IHE ITI and TRE_A06.
"""

from dataclasses import dataclass
from typing import Final

from miss.documents.nomenclatures.model import Coded

LOINC: Final = "2.16.840.1.113883.6.1"
CLASS_SYSTEM: Final = "1.2.250.1.213.1.1.4.1"
IHE_FORMATS: Final = "1.3.6.1.4.1.19376.1.2.3"
FRENCH_FORMATS: Final = "1.2.250.1.213.1.1.4.2.282"


@dataclass(frozen=True, slots=True)
class Kind:
    """One type of document."""

    type: Coded
    class_: Coded
    """XDS classCode."""
    format: Coded
    """XDS formatCode of the shape in which it is written here."""


TLM_CR: Final = Kind(
    Coded("85208-7", LOINC, "CR de télémédecine"),
    Coded("10", CLASS_SYSTEM, "Compte rendu"),
    Coded("urn:ihe:iti:xds-sd:pdf:2008", IHE_FORMATS, "Document à corps non structuré en Pdf/A-1"),
)
TLM_DA: Final = Kind(
    Coded("75496-0", LOINC, "Demande d'acte de télémédecine"),
    Coded("10", CLASS_SYSTEM, "Compte rendu"),
    Coded("urn:asip:ci-sis:tlm-da:2020", FRENCH_FORMATS, "Demande d'acte de télémédecine"),
)
ADMINISTRATIVE: Final = Coded("51851-4", LOINC, "Document administratif")
"""A notice about a stay.  Never written as a structured document here."""
ILLUSTRATION: Final = Coded("52040-3", LOINC, "Document encapsulant une image d'illustration non DICOM")
"""Photographs with a few words.  Never written as a structured document here."""
KINDS: Final = {kind.type.code: kind for kind in (TLM_CR, TLM_DA)}

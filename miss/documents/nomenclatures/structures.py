"""Where care takes place: parts of JDV_J02 (sector of the structure) and JDV_J04 (setting of the practice).

Source: ANS, JDV_J02-XdsHealthcareFacilityTypeCode-CISIS, revision of 13 December 2024, the sectors in which somebody
asks or gives advice; JDV_J04-XdsPracticeSettingCode-CISIS, revision of 27 September 2024 (Licence Ouverte).
"""

from collections.abc import Mapping
from typing import Final

from miss.documents.nomenclatures.model import Coded

FACILITY_SYSTEM: Final = "1.2.250.1.71.4.2.4"
SETTING_SYSTEM: Final = "1.2.250.1.213.1.1.4.9"

FACILITIES: Final[Mapping[str, str]] = {
    "SA01": "Etablissement public de santé",
    "SA02": "Hôpital militaire du Service de santé des armées",
    "SA03": "Etablissement privé PSPH",
    "SA04": "Etablissement privé non PSPH",
    "SA05": "Centre de santé",
    "SA07": "Cabinet individuel",
    "SA08": "Cabinet de groupe",
    "SA09": "Exercice en société",
    "SA12": "Etablissement de soins et prévention",
    "SA15": "PMI et Planification familiale",
    "SA16": "Etablissement pour personnes handicapées",
    "SA17": "Etablissement pour personnes âgées",
    "SA25": "Laboratoire de biologie médicale",
    "SA30": "Autre établissement sanitaire",
    "SA33": "Pharmacie d'officine",
    "SA34": "Centre de dialyse",
    "SA36": "Centre anti-cancer",
    "SA41": "Autre établissement du domaine social ou médico-social",
    "SA43": "Secteur non défini",
    "SA50": "Permanence des soins ambulatoires hors cabinet",
    "SA51": "Structure de coopération avec autorisation de soins",
    "SA52": "Maison de santé ou Pôle de santé",
    "SA57": "Structure de coopération avec mission de coordination de soins",
    "SA63": "Communauté professionnelle territoriale de santé et équipe de soins spécialisés",
    "SA64": "Société de téléconsultation",
    "SA66": "Services de Prévention et de Santé au Travail (SPST)",
    "SA67": "Maisons médicales de garde (MMG)",
}
SETTINGS: Final[Mapping[str, str]] = {
    "AMBULATOIRE": "Ambulatoire",
    "AMO": "Organisme d'assurance maladie obligatoire",
    "DEPISTAGE": "Dépistage",
    "ESSMS": "Etablissement ou Service Social ou Médico-Social",
    "ETABLISSEMENT": "Etablissement de santé",
    "HAD": "Hospitalisation à domicile",
    "MAD": "Maintien à domicile",
    "PALLIATIF": "Soins palliatifs",
    "SAD": "Soins à domicile",
    "SAMU_SMUR": "SAMU/SMUR",
}
_PRACTICES: Final = frozenset({"SA05", "SA07", "SA08", "SA09", "SA50", "SA52", "SA63", "SA64", "SA67"})


def find_facility(sector: str) -> Coded | None:
    """The sector `SA07` as CDA and XDS write it (healthcareFacilityTypeCode); None if it is not one of these."""
    label = FACILITIES.get(sector)
    return Coded(sector, FACILITY_SYSTEM, label) if label is not None else None


def setting_of(sector: str) -> Coded:
    """The setting (practiceSettingCode) that goes with a sector: practices are ambulatory, the rest establishments."""
    code = "AMBULATOIRE" if sector in _PRACTICES else "ETABLISSEMENT"
    return Coded(code, SETTING_SYSTEM, SETTINGS[code])

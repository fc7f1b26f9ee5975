"""Professions and specialties of those who sign: a part of JDV_J01 « XdsAuthorSpecialty CI-SIS ».

Every profession of TRE_G15 in the value set, with the ordinal specialties (TRE_R38, `SM…`) of physicians and dentists.
The other qualifications of TRE_R38 to R45 are not here: whoever has one of those alone signs with the profession.

Source: ANS, JDV_J01-XdsAuthorSpecialty-CISIS, revision of 13 December 2024 (Licence Ouverte).
"""

from collections.abc import Mapping
from typing import Final

from miss.documents.nomenclatures.model import Coded

SYSTEM: Final = "1.2.250.1.213.1.1.4.5"
"""OID of the profession and specialty together."""

PROFESSIONS: Final[Mapping[str, str]] = {
    "10": "Médecin",
    "21": "Pharmacien",
    "26": "Audioprothésiste",
    "28": "Opticien-Lunetier",
    "31": "Assistant dentaire",
    "32": "Physicien médical",
    "35": "Aide-soignant",
    "36": "Ambulancier",
    "37": "Auxiliaire de puériculture",
    "38": "Préparateur en pharmacie hospitalière",
    "39": "Préparateur en pharmacie (officine)",
    "40": "Chirurgien-Dentiste",
    "50": "Sage-Femme",
    "60": "Infirmier",
    "69": "Infirmier psychiatrique",
    "70": "Masseur-Kinésithérapeute",
    "80": "Pédicure-Podologue",
    "81": "Orthoprothésiste",
    "82": "Podo-Orthésiste",
    "83": "Orthopédiste-Orthésiste",
    "84": "Oculariste",
    "85": "Epithésiste",
    "86": "Technicien de laboratoire médical",
    "91": "Orthophoniste",
    "92": "Orthoptiste",
    "94": "Ergothérapeute",
    "95": "Diététicien",
    "96": "Psychomotricien",
    "98": "Manipulateur ERM",
}
"""Code of TRE_G15, and its label."""

SPECIALTIES: Final[Mapping[str, str]] = {
    "10/SM01": "Médecin - Anatomie et Cytologie pathologiques (SM)",
    "10/SM02": "Médecin - Anesthésie-réanimation (SM)",
    "10/SM03": "Médecin - Biologie médicale (SM)",
    "10/SM04": "Médecin - Cardiologie et maladies vasculaires (SM)",
    "10/SM05": "Médecin - Chirurgie générale (SM)",
    "10/SM06": "Médecin - Chirurgie maxillo-faciale (SM)",
    "10/SM07": "Médecin - Chirurgie maxillo-faciale et Stomatologie (SM)",
    "10/SM08": "Médecin - Chirurgie orthopédique et Traumatologie (SM)",
    "10/SM09": "Médecin - Chirurgie infantile (SM)",
    "10/SM10": "Médecin - Chirurgie plastique reconstruct et esthétique (SM)",
    "10/SM11": "Médecin - Chirurgie thoracique et cardio-vasculaire (SM)",
    "10/SM12": "Médecin - Chirurgie urologique (SM)",
    "10/SM13": "Médecin - Chirurgie vasculaire (SM)",
    "10/SM14": "Médecin - Chirurgie viscérale et digestive (SM)",
    "10/SM15": "Médecin - Dermatologie et Vénéréologie (SM)",
    "10/SM16": "Médecin - Endocrinologie et métabolisme (SM)",
    "10/SM17": "Médecin - Génétique médicale (SM)",
    "10/SM18": "Médecin - Gériatrie (SM)",
    "10/SM19": "Médecin - Gynécologie médicale (SM)",
    "10/SM20": "Médecin - Gynécologie-obstétrique (SM)",
    "10/SM21": "Médecin - Hématologie (SM)",
    "10/SM22": "Médecin - Hématologie, opt Maladie du sang (SM)",
    "10/SM23": "Médecin - Hématologie, opt Onco-hématologie (SM)",
    "10/SM24": "Médecin - Gastro-entérologie et hépatologie (SM)",
    "10/SM25": "Médecin - Médecine du travail (SM)",
    "10/SM26": "Médecin - Qualifié en Médecine Générale (SM)",
    "10/SM27": "Médecin - Médecine interne (SM)",
    "10/SM28": "Médecin - Médecine nucléaire (SM)",
    "10/SM29": "Médecin - Médecine physique et réadaptation (SM)",
    "10/SM30": "Médecin - Néphrologie (SM)",
    "10/SM31": "Médecin - Neuro-chirurgie (SM)",
    "10/SM32": "Médecin - Neurologie (SM)",
    "10/SM33": "Médecin - Neuro-psychiatrie (SM)",
    "10/SM34": "Médecin - ORL et Chirurgie cervico-faciale (SM)",
    "10/SM35": "Médecin - Oncologie, opt Onco-hématologie (SM)",
    "10/SM36": "Médecin - Oncologie, opt médicale (SM)",
    "10/SM37": "Médecin - Oncologie, opt radiothérapie (SM)",
    "10/SM38": "Médecin - Ophtalmologie (SM)",
    "10/SM39": "Médecin - Oto-rhino-laryngologie (SM)",
    "10/SM40": "Médecin - Pédiatrie (SM)",
    "10/SM41": "Médecin - Pneumologie (SM)",
    "10/SM42": "Médecin - Psychiatrie (SM)",
    "10/SM43": "Médecin - Psychiatrie, opt enfant et adolescent (SM)",
    "10/SM44": "Médecin - Radio-diagnostic (SM)",
    "10/SM45": "Médecin - Radio-thérapie (SM)",
    "10/SM46": "Médecin - Médecine intensive-réanimation (SM)",
    "10/SM47": "Médecin - Recherche médicale (SM)",
    "10/SM48": "Médecin - Rhumatologie (SM)",
    "10/SM49": "Médecin - Santé publique et Médecine sociale (SM)",
    "10/SM50": "Médecin - Stomatologie (SM)",
    "10/SM51": "Médecin - Gynéco-obstétrique et Gynéco méd, opt Gyn-obs (SM)",
    "10/SM52": "Médecin - Gynéco-obstétrique et Gynéco méd, opt Gyn-méd (SM)",
    "10/SM53": "Médecin - Spécialiste en Médecine Générale (SM)",
    "10/SM54": "Médecin - Médecine Générale (SM)",
    "10/SM55": "Médecin - Radio-diagnostic et Radio-Thérapie (SM)",
    "10/SM56": "Médecin - Chirurgie orale (SM)",
    "10/SM57": "Médecin - Allergologie (SM)",
    "10/SM58": "Médecin - Maladies infectieuses et tropicales (SM)",
    "10/SM59": "Médecin - Médecine d'urgence (SM)",
    "10/SM60": "Médecin - Médecine légale et expertises médicales (SM)",
    "10/SM61": "Médecin - Médecine vasculaire (SM)",
    "10/SM62": "Médecin - Endocrinologie, diabétologie, nutrition (SM)",
    "10/SM63": "Médecin - Biologie médicale option biologie générale (SM)",
    "10/SM64": "Médecin - Biologie médicale option médecine moléculaire, génétique et pharmacologie (SM)",
    "10/SM65": "Médecin - Biologie médicale option hématologie et immunologie (SM)",
    "10/SM66": "Médecin - Biologie médicale option agents infectieux (SM)",
    "10/SM67": "Médecin - Biologie médicale option biologie de la reproduction (SM)",
    "10/SM68": "Médecin - Chirurgie maxillo-faciale (réforme 2017) (SM)",
    "10/SM69": "Médecin - Chirurgie pédiatrique option chirurgie viscérale pédiatrique (SM)",
    "10/SM70": "Médecin - Chirurgie pédiatrique option orthopédie pédiatrique (SM)",
    "10/SM71": "Médecin - Hématologie (réforme 2017) (SM)",
    "10/SM72": "Médecin - Médecine interne et immunologie clinique (SM)",
    "10/SM73": "Médecin - Médecine cardiovasculaire (SM)",
    "10/SM74": "Médecin - Radiologie et imagerie médicale (SM)",
    "10/SM75": "Médecin - Santé publique (SM)",
    "10/SM76": "Médecin - Anesthésie-réanimation option anesthésie-pédiatrique (SM)",
    "10/SM77": "Médecin - Chirurgie maxillo-faciale option orthodontie des dysmorphies maxillo-faciales (SM)",
    "10/SM78": "Médecin - Chirurgie viscérale et digestive option endoscopie chirurgicale (SM)",
    "10/SM79": "Médecin - Médecine cardiovasculaire option cardiologie interventionnelle (SM)",
    "10/SM80": "Médecin - Médecine cardiovasculaire option imagerie cardio d'expert (SM)",
    "10/SM81": "Médecin - Médecine cardiovasculaire option rythmologie interventionnelle et stimulation cardiaque (SM)",
    "10/SM82": "Médecin - Médecine intensive-réanimation option réanimation pédiatrique (SM)",
    "10/SM83": "Médecin - Néphrologie option soins intensifs néphrologiques (SM)",
    "10/SM84": "Médecin - Neurologie option traitement interventionnel de l'ischémie cérébrale aigüe (SM)",
    "10/SM85": "Médecin - Ophtalmo option chirurgie ophtalmopédiatrique et strabologique (SM)",
    "10/SM86": "Médecin - ORL et chirurgie cervico-faciale option audiophonologie (SM)",
    "10/SM87": "Médecin - Pédiatrie option néonatologie (SM)",
    "10/SM88": "Médecin - Pédiatrie option neuropédiatrie (SM)",
    "10/SM89": "Médecin - Pédiatrie option pneumopédiatrie (SM)",
    "10/SM90": "Médecin - Pédiatrie option réanimation pédiatrique (SM)",
    "10/SM91": "Médecin - Pneumologie option soins intensifs respiratoires (SM)",
    "10/SM92": "Médecin - Psychiatrie option enfant et adolescent (SM)",
    "10/SM93": "Médecin - Psychiatrie option psychiatrie personne âgée (SM)",
    "10/SM94": "Médecin - Radiologie imagerie médicale option radiologie interventionnelle avancée (SM)",
    "10/SM95": "Médecin - Santé publique option administration de la santé (SM)",
}
"""Codes of TRE_G15 and TRE_R38, and the label that the value set gives both together."""


def find_specialty(profession: str, specialty: str = "") -> Coded | None:
    """What somebody of this profession (`10`) and specialty (`SM15`) signs with; None for an unknown profession."""
    label = SPECIALTIES.get(f"{profession}/{specialty}")
    if label is not None:
        return Coded(f"G15_{profession}/{specialty}", SYSTEM, label)
    label = PROFESSIONS.get(profession)
    return Coded(f"G15_{profession}", SYSTEM, label) if label is not None else None

"""Write extraction files in the two published column sets of the register, and in that of the mailboxes."""

from collections.abc import Iterable, Mapping

_UP_TO_EMAIL = """
Code civilité|Libellé civilité|Nom d'exercice|Prénom d'exercice|Code profession|Libellé profession|
Code catégorie professionnelle|Libellé catégorie professionnelle|Code type savoir-faire|Libellé type savoir-faire|
Code savoir-faire|Libellé savoir-faire|Code mode exercice|Libellé mode exercice|Numéro SIRET site|Numéro SIREN site|
Numéro FINESS site|Numéro FINESS établissement juridique|Identifiant technique de la structure|Raison sociale site|
Enseigne commerciale site|Complément destinataire (coord. structure)|
Complément point géographique (coord. structure)|Numéro Voie (coord. structure)|
Indice répétition voie (coord. structure)|Code type de voie (coord. structure)|
Libellé type de voie (coord. structure)|Libellé Voie (coord. structure)|Mention distribution (coord. structure)|
Bureau cedex (coord. structure)|Code postal (coord. structure)|Code commune (coord. structure)|
Libellé commune (coord. structure)|Code pays (coord. structure)|Libellé pays (coord. structure)|
Téléphone (coord. structure)|Téléphone 2 (coord. structure)|Télécopie (coord. structure)|
Adresse e-mail (coord. structure)|
"""
_IDENTIFIERS = "Type d'identifiant PP|Identifiant PP|Identification nationale PP|Code civilité d'exercice|"
_END = """
Ancien identifiant de la structure|Autorité d'enregistrement|Code secteur d'activité|Libellé secteur d'activité|
Code section tableau pharmaciens|Libellé section tableau pharmaciens|
"""


def _labels(*texts: str) -> tuple[str, ...]:
    return tuple(label for label in "".join(texts).replace("\n", "").split("|") if label)


COLUMNS_2021 = _labels(
    _IDENTIFIERS,
    "Libellé civilité d'exercice|",
    _UP_TO_EMAIL,
    "Code Département (structure)|Libellé Département (structure)|",
    _END,
)
"""52 columns."""
COLUMNS_2026 = _labels(
    _IDENTIFIERS,
    "Libellé civilité exercice|",
    _UP_TO_EMAIL.replace("voie (coord. structure)", "voie (coord. Structure)", 1),
    "Code département (coord. structure)|Libellé département (coord. structure)|",
    _END,
    "Code fonction|Libellé fonction|Code genre d'activité|Libellé genre d'activité|",
)
"""56 columns."""
MAILBOX_COLUMNS = _labels(
    "Type de BAL|Adresse BAL|Type Identifiant PP|Identifiant PP|Identification nationale PP|",
    "Type identifiant structure|Identification Structure|Service de rattachement|Civilité d'exercice|Nom d'exercice|",
    "Prénom d'exercice|Catégorie profession|Libellé de catégorie profession|Code Profession|Libellé Profession|",
    "Code savoir-faire|Libellé savoir-faire|Dématérialisation|Raison Sociale structure BAL|",
    "Enseigne commerciale structure BAL|L2COMPLEMENTLOCALISATION|L3COMPLEMENTDISTRIBUTION|L4NUMEROVOIE|",
    "L4COMPLEMENTNUMEROVOIE|NL4TYPEVOIE|L4LIBELLEVOIE|L5LIEUDITMENTION|L6LIGNEACHEMINEMENT|Code postal|",
    "Département|Pays|",
)
"""31 columns."""

COLUMNS_WITHOUT_SKILLS = tuple(column for column in COLUMNS_2026 if "avoir-faire" not in column)
"""52 columns: the cut that moved the savoir-faire to a file of their own."""
SKILL_COLUMNS = (
    *_labels(_IDENTIFIERS)[:3],
    *("Nom d'exercice", "Prénom d'exercice", "Code profession", "Libellé profession"),
    *("Code catégorie professionnelle", "Libellé catégorie professionnelle", "Code type savoir-faire"),
    *("Libellé type savoir-faire", "Code savoir-faire", "Libellé savoir-faire"),
)
"""13 columns."""
QUALIFICATION_COLUMNS = (
    *_labels(_IDENTIFIERS)[:3],
    *("Nom d'exercice", "Prénom d'exercice", "Code type diplôme obtenu", "Libellé type diplôme obtenu"),
    *("Code diplôme obtenu", "Libellé diplôme obtenu", "Code type autorisation", "Libellé type autorisation"),
    *("Code discipline autorisation", "Libellé discipline autorisation"),
)
"""13 columns."""

PAUL = {
    "Type d'identifiant PP": "8",
    "Identifiant PP": "99900000029",
    "Identification nationale PP": "899900000029",
    "Code civilité d'exercice": "DR",
    "Code civilité": "M",
    "Nom d'exercice": "EXEMPLE",
    "Prénom d'exercice": "Paul",
    "Code profession": "10",
    "Libellé profession": "Médecin",
    "Code savoir-faire": "SM54",
    "Libellé savoir-faire": "Médecine générale",
    "Numéro FINESS site": "599990009",
    "Identifiant technique de la structure": "F599990009",
    "Raison sociale site": "CH fictif de Lille",
    "Code postal (coord. structure)": "59000",
    "Libellé commune (coord. structure)": "Lille",
    "Téléphone (coord. structure)": "0353010001",
}
"""A line of the register, by label."""


def a_person(rpps: str, **fields: str) -> dict[str, str]:
    """Paul's line under another RPPS number; `fields` by names: family, given, specialty…"""
    names = {
        "family": "Nom d'exercice",
        "given": "Prénom d'exercice",
        "profession": "Code profession",
        "specialty": "Code savoir-faire",
        "specialty_display": "Libellé savoir-faire",
        "finess": "Numéro FINESS site",
        "structure": "Identifiant technique de la structure",
        "organization": "Raison sociale site",
        "town": "Libellé commune (coord. structure)",
        "civility": "Code civilité d'exercice",
    }
    return (
        PAUL
        | {"Identifiant PP": rpps, "Identification nationale PP": f"8{rpps}"}
        | {names[name]: value for name, value in fields.items()}
    )


def an_address(address: str, rpps: str = "", kind: str = "PER") -> dict[str, str]:
    """A line of the mailboxes."""
    return {
        "Type de BAL": kind,
        "Adresse BAL": address,
        "Identification nationale PP": f"8{rpps}" if rpps else "",
    }


def extraction(columns: tuple[str, ...], lines: Iterable[Mapping[str, str]]) -> list[bytes]:
    """The lines of a file with these columns."""
    rows = [columns, *([line.get(column, "") for column in columns] for line in lines)]
    return ["".join(f"{field}|" for field in row).encode() + b"\n" for row in rows]

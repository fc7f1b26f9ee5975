"""Requests for advice as a GP's software mails them: an HPRIM header, labelled answers, two photos."""

from collections.abc import Mapping
from datetime import date
from email.message import EmailMessage
from typing import NamedTuple

PLATFORM = "teleexpertise"
SENDER = "paul.exemple@medecin.mssante.example"


class DemoPatient(NamedTuple):
    """A fictive patient: a header's lines 2 to 8."""

    family: str
    given: str
    street: str
    town: str
    birth_date: str
    nir: str


BASTIEN = DemoPatient("FICTIF", "BASTIEN", "12 RUE DES TESTS", "59140 DUNKERQUE", "14/07/1985", "185075918304224")
JEANNE = DemoPatient("IMAGINAIRE", "JEANNE", "3 QUAI DES ESSAIS", "59140 DUNKERQUE", "02/03/1979", "279035121518989")
LOUISE = DemoPatient("INVENTEE", "LOUISE", "8 PLACE DU MODELE", "59240 DUNKERQUE", "21/08/1955", "255081416802538")

_PIGMENTED = {
    "d.alerte": "non",
    "c.delai": "7 jours",
    "c.but": "Diagnostic",
    "c.question": "Lésion pigmentée du dos : faut-il une exérèse ?",
    "c.hypothese": "Nævus atypique",
    "c.terrain": "Aucun",
    "c.allergie": "non",
    "c.information": "oui",
    "d.type": "Lésion pigmentée",
    "d.siege": "Tronc",
    "d.debut": "> 6 mois",
    "d.evolution": "Stable",
    "d.signes": "Aucun",
    "d.diametre": "7",
    "d.abcde": "Asymétrie",
    "d.essai": "Rien",
}
_ERUPTION = _PIGMENTED | {
    "c.but": "Conduite à tenir",
    "c.question": "Éruption prurigineuse des avant-bras résistant au dermocorticoïde : que proposer ?",
    "c.hypothese": "Eczéma de contact",
    "d.type": "Éruption",
    "d.siege": "Membre supérieur",
    "d.debut": "1-4 sem",
    "d.evolution": "Poussées",
    "d.signes": "Prurit",
    "d.elementaire": "Papule ; Vésicule",
    "d.medicament": "non",
    "d.essai": "Dermocorticoïde",
}
_ALERT = _ERUPTION | {
    "d.alerte": "oui",
    "d.alerte.action": "Avis téléphonique obtenu",
    "c.delai": "24 h ouvrées",
    "c.question": "Éruption étendue depuis 24 h, vue au téléphone avec le 15 : surveillance à domicile possible ?",
    "d.debut": "< 48 h",
    "d.evolution": "Extension",
}
_NOT_PIGMENTED = ("d.diametre", "d.abcde")


class DemoRequest(NamedTuple):
    """One request: who it is about and what is answered."""

    patient: DemoPatient
    answers: Mapping[str, str]


FIRST = DemoRequest(BASTIEN, _PIGMENTED)
SECOND = DemoRequest(JEANNE, {name: text for name, text in _ERUPTION.items() if name not in _NOT_PIGMENTED})
URGENT = DemoRequest(LOUISE, {name: text for name, text in _ALERT.items() if name not in _NOT_PIGMENTED})


def compose_request(
    request: DemoRequest, *, number: int, sent_on: date, photos: tuple[bytes, bytes], domain: str
) -> EmailMessage:
    """The mail, as sent to the platform's single address."""
    patient = request.patient
    header = [
        f"P{number:05}",
        patient.family,
        patient.given,
        patient.street,
        "",
        patient.town,
        patient.birth_date,
        patient.nir,
        f"P{number:05}",
        f"{sent_on:%d/%m/%Y}",
        "GPEXEMPLE  Dr EXEMPLE Paul",
        "TELEEXP    Téléexpertise",
        "",
    ]
    sex = "Masculin" if patient.nir.startswith("1") else "Féminin"
    answers = {"Formulaire": "dermatologie", "c.patient.sexe": sex, **request.answers}
    lines = [*header, *(f"{name} : {text}" for name, text in answers.items()), "****FIN****", "****FINFICHIER****"]
    mail = EmailMessage()
    mail["From"] = f"Dr Paul EXEMPLE <{SENDER}>"
    mail["To"] = f"{PLATFORM}@{domain}"
    mail["Subject"] = "Demande d'avis dermatologie"
    mail["Message-ID"] = f"<demande-{number}.{sent_on:%Y%m%d}@medecin.mssante.example>"
    mail.set_content("\r\n".join(lines), charset="iso-8859-1")
    for name, photo in zip(("d.photo.large.jpg", "d.photo.proche.jpg"), photos, strict=True):
        mail.add_attachment(photo, maintype="image", subtype="jpeg", filename=name)
    return mail

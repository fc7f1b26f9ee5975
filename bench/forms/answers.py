"""What the walks answer: a usual case of each specialty, its required questions only.

A question that is not here is answered with its « Aucun », else with « non », else with its first choice: the required
path of a case without particulars.
"""

from collections.abc import Mapping

CHOICES: Mapping[str, str] = {
    "c.information": "true",
    "c.delai": "72h",
    "c.but": "diagnostic",
    "d.type": "pigmentee",
    "d.siege": "tronc",
    "k.motif": "palpitations",
    "p.type": "escarre",
    "p.anciennete": "1-4sem",
    "p.pansement": "hydrocolloide",
    "p.refection": "3j",
    "p.decharge": "matelas",
    "r.decision": "avis",
    "r.qualite": "suffisante",
}
TEXTS: Mapping[str, str] = {
    "c.patient.nom": "FICTIF",
    "c.patient.prenom": "BASTIEN",
    "c.patient.prenoms": "BASTIEN",
    "c.patient.naissance": "1985-07-14",
    "c.question": "Faut-il retirer cette lésion apparue au printemps ?",
    "d.diametre": "7",
    "k.pas": "132",
    "k.pad": "78",
    "k.fc": "84",
    "k.ecg.date": "2026-11-20T09:30",
    "p.longueur": "3,5",
    "p.largeur": "2",
    "p.douleur": "3",
    "r.diagnostic": "Nævus mélanocytaire commun (D22.5)",
    "r.conduite": "Pas d’exérèse. Photographie de contrôle dans trois mois, plus tôt si la lésion change.",
}
QUESTIONS: Mapping[str, str] = {
    "plaies": "Quel pansement, et faut-il débrider la fibrine ?",
}
"""`c.question` of a form where that of `TEXTS` would make no sense."""
TYPED_DATES = {"date": 8, "datetime-local": 12}
"""Digits that a date, and a date with its time, take; the controls add what stands between them."""
OTHER_TEXT = "Sans particularité"
OTHER_NUMBER = "2"

"""What the fictive hospital's programs send, with one thing changed if a test asks for it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
INS = "279035121518989"
INS_TEST = "1.2.250.1.213.1.4.10"

SEGMENTS: Mapping[str, str] = {
    "MSH": "MSH|^~\\&|CEPAGE|CHFICTIF|MISS|MISS|20261120101500+0100||ADT^A01^ADT_A01|MSG00001|P|2.5^FRA^2.11"
    "||||||UNICODE UTF-8",
    "EVN": "EVN||20261120101500+0100",
    "PID": f"PID|1||4512^^^CHFICTIF&1.2.3&ISO^PI~{INS}^^^ASIP-SANTE-INS-NIR&{INS_TEST}&ISO^INS||"
    "EXEMPLE^Jeanne^Jeanne Marie^^^^L~RENOM^Jeanne^^^^^D||19790303|F|||^^^^^^BDL^^59350",
    "PV1": "PV1|1|I|CARDIO^12^1^CHFICTIF|||||||||||||||||||||||||||||||||||||||||",
    "ROL": "ROL||UP|ODRP|99900000029^EXEMPLE^Paul^^^^^^ASIP-SANTE-PS&1.2.250.1.71.4.2.1&ISO^L^^^RPPS",
    "ZBE": "ZBE|MVT0001^CHFICTIF|20261120101500+0100||INSERT|N|A01",
}


def message(event: str = "A01", **segments: str) -> bytes:
    """One ADT message; a segment given empty is left out."""
    parts = dict(SEGMENTS) | segments
    parts["MSH"] = parts["MSH"].replace("A01^ADT_A01", f"{event}^ADT_{event}")
    return "".join(f"{part}\r" for part in parts.values() if part).encode()


HEADER = "Mouvement;Date;Nom de naissance;Prénoms;Date de naissance;Sexe;Identifiant;Service;RPPS du médecin\r\n"
LINE = "admission;20/11/2026 10:15;EXEMPLE;Jeanne;03/03/1979;F;M1;Cardiologie;99900000029\r\n"

"""Acts of telemedicine in the NGAP, and which of them a document may name in its year.

The volets TLM-DA and TLM-CR of 2022 take eight codes, under an OID of their own; those of 2026 take any code of the
NGAP, under the OID of the NGAP, and the request then names the requester's own act (RQD).

Source: ANS, schematrons `Entete_TLM-CR` and `Entete_TLM-DA` 2022.01 and 2026.01 (30 March 2026).
"""

from enum import StrEnum
from typing import Final

from miss.documents.nomenclatures.kinds import TLM_DA
from miss.documents.nomenclatures.model import Coded


class Volet(StrEnum):
    """The year of the volets that a document follows."""

    V2022 = "2022.01"
    V2026 = "2026.01"


NGAP_SYSTEM: Final = {Volet.V2022: "1.2.250.1.215.200.3.3", Volet.V2026: "1.2.250.1.215.300.3"}
CODES_2022: Final = frozenset({"TCG", "TC", "TE1", "TE2", "TLD", "TLL", "TLM", "TLS"})

TE2: Final = Coded("TE2", NGAP_SYSTEM[Volet.V2026], "Téléexpertise")
RQD: Final = Coded("RQD", NGAP_SYSTEM[Volet.V2026], "Acte de demande d’une téléexpertise")


def act_for(document_code: str, act: Coded | None, volet: Volet) -> Coded:
    """The documented act as a document of `volet` names it; None: the one that goes with its type.

    A request of 2022 names the act it asks for: there was no code for asking.
    """
    if act is None:
        act = RQD if document_code == TLM_DA.type.code else TE2
    if volet is Volet.V2022 and act.code == RQD.code:
        act = TE2
    return Coded(act.code, NGAP_SYSTEM[volet], act.label)
